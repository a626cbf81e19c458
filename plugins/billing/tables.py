"""The tables as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import UUID, Array, BigInt, Boolean, Bytea, Date, Integer, Numeric, SmallInt, Text, Timestamptz

from core.sdk import Hold, KeyedTable, Privacy, TenantTable, msgid


class BillingItem(TenantTable, tablename="billing_item"):
    """A fee item of a site (BIL-1)."""

    privacy = Privacy(plain="code title collected_for")
    site_id = UUID(default=None)
    code = Text(default=None)
    title = Text(default=None)
    basis = Text(default=None)
    cycle = Text(default=None)
    payer = Text(default=None)
    due_days = SmallInt(default=None)
    collected_for = Text(default=None)
    ended_on = Date(null=True, default=None)
    version = Integer(default=None)


class BillingVersion(TenantTable, tablename="billing_version"):
    """What an item costs from a day on; never changed."""

    privacy = Privacy(plain="formula tiers note", staff="by_name")
    site_id = UUID(default=None)
    item_id = UUID(default=None)
    number = Integer(default=None)
    valid_from = Date(default=None)
    price = Numeric(null=True, default=None)
    formula = Text(default=None)
    tiers = Text(default=None)
    prorate = Text(default=None)
    rounding_unit = Text(default=None)
    rounding_mode = Text(default=None)
    note = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class BillingAssignment(TenantTable, tablename="billing_assignment"):
    """Where an item is charged, and from when to when."""

    privacy = Privacy(plain="scope building")
    site_id = UUID(default=None)
    item_id = UUID(default=None)
    scope = Text(default=None)  # generated
    building = Text(default=None)
    unit_id = UUID(null=True, default=None)
    since = Date(default=None)
    until = Date(null=True, default=None)
    charged = Boolean(default=None)
    version = Integer(default=None)


class BillingQuantity(TenantTable, tablename="billing_quantity"):
    """How much of something a unit has from a day on: square metres of an area, parking spaces."""

    privacy = Privacy(purpose="charging what is owed", free_text="reason", staff="by_name")
    site_id = UUID(default=None)
    unit_id = UUID(default=None)
    basis = Text(default=None)
    valid_from = Date(default=None)
    value = Numeric(digits=(12, 2), default=None)
    reason = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)
    version = Integer(default=None)


class BillingEntry(TenantTable, tablename="billing_entry"):
    """An entry of the ledger; never changed."""

    # a note says what was posted, about no person: nobody can empty it later
    privacy = Privacy(plain="kind key digest note", staff="by_name")
    site_id = UUID(default=None)
    posted_on = Date(default=None)
    kind = Text(default=None)
    reverses = UUID(null=True, default=None)
    key = Text(default=None)
    digest = Bytea(default=None)
    note = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class BillingPosting(KeyedTable, tablename="billing_posting"):
    """A line of an entry: debit above nought, credit below; never changed."""

    privacy = Privacy(purpose="accounts of what is owed and paid", plain="account means", party="party_id")
    entry_id = UUID(primary_key=True, default=None)
    line = Integer(default=None)
    site_id = UUID(default=None)
    account = Text(default=None)
    item_id = UUID(null=True, default=None)
    unit_id = UUID(null=True, default=None)
    party_id = UUID(null=True, default=None)
    charge_id = UUID(null=True, default=None)
    means = Text(default=None)
    amount_fen = BigInt(default=None)


class BillingPeriod(TenantTable, tablename="billing_period"):
    """A month that is closed: nothing is posted into it any more (MO-7)."""

    privacy = Privacy(staff="by_name")
    site_id = UUID(default=None)
    month = Date(default=None)
    debit_fen = BigInt(default=None)
    credit_fen = BigInt(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class BillingRun(TenantTable, tablename="billing_run"):
    """A month's items as they are computed, looked at and issued (BIL-2)."""

    privacy = Privacy(plain="title status figures", staff="created_by_name approved_by_name")
    site_id = UUID(default=None)
    title = Text(default=None)
    month = Date(default=None)
    item_ids = Array(UUID(), default=None)
    status = Text(default=None)  # generated
    done = Integer(default=None)
    units = Integer(default=None)
    reached = UUID(null=True, default=None)
    charges = Integer(default=None)
    total_fen = BigInt(default=None)
    figures = Text(default=None)
    posted = Integer(default=None)
    posted_to = UUID(null=True, default=None)
    moved_at = Timestamptz(default=None)
    created_at = Timestamptz(default=None)
    created_by = UUID(null=True, default=None)
    created_by_name = Text(default=None)
    computed_at = Timestamptz(null=True, default=None)
    approved_at = Timestamptz(null=True, default=None)
    approved_by = UUID(null=True, default=None)
    approved_by_name = Text(default=None)
    issuing_at = Timestamptz(null=True, default=None)
    issued_at = Timestamptz(null=True, default=None)
    discarded_at = Timestamptz(null=True, default=None)
    version = Integer(default=None)


class BillingCharge(TenantTable, tablename="billing_charge"):
    """What a payer owes for an item over a period, once, and all that it was computed from."""

    privacy = Privacy(
        purpose="charging what is owed",
        plain="facts",
        party="party_id",
        hold=Hold(where="amount_fen > 0", reason=msgid("fees were charged: accounts are kept"), since="due_on"),
    )
    site_id = UUID(default=None)
    run_id = UUID(null=True, default=None)
    item_id = UUID(default=None)
    unit_id = UUID(default=None)
    party_id = UUID(default=None)
    first_day = Date(default=None)
    last_day = Date(default=None)
    due_on = Date(default=None)
    amount_fen = BigInt(default=None)
    definition = SmallInt(default=None)
    facts = Text(default=None)


class BillingSkip(TenantTable, tablename="billing_skip"):
    """What a run did not charge, and why: nothing is passed over in silence."""

    privacy = Privacy()
    site_id = UUID(default=None)
    run_id = UUID(default=None)
    item_id = UUID(default=None)
    unit_id = UUID(default=None)
    reason = Text(default=None)
    first_day = Date(default=None)
    last_day = Date(default=None)


class BillingDifference(TenantTable, tablename="billing_difference"):
    """A unit that comes to much more or less than the period before."""

    privacy = Privacy()
    site_id = UUID(default=None)
    run_id = UUID(default=None)
    item_id = UUID(default=None)
    unit_id = UUID(default=None)
    amount_fen = BigInt(default=None)
    last_fen = BigInt(default=None)


ALL = (
    BillingItem,
    BillingVersion,
    BillingAssignment,
    BillingQuantity,
    BillingEntry,
    BillingPosting,
    BillingPeriod,
    BillingRun,
    BillingCharge,
    BillingSkip,
    BillingDifference,
)
