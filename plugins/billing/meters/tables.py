"""The tables of meters as the migration leaves them."""

from __future__ import annotations

from piccolo.columns import UUID, Date, Integer, Numeric, SmallInt, Text, Timestamptz

from core.sdk import Privacy, TenantTable


class BillingMeter(TenantTable, tablename="billing_meter"):
    """A meter of a unit, or of what households share."""

    privacy = Privacy(plain="number label")
    site_id = UUID(default=None)
    item_id = UUID(default=None)
    unit_id = UUID(null=True, default=None)
    number = Text(default=None)
    label = Text(default=None)
    digits = SmallInt(null=True, default=None)
    multiplier = Numeric(digits=(9, 3), default=None)
    installed_on = Date(default=None)
    removed_on = Date(null=True, default=None)
    version = Integer(default=None)


class BillingReading(TenantTable, tablename="billing_reading"):
    """What a meter showed on a day, or that it was replaced; never changed."""

    privacy = Privacy(staff="by_name")
    site_id = UUID(default=None)
    meter_id = UUID(default=None)
    day = Date(default=None)
    number = Integer(default=None)
    kind = Text(default=None)
    value = Numeric(digits=(14, 3), null=True, default=None)
    old_final = Numeric(digits=(14, 3), null=True, default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


ALL = (BillingMeter, BillingReading)
