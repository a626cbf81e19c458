"""Tariffs (BIL-1): what is charged for, by which price, where, and for how much of it."""
