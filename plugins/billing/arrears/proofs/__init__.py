"""Files that prove the steps of dunning (BIL-5)."""
