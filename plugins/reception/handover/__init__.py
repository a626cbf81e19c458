"""Handing the desk over from shift to shift."""
