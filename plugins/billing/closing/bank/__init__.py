"""The bank's statements beside the ledger, line by line and month by month (BIL-4)."""
