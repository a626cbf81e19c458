"""Work orders as lists (REP-3): what runs, what is urgent, what waits, what is done."""
