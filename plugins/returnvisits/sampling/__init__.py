"""Which matters are visited: drawn by the system, and anybody can draw them again (VIS-5)."""
