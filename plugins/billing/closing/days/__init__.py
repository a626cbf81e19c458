"""Days and weeks of cash that are closed (BIL-4)."""
