"""The month in sum: what was owed and made, what failed, what is done about it (VIS-6)."""
