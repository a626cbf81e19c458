"""What a household owes and has paid, for itself to read: a link by text message, and a code that opens it (BIL-8)."""
