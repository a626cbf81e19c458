"""Days and months of the desk in sum (REC-12)."""
