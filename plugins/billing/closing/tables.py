"""The tables of cash closing as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Date, Integer, Text, Timestamptz

from core.sdk import KeyedTable, Privacy, TenantTable


class BillingShift(TenantTable, tablename="billing_shift"):
    """A cashier's shift at a site (BIL-4)."""

    privacy = Privacy(plain="status", staff="cashier_name")
    site_id = UUID(default=None)
    cashier_id = UUID(default=None)
    cashier_name = Text(default=None)
    day = Date(default=None)
    float_fen = BigInt(default=None)
    opened_at = Timestamptz(default=None)
    counts_from = Timestamptz(default=None)
    closed_at = Timestamptz(null=True, default=None)
    status = Text(default=None)  # generated
    version = Integer(default=None)


class BillingShiftClosing(TenantTable, tablename="billing_shift_closing"):
    """That a shift was closed, and on what count; never changed."""

    # a reason says why the count differs, about no person: nobody can empty it later
    privacy = Privacy(plain="pieces reason", staff="by_name")
    site_id = UUID(default=None)
    shift_id = UUID(default=None)
    pieces = Text(default=None)
    reason = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class BillingShiftCount(KeyedTable, tablename="billing_shift_count"):
    """What the ledger says by one means, and what was counted; never changed."""

    privacy = Privacy()
    shift_id = UUID(primary_key=True, default=None)
    means = Text(default=None)
    site_id = UUID(default=None)
    entries = Integer(default=None)
    ledger_fen = BigInt(default=None)
    expected_fen = BigInt(default=None)
    slips = Integer(default=None)
    counted_fen = BigInt(default=None)
    difference_fen = BigInt(default=None)  # generated


class BillingShiftEntry(KeyedTable, tablename="billing_shift_entry"):
    """An entry that a shift has counted."""

    privacy = Privacy()
    entry_id = UUID(primary_key=True, default=None)
    site_id = UUID(default=None)
    shift_id = UUID(default=None)


class BillingHandover(TenantTable, tablename="billing_handover"):
    """Cash of a shift that was handed to finance, or brought to the bank; never changed."""

    privacy = Privacy(plain="slip_no", staff="by_name")
    site_id = UUID(default=None)
    shift_id = UUID(default=None)
    goes_to = Text(default=None)
    amount_fen = BigInt(default=None)
    slip_no = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class BillingClosing(TenantTable, tablename="billing_closing"):
    """A day or a week that was closed; never changed."""

    # a note says what is done about what was found, about no person: nobody can empty it later
    privacy = Privacy(plain="figures found note", staff="by_name")
    site_id = UUID(default=None)
    kind = Text(default=None)
    first_day = Date(default=None)
    last_day = Date(default=None)
    entries = Integer(default=None)
    ledger_fen = BigInt(default=None)
    difference_fen = BigInt(default=None)
    anomalies = Integer(default=None)
    figures = Text(default=None)
    found = Text(default=None)
    note = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class BillingClosingEntry(KeyedTable, tablename="billing_closing_entry"):
    """An entry that a day's closing has covered."""

    privacy = Privacy()
    entry_id = UUID(primary_key=True, default=None)
    site_id = UUID(default=None)
    closing_id = UUID(default=None)


class BillingBankLine(TenantTable, tablename="billing_bank_line"):
    """A line of the bank's statement, and the entry of the ledger that it is."""

    privacy = Privacy(
        purpose="finding out whose payment it is",
        plain="account serial status",
        free_text="payer remark note",  # of a payer nobody may know who it is
        staff="by_name settled_by_name",
    )
    site_id = UUID(default=None)
    account = Text(default=None)
    serial = Text(default=None)
    booked_on = Date(default=None)
    amount_fen = BigInt(default=None)
    payer = Text(default=None)
    remark = Text(default=None)
    entry_id = UUID(null=True, default=None)
    note = Text(default=None)
    settled_at = Timestamptz(null=True, default=None)
    settled_by = UUID(null=True, default=None)
    settled_by_name = Text(default=None)
    status = Text(default=None)  # generated
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)
    version = Integer(default=None)
    reopened_at = Timestamptz(null=True, default=None)
    reopened = Text(default=None)


class BillingReconciliation(TenantTable, tablename="billing_reconciliation"):
    """A month's bank statement beside the ledger, signed; never changed."""

    # a note says why they differ, about no person: nobody can empty it later
    privacy = Privacy(plain="note", staff="by_name")
    site_id = UUID(default=None)
    month = Date(default=None)
    bank_fen = BigInt(default=None)
    ledger_fen = BigInt(default=None)
    difference_fen = BigInt(default=None)  # generated
    open_lines = Integer(default=None)
    open_entries = Integer(default=None)
    note = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


ALL = (
    BillingShift,
    BillingShiftClosing,
    BillingShiftCount,
    BillingShiftEntry,
    BillingHandover,
    BillingClosing,
    BillingClosingEntry,
    BillingBankLine,
    BillingReconciliation,
)
