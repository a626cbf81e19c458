"""Staff accounts: who works for a company, in which roles and where; how they come in and how they go."""
