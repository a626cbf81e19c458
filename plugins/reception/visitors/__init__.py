"""Visitors: who comes to whom, who may not, and who is in the house (REC-7 to REC-9)."""
