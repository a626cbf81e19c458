"""Meters and their readings (BIL-1): what they counted is what households are charged for."""
