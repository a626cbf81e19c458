"""Discounts (BIL-1): less than the price for some days, once a second person has agreed."""
