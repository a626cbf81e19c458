"""How fast Lodge is, as ratios to a bare handler that sends PostgreSQL the same statements: `python -m tests.bench`."""
