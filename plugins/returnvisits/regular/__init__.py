"""Visits that no matter leads to: the manager to each building, stewards through their area (VIS-3)."""
