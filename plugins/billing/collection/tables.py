"""The tables of collection at home as the migration leaves them."""

from __future__ import annotations

from typing import Final

from piccolo.columns import UUID, BigInt, Date, Integer, SmallInt, Text, Time, Timestamptz

from core.sdk import KeyedTable, Privacy, TenantTable

_PURPOSE: Final = "collecting what is owed at people's homes"


class BillingBook(TenantTable, tablename="billing_book"):
    """A book of printed receipts, who has it, and how its numbers stood when it came back."""

    privacy = Privacy(plain="prefix", staff="holder_name handed_by_name returned_by_name")
    site_id = UUID(default=None)
    prefix = Text(default=None)
    digits = SmallInt(default=None)
    first = Integer(default=None)
    last = Integer(default=None)
    holder_id = UUID(default=None)
    holder_name = Text(default=None)
    handed_on = Date(default=None)
    handed_at = Timestamptz(default=None)
    handed_by = UUID(null=True, default=None)
    handed_by_name = Text(default=None)
    returned_at = Timestamptz(null=True, default=None)
    returned_by = UUID(null=True, default=None)
    returned_by_name = Text(default=None)
    used = Integer(null=True, default=None)
    spoiled = Integer(null=True, default=None)
    lost = Integer(null=True, default=None)
    unused = Integer(null=True, default=None)
    amount_fen = BigInt(null=True, default=None)
    status = Text(default=None)  # generated
    version = Integer(default=None)


class BillingPaper(KeyedTable, tablename="billing_paper"):
    """What became of a printed number; only ever added to."""

    privacy = Privacy(
        purpose=_PURPOSE, free_text="reason", staff="by_name", parent={"receipt_id": "billing_receipt.id"}
    )
    book_id = UUID(primary_key=True, default=None)
    number = Integer(default=None)
    site_id = UUID(default=None)
    fate = Text(default=None)
    receipt_id = UUID(null=True, default=None)
    reason = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class BillingVisit(TenantTable, tablename="billing_visit"):
    """A visit that a household has agreed to, and what came of it."""

    privacy = Privacy(
        purpose=_PURPOSE,
        free_text="why note reason",
        staff="collector_name agreed_by_name settled_by_name",
        party="party_id",
    )
    site_id = UUID(default=None)
    unit_id = UUID(default=None)
    party_id = UUID(default=None)
    day = Date(default=None)
    starts = Time(default=None)
    ends = Time(default=None)
    collector_id = UUID(default=None)
    collector_name = Text(default=None)
    why = Text(default=None)
    note = Text(default=None)
    dunning_id = UUID(null=True, default=None)
    agreed_at = Timestamptz(default=None)
    agreed_by = UUID(null=True, default=None)
    agreed_by_name = Text(default=None)
    outcome = Text(default=None)
    reason = Text(default=None)
    receipt_id = UUID(null=True, default=None)
    settled_at = Timestamptz(null=True, default=None)
    settled_by = UUID(null=True, default=None)
    settled_by_name = Text(default=None)
    status = Text(default=None)  # generated
    version = Integer(default=None)


ALL = (BillingBook, BillingPaper, BillingVisit)
