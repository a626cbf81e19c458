"""The long part of the safety catalogue: `make test-safety`. What is quick of it runs with all other tests."""
