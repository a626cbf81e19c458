"""The technician's own orders on a phone, with or without a connection (REP-3)."""
