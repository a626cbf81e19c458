"""Scan and pay."""
