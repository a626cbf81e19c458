"""Collection at home (BIL-3): receipt books, visits by appointment, and what was collected on them."""
