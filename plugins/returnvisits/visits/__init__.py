"""Visits that are owed and made (VIS-1, VIS-2, VIS-4)."""
