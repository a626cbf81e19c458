"""Costs that households share (BIL-1): a month's bill spread over units, to the fen."""
