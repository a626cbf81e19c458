"""Letters and the complaint box (REC-10)."""
