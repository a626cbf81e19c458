"""How much of what is charged for each unit has: areas and spaces, each as a history (BIL-1)."""
