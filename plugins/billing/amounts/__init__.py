"""How an amount is computed: pure functions over frozen structs. Exact rationals until the one rounding, then fen."""
