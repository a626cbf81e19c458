"""What is said at the desk: the greeting, situations, guidance by purpose (REC-3, REC-4)."""
