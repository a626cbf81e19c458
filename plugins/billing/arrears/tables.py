"""The tables of arrears as the migration leaves them."""

from __future__ import annotations

from piccolo.columns import UUID, Array, BigInt, Date, Integer, SmallInt, Text, Timestamptz

from core.sdk import KeyedTable, Privacy, TenantTable


class BillingOwed(KeyedTable, tablename="billing_owed"):
    """A charge as its postings leave it; kept by the database."""

    privacy = Privacy(purpose="asking for what is owed", party="party_id")
    charge_id = UUID(primary_key=True, default=None)
    site_id = UUID(default=None)
    unit_id = UUID(default=None)
    item_id = UUID(default=None)
    party_id = UUID(null=True, default=None)
    since = Date(default=None)
    due_on = Date(default=None)
    charged_fen = BigInt(default=None)
    open_fen = BigInt(default=None)
    dunned = SmallInt(default=None)
    dunned_on = Date(null=True, default=None)


class BillingDunning(TenantTable, tablename="billing_dunning"):
    """A step of the ladder that was taken with a household (BIL-5); only ever added to."""

    privacy = Privacy(
        purpose="asking for what is owed", plain="lines", free_text="note who", staff="by_name", party="party_id"
    )
    site_id = UUID(default=None)
    unit_id = UUID(default=None)
    party_id = UUID(default=None)
    batch_id = UUID(default=None)
    number = Integer(default=None)
    step = Text(default=None)
    done_on = Date(default=None)
    amount_fen = BigInt(default=None)
    charges = Array(UUID(), default=None)
    lines = Text(default=None)
    who = Text(default=None)
    outcome = Text(default=None)
    note = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class BillingDunningProof(TenantTable, tablename="billing_dunning_proof"):
    """A file that proves a step (BIL-5); it stays, and a wrong one is struck out."""

    privacy = Privacy(
        purpose="proving that it was asked for",
        plain="kind",
        free_text="name struck_reason",
        image="digest thumbnail",
        staff="by_name struck_by_name",
        party="party_id",
    )
    site_id = UUID(default=None)
    dunning_id = UUID(default=None)
    unit_id = UUID(default=None)
    party_id = UUID(default=None)
    name = Text(default=None)
    kind = Text(default=None)
    size = Integer(default=None)
    digest = Text(null=True, default=None)
    thumbnail = Text(null=True, default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)
    struck_at = Timestamptz(null=True, default=None)
    struck_by = UUID(null=True, default=None)
    struck_by_name = Text(default=None)
    struck_reason = Text(default=None)


class BillingPromise(TenantTable, tablename="billing_promise"):
    """What a household has promised to pay, and when; the latest counts."""

    privacy = Privacy(purpose="asking for what is owed", free_text="note", staff="by_name", party="party_id")
    site_id = UUID(default=None)
    unit_id = UUID(default=None)
    party_id = UUID(default=None)
    amount_fen = BigInt(default=None)
    promised_on = Date(default=None)
    note = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class BillingDispute(TenantTable, tablename="billing_dispute"):
    """What a household disputes, an item or all that it owes, until it is settled."""

    privacy = Privacy(
        purpose="asking for what is owed",
        free_text="reason outcome",
        staff="opened_by_name settled_by_name",
        party="party_id",
    )
    site_id = UUID(default=None)
    unit_id = UUID(default=None)
    party_id = UUID(default=None)
    item_id = UUID(null=True, default=None)
    reason = Text(default=None)
    status = Text(default=None)  # generated
    opened_on = Date(default=None)
    opened_at = Timestamptz(default=None)
    opened_by = UUID(null=True, default=None)
    opened_by_name = Text(default=None)
    settled_on = Date(null=True, default=None)
    settled_by = UUID(null=True, default=None)
    settled_by_name = Text(default=None)
    outcome = Text(default=None)
    version = Integer(default=None)


class BillingDamages(TenantTable, tablename="billing_damages"):
    """Damages that were charged, and of what; only ever added to. Its id is that of the charge that they are."""

    privacy = Privacy(staff="by_name")
    site_id = UUID(default=None)
    unit_id = UUID(default=None)
    principal_id = UUID(default=None)
    until = Date(default=None)
    amount_fen = BigInt(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


ALL = (BillingOwed, BillingDunning, BillingDunningProof, BillingPromise, BillingDispute, BillingDamages)
