"""Which steward looks after which buildings (VIS-3)."""
