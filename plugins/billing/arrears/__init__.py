"""Arrears (BIL-5, BIL-6): who owes what since when, how it is asked for, and how much of it comes in."""
