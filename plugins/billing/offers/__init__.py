"""Offers to whoever pays months ahead (BIL-1): so many months are paid for, so many more are free."""
