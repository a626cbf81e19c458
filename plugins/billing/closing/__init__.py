"""Cash closing: shifts, days and weeks, and the bank's files beside the ledger (BIL-4)."""
