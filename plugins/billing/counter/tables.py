"""The counter's tables as the migrations leave them."""

from __future__ import annotations

from typing import Final

from piccolo.columns import UUID, BigInt, Date, Integer, SmallInt, Text, Timestamptz

from core.sdk import Hold, KeyedTable, Privacy, TenantTable, msgid

_PURPOSE: Final = "telling who paid what"


class BillingSeries(TenantTable, tablename="billing_series"):
    """The last number that was given to a receipt in a year."""

    privacy = Privacy()
    site_id = UUID(default=None)
    year = SmallInt(default=None)
    last = Integer(default=None)


class BillingReceipt(TenantTable, tablename="billing_receipt"):
    """What was paid at the counter, by whom and to whom; a voided one stays."""

    privacy = Privacy(
        purpose=_PURPOSE,
        plain="number paper_number",
        name="payer_name agent_name",
        free_text="agent_relation reference remark voided_reason",
        staff="by_name voided_by_name",
        party="party_id",
        hold=Hold(where="amount_fen > 0", reason=msgid("a receipt was given: accounts are kept"), since="at"),
    )
    site_id = UUID(default=None)
    number = Text(default=None)
    party_id = UUID(default=None)
    payer_name = Text(default=None)
    agent_name = Text(default=None)
    agent_relation = Text(default=None)
    means = Text(default=None)
    reference = Text(default=None)
    amount_fen = BigInt(default=None)
    rounded_fen = BigInt(default=None)
    given_fen = BigInt(null=True, default=None)
    remark = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)
    prints = Integer(default=None)
    voided_at = Timestamptz(null=True, default=None)
    voided_by = UUID(null=True, default=None)
    voided_by_name = Text(default=None)
    voided_reason = Text(default=None)
    status = Text(default=None)  # generated
    version = Integer(default=None)
    paper_number = Text(default=None)
    collected_on = Date(null=True, default=None)


class BillingReceiptLine(KeyedTable, tablename="billing_receipt_line"):
    """What of a receipt's sum was for what; never changed."""

    privacy = Privacy(plain="item")
    receipt_id = UUID(primary_key=True, default=None)
    line = Integer(default=None)
    site_id = UUID(default=None)
    entry_id = UUID(default=None)
    kind = Text(default=None)
    unit_id = UUID(default=None)
    item_id = UUID(null=True, default=None)
    item = Text(default=None)
    first_day = Date(null=True, default=None)
    last_day = Date(null=True, default=None)
    amount_fen = BigInt(default=None)


class BillingInvoice(TenantTable, tablename="billing_invoice"):
    """An invoice that was asked for with a receipt, and its number once there is one."""

    privacy = Privacy(
        purpose=_PURPOSE,
        plain="number",
        name="title",
        free_text="tax_number",
        staff="asked_by_name issued_by_name",
        parent={"receipt_id": "billing_receipt.id"},
    )
    site_id = UUID(default=None)
    receipt_id = UUID(default=None)
    title = Text(default=None)
    tax_number = Text(default=None)
    asked_at = Timestamptz(default=None)
    asked_by = UUID(null=True, default=None)
    asked_by_name = Text(default=None)
    number = Text(default=None)
    issued_at = Timestamptz(null=True, default=None)
    issued_by = UUID(null=True, default=None)
    issued_by_name = Text(default=None)
    status = Text(default=None)  # generated
    version = Integer(default=None)


class BillingRefund(TenantTable, tablename="billing_refund"):
    """Prepaid money that two have agreed to give back, and that it was."""

    privacy = Privacy(
        purpose=_PURPOSE,
        free_text="reason",
        staff="approved_by_name paid_by_name",
        party="party_id",
        hold=Hold(
            where="amount_fen > 0", reason=msgid("a refund was agreed to: accounts are kept"), since="approved_at"
        ),
    )
    site_id = UUID(default=None)
    unit_id = UUID(default=None)
    party_id = UUID(default=None)
    amount_fen = BigInt(default=None)
    reason = Text(default=None)
    approved_at = Timestamptz(default=None)
    approved_by = UUID(null=True, default=None)
    approved_by_name = Text(default=None)
    paid_at = Timestamptz(null=True, default=None)
    paid_by = UUID(null=True, default=None)
    paid_by_name = Text(default=None)
    means = Text(default=None)
    status = Text(default=None)  # generated


ALL = (BillingSeries, BillingReceipt, BillingReceiptLine, BillingInvoice, BillingRefund)
