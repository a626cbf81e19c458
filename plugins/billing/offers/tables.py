"""The table of prepayment offers as the migration leaves it."""

from __future__ import annotations

from piccolo.columns import UUID, Date, Integer, SmallInt, Text, Timestamptz

from core.sdk import Privacy, TenantTable


class BillingOffer(TenantTable, tablename="billing_offer"):
    """Who pays so many months ahead has so many free: published, and taken at the counter."""

    privacy = Privacy(purpose="charging what is owed", plain="title", staff="by_name")
    site_id = UUID(default=None)
    item_id = UUID(default=None)
    title = Text(default=None)
    paid = SmallInt(default=None)
    free = SmallInt(default=None)
    since = Date(default=None)
    until = Date(null=True, default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)
    version = Integer(default=None)


ALL = (BillingOffer,)
