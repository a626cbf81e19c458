"""The ledger: entries that nobody changes, what is open on a unit's account, months that are closed (MO-1 to MO-7)."""
