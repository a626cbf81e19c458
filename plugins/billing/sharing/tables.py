"""The tables of shared costs as the migration leaves them."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Date, Integer, Numeric, SmallInt, Text, Timestamptz

from core.sdk import Privacy, TenantTable


class BillingCost(TenantTable, tablename="billing_cost"):
    """A month's cost of an item that households share; never changed."""

    privacy = Privacy(plain="building bill", staff="by_name")
    site_id = UUID(default=None)
    item_id = UUID(default=None)
    month = Date(default=None)
    building = Text(default=None)
    method = Text(default=None)
    total_fen = BigInt(default=None)
    bill = Text(default=None)
    meter_id = UUID(null=True, default=None)
    used = Numeric(digits=(14, 3), null=True, default=None)
    price = Numeric(digits=(15, 6), null=True, default=None)
    units = Integer(default=None)
    weights = Numeric(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class BillingShare(TenantTable, tablename="billing_share"):
    """A unit's share of a cost, and what it was computed from."""

    privacy = Privacy()
    site_id = UUID(default=None)
    cost_id = UUID(default=None)
    unit_id = UUID(default=None)
    weight = Numeric(default=None)
    over_fen = SmallInt(default=None)
    amount_fen = BigInt(default=None)


ALL = (BillingCost, BillingShare)
