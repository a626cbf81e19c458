"""What a repair took and costs (REP-3): materials, labour, and that the resident agrees."""
