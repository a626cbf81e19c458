"""The table of discounts as the migration leaves it."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Date, Integer, Numeric, Text, Timestamptz

from core.sdk import Privacy, TenantTable


class BillingDiscount(TenantTable, tablename="billing_discount"):
    """On its days only so much of an item's price is owed, or a fixed sum less each period, at a unit or at the whole
    site; what came with months that were paid ahead names their receipt."""

    privacy = Privacy(purpose="charging what is owed", free_text="reason", staff="asked_by_name by_name")
    site_id = UUID(default=None)
    item_id = UUID(default=None)
    unit_id = UUID(null=True, default=None)
    kind = Text(default=None)
    since = Date(default=None)
    until = Date(null=True, default=None)
    factor = Numeric(digits=(5, 4), null=True, default=None)
    off_fen = BigInt(null=True, default=None)
    offer_id = UUID(null=True, default=None)
    receipt_id = UUID(null=True, default=None)
    reason = Text(default=None)
    asked_by_name = Text(default=None)
    asked_by = UUID(null=True, default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)
    version = Integer(default=None)


ALL = (BillingDiscount,)
