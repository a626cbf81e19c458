"""Corrections: what was billed from wrong facts, computed anew and put right in the ledger (BIL-7)."""
