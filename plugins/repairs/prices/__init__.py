"""The price list of repairs (REP-3): what materials and labour cost, from which day on."""
