"""Runs (BIL-2): what a month's items come to for whom, looked at by two people before it is owed."""
