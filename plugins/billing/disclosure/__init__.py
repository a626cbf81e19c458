"""What a site spends, and what its owners are told of income and expenses (BIL-8)."""
