"""The tables of the disclosure as the migration leaves them."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Date, Integer, Text, Timestamptz

from core.sdk import Privacy, TenantTable


class BillingExpenseCategory(TenantTable, tablename="billing_expense_category"):
    """A category of expenses that the company has of its own; never changed."""

    privacy = Privacy(plain="title", staff="by_name")
    title = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class BillingExpense(TenantTable, tablename="billing_expense"):
    """What was spent for a month, or an entry that takes one back; never changed."""

    privacy = Privacy(purpose="accounts of what is spent", free_text="supplier document remark", staff="by_name")
    site_id = UUID(default=None)
    month = Date(default=None)
    category = Text(default=None)
    category_id = UUID(null=True, default=None)
    amount_fen = BigInt(default=None)
    supplier = Text(default=None)
    document = Text(default=None)
    remark = Text(default=None)
    reverses = UUID(null=True, default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class BillingHeading(TenantTable, tablename="billing_heading"):
    """Under which heading of the disclosure an item's money is told."""

    privacy = Privacy()
    site_id = UUID(default=None)
    item_id = UUID(default=None)
    heading = Text(default=None)
    version = Integer(default=None)


class BillingDisclosure(TenantTable, tablename="billing_disclosure"):
    """An edition of income and expenses of a period as it was published; never changed."""

    # what was published is about nobody: it hangs in the hall
    privacy = Privacy(plain="reason note", staff="by_name")
    site_id = UUID(default=None)
    kind = Text(default=None)
    first_day = Date(default=None)
    last_day = Date(default=None)
    edition = Integer(default=None)
    replaces = UUID(null=True, default=None)
    reason = Text(default=None)
    note = Text(default=None)
    opening_fen = BigInt(default=None)
    charged_fen = BigInt(default=None)
    received_fen = BigInt(default=None)
    spent_fen = BigInt(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class BillingDisclosureLine(TenantTable, tablename="billing_disclosure_line"):
    """A line of an edition: an item's income under its heading, or the expenses of a category."""

    privacy = Privacy(plain="title")
    site_id = UUID(default=None)
    disclosure_id = UUID(default=None)
    line = Integer(default=None)
    part = Text(default=None)
    heading = Text(default=None)
    title = Text(default=None)
    charged_fen = BigInt(default=None)
    received_fen = BigInt(default=None)
    spent_fen = BigInt(default=None)


ALL = (BillingExpenseCategory, BillingExpense, BillingHeading, BillingDisclosure, BillingDisclosureLine)
