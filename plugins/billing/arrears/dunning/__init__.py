"""The dunning ladder (BIL-5): from a message to the lawyer, each step on record, none before its time."""
