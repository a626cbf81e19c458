"""Who is liable for a repair (REP-1): the dates of units, the rules, what was decided."""
