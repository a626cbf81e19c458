"""Rents: contracts of units, whose prices rise by agreement, charged by runs like any other item (BIL-1)."""
