"""The table of rents as the migration leaves it."""

from __future__ import annotations

from piccolo.columns import UUID, Date, Integer, Numeric, SmallInt, Text, Timestamptz

from core.sdk import Privacy, TenantTable


class BillingRent(TenantTable, tablename="billing_rent"):
    """A contract of a unit: who pays what rent from when to when, and how it rises."""

    privacy = Privacy(
        purpose="charging what is owed", plain="number", free_text="note", party="party_id", staff="by_name"
    )
    site_id = UUID(default=None)
    item_id = UUID(default=None)
    unit_id = UUID(default=None)
    party_id = UUID(default=None)
    number = Text(default=None)
    first_day = Date(default=None)
    last_day = Date(default=None)
    ended_on = Date(null=True, default=None)
    until = Date(default=None)  # generated
    per = Text(default=None)
    price = Numeric(default=None)
    rises_every = SmallInt(null=True, default=None)
    rises_how = Text(null=True, default=None)
    rises_by = Numeric(null=True, default=None)
    rises_unit = Text(null=True, default=None)
    rises_mode = Text(null=True, default=None)
    note = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)
    version = Integer(default=None)


ALL = (BillingRent,)
