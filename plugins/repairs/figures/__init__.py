"""Figures of repairs: how many, in time, done again, how long, what they cost."""
