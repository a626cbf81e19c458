"""Codes that people pay by (BIL-3): providers of a site, orders, what providers tell of them."""
