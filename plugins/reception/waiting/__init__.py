"""The line at the counter (REC-11)."""
