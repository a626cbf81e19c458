"""Who it is that calls, confirmed (REC-5)."""
