"""The tables of corrections as the migration leaves them."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Date, Integer, Text, Timestamptz

from core.sdk import Privacy, TenantTable


class BillingCorrection(TenantTable, tablename="billing_correction"):
    """What was billed from wrong facts and is put right (BIL-7)."""

    # the reason goes with the ledger's entries and says what was wrong, about no person: nobody can empty it later
    privacy = Privacy(plain="reason status", staff="created_by_name approved_by_name")
    site_id = UUID(default=None)
    reason = Text(default=None)
    since = Date(default=None)
    item_id = UUID(null=True, default=None)
    unit_id = UUID(null=True, default=None)
    status = Text(default=None)  # generated
    done = Integer(default=None)
    units = Integer(default=None)
    reached = UUID(null=True, default=None)
    looked = Integer(default=None)
    lines = Integer(default=None)
    unknown = Integer(default=None)
    credit_fen = BigInt(default=None)
    debit_fen = BigInt(default=None)
    settled = Integer(default=None)
    settled_to = UUID(null=True, default=None)
    passed = Integer(default=None)
    moved_at = Timestamptz(default=None)
    created_at = Timestamptz(default=None)
    created_by = UUID(null=True, default=None)
    created_by_name = Text(default=None)
    computed_at = Timestamptz(null=True, default=None)
    asked_at = Timestamptz(null=True, default=None)
    approved_at = Timestamptz(null=True, default=None)
    approved_by = UUID(null=True, default=None)
    approved_by_name = Text(default=None)
    posted_at = Timestamptz(null=True, default=None)
    discarded_at = Timestamptz(null=True, default=None)
    version = Integer(default=None)


class BillingCorrectionLine(TenantTable, tablename="billing_correction_line"):
    """A charge that comes to something else, and all that this was computed from."""

    privacy = Privacy(purpose="charging what is owed", plain="facts freed", party="party_id")
    site_id = UUID(default=None)
    correction_id = UUID(default=None)
    charge_id = UUID(default=None)
    item_id = UUID(default=None)
    unit_id = UUID(default=None)
    party_id = UUID(default=None)
    first_day = Date(default=None)
    last_day = Date(default=None)
    was_fen = BigInt(default=None)
    right_fen = BigInt(null=True, default=None)
    difference_fen = BigInt(default=None)  # generated
    reason = Text(default=None)
    facts = Text(default=None)
    freed = Text(default=None)
    outcome = Text(default=None)
    entry_id = UUID(null=True, default=None)


class BillingFreed(TenantTable, tablename="billing_freed"):
    """Days of a charge that somebody else owes: a run may charge them again."""

    privacy = Privacy()
    site_id = UUID(default=None)
    line_id = UUID(default=None)
    charge_id = UUID(default=None)
    unit_id = UUID(default=None)
    first_day = Date(default=None)
    last_day = Date(default=None)


ALL = (BillingCorrection, BillingCorrectionLine, BillingFreed)
