"""What was charged, received and is open, by item, building and month, and who took how much."""
