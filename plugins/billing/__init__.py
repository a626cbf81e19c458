"""Billing: what everybody owes, and why it is that much (BIL-1 to BIL-8)."""
