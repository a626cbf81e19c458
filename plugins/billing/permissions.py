"""What staff may do with money. Whoever deals in amounts sees them."""

from core.sdk import AMOUNT, Permission

_LEADS = frozenset({"manager", "admin"})
_FINANCE = _LEADS | {"finance"}
_BOOKS = _FINANCE | {"cashier"}
_SEES = frozenset({AMOUNT})

# Tariffs (BIL-1). What is published is no secret; who decides on it is.
TARIFF_VIEW = Permission("billing.tariff.view", "See fee items, prices and areas", _BOOKS | {"clerk"})
TARIFF_MANAGE = Permission(
    "billing.tariff.manage", "Set fee items, prices and where they are charged", _LEADS, implies=_SEES, own=True
)
QUANTITY_MANAGE = Permission("billing.quantity.manage", "Keep areas and parking spaces of units", _BOOKS)

# Runs (BIL-2): who approves is not who computed.
RUN_VIEW = Permission("billing.run.view", "See billing runs", _FINANCE, implies=_SEES)
RUN_CREATE = Permission("billing.run.create", "Compute billing runs", _FINANCE, implies=_SEES)
RUN_APPROVE = Permission("billing.run.approve", "Approve billing runs", _LEADS, implies=_SEES, own=True)
RUN_ISSUE = Permission("billing.run.issue", "Issue billing runs", _FINANCE, implies=_SEES, own=True)

# The ledger
LEDGER_VIEW = Permission("billing.ledger.view", "See the ledger and households' accounts", _BOOKS, implies=_SEES)
ENTRY_REVERSE = Permission("billing.entry.reverse", "Undo entries of the ledger", _FINANCE, implies=_SEES, own=True)
PERIOD_CLOSE = Permission("billing.period.close", "Close months of the ledger", _FINANCE, implies=_SEES, own=True)

# The counter (BIL-3): who takes money does not undo its receipt.
COUNTER_TAKE = Permission("billing.counter.take", "Take money at the counter", _BOOKS, implies=_SEES, own=True)
ROUND_OFF = Permission("billing.round_off", "Round off what is paid at the counter", _BOOKS, implies=_SEES, own=True)
RECEIPT_VIEW = Permission("billing.receipt.view", "See and print receipts", _BOOKS, implies=_SEES)
RECEIPT_VOID = Permission("billing.receipt.void", "Void receipts", _FINANCE, implies=_SEES, own=True)
INVOICE_ISSUE = Permission("billing.invoice.issue", "Record invoices that are issued", _BOOKS, implies=_SEES, own=True)
REFUND_APPROVE = Permission("billing.refund.approve", "Agree to refunds", _FINANCE, implies=_SEES, own=True)

ALL = (
    TARIFF_VIEW,
    TARIFF_MANAGE,
    QUANTITY_MANAGE,
    RUN_VIEW,
    RUN_CREATE,
    RUN_APPROVE,
    RUN_ISSUE,
    LEDGER_VIEW,
    ENTRY_REVERSE,
    PERIOD_CLOSE,
    COUNTER_TAKE,
    ROUND_OFF,
    RECEIPT_VIEW,
    RECEIPT_VOID,
    INVOICE_ISSUE,
    REFUND_APPROVE,
)
