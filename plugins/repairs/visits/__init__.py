"""Visits of technicians (REP-2): trades, free times, what was agreed, the plan of a day."""
