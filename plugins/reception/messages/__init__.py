"""Messages for absent colleagues (REC-6)."""
