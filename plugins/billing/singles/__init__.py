"""Something single (BIL-1): a service or a fee that a household owes once, posted at once and explained like a bill."""
