"""The cashier's counter (BIL-3): money is taken, receipts are given, kept and voided."""
