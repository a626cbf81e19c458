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

# Reports
REPORT_VIEW = Permission("billing.report.view", "See what was charged and received", _FINANCE, implies=_SEES)
# Disclosure (BIL-8): who enters expenses keeps accounts, who publishes leads.
EXPENSE_ENTER = Permission("billing.expense.enter", "Enter what the site spends", _FINANCE, implies=_SEES, own=True)
DISCLOSURE_PUBLISH = Permission(
    "billing.disclosure.publish", "Publish income and expenses to owners", _LEADS, implies=_SEES, own=True
)
# Cash closing (BIL-4): who took the cash does not close the day.
CASH_VIEW = Permission("billing.cash.view", "See shifts and cash closings", _BOOKS, implies=_SEES)
SHIFT_KEEP = Permission(
    "billing.shift.keep", "Open and close one's cash shift", frozenset({"cashier", "finance"}), implies=_SEES, own=True
)
CASH_CLOSE = Permission("billing.cash.close", "Close days and weeks of cash", _FINANCE, implies=_SEES, own=True)
BANK_RECONCILE = Permission(
    "billing.bank.reconcile", "Take in bank statements and reconcile months", _FINANCE, implies=_SEES, own=True
)

# Corrections (BIL-7): who agrees is not who had it computed. Whoever pays back sees to whom.
CORRECTION_VIEW = Permission("billing.correction.view", "See corrections of charges", _BOOKS, implies=_SEES)
CORRECTION_CREATE = Permission("billing.correction.create", "Compute corrections of charges", _FINANCE, implies=_SEES)
CORRECTION_APPROVE = Permission(
    "billing.correction.approve", "Approve corrections of charges", _LEADS, implies=_SEES, own=True
)

# Statements by link (BIL-8): whoever sends one reads nothing of it.
STATEMENT_SEND = Permission("billing.statement.send", "Send households their statement", _BOOKS | {"steward"})
# Meters (BIL-1)
METER_VIEW = Permission("billing.meter.view", "See meters and their readings", _BOOKS | {"clerk"})
METER_MANAGE = Permission("billing.meter.manage", "Set up meters", _BOOKS)
READING_ENTER = Permission("billing.reading.enter", "Enter meter readings", _BOOKS | {"clerk"})

# Costs that households share (BIL-1); what each owes is approved with the run.
COST_MANAGE = Permission("billing.cost.manage", "Enter costs that households share", _FINANCE, implies=_SEES, own=True)

# Something single (BIL-1): owed at once, with nobody else's look at it.
CHARGE_ONCE = Permission("billing.single.charge", "Charge something single", _FINANCE, implies=_SEES, own=True)

# Discounts (BIL-1): who asks is not who agrees.
DISCOUNT_ASK = Permission("billing.discount.ask", "Ask for discounts", _BOOKS, implies=_SEES)
DISCOUNT_APPROVE = Permission(
    "billing.discount.approve", "Agree to discounts, and end them", _LEADS, implies=_SEES, own=True
)
# The counter (BIL-3): who takes money does not undo its receipt.
COUNTER_TAKE = Permission("billing.counter.take", "Take money at the counter", _BOOKS, implies=_SEES, own=True)
ROUND_OFF = Permission("billing.round_off", "Round off what is paid at the counter", _BOOKS, implies=_SEES, own=True)
RECEIPT_VIEW = Permission("billing.receipt.view", "See and print receipts", _BOOKS, implies=_SEES)
RECEIPT_VOID = Permission("billing.receipt.void", "Void receipts", _FINANCE, implies=_SEES, own=True)
INVOICE_ISSUE = Permission("billing.invoice.issue", "Record invoices that are issued", _BOOKS, implies=_SEES, own=True)
REFUND_APPROVE = Permission("billing.refund.approve", "Agree to refunds", _FINANCE, implies=_SEES, own=True)

# Arrears (BIL-5, BIL-6): whoever keeps accounts asks for what is owed; who presses for it, or settles a dispute, leads.
ARREARS_VIEW = Permission("billing.arrears.view", "See arrears and collection rates", _BOOKS, implies=_SEES)
DUNNING_TAKE = Permission("billing.dunning.take", "Remind households of what they owe", _BOOKS, implies=_SEES)
DUNNING_PRESS = Permission(
    "billing.dunning.press",
    "Send formal notices, hand over to the lawyer, set the rules of dunning",
    _FINANCE,
    implies=_SEES,
    own=True,
)
DISPUTE_SETTLE = Permission(
    "billing.dispute.settle", "Settle disputes about charges", _FINANCE, implies=_SEES, own=True
)
# Damages: who charges them asks for a waiver, and somebody else agrees to it.
DAMAGES_CHARGE = Permission(
    "billing.damages.charge", "Charge damages for late payment, ask for waivers", _FINANCE, implies=_SEES, own=True
)
DAMAGES_WAIVE = Permission(
    "billing.damages.waive", "Agree to waivers of damages, set their rules", _LEADS, implies=_SEES, own=True
)

# Rents (BIL-1): a contract decides what somebody owes for years.
RENT_VIEW = Permission("billing.rent.view", "See rent contracts", _BOOKS, implies=_SEES)
RENT_MANAGE = Permission("billing.rent.manage", "Enter rent contracts, and end them", _LEADS, implies=_SEES, own=True)
# Collection at home (BIL-3): whoever hands books out is not who uses them.
COLLECTION_VIEW = Permission("billing.collection.view", "See visits and receipt books", _BOOKS, implies=_SEES)
COLLECTION_TAKE = Permission(
    "billing.collection.take", "Agree visits, enter what was collected at home", _BOOKS, implies=_SEES, own=True
)
BOOK_ISSUE = Permission(
    "billing.book.issue", "Hand out receipt books, take them back", _FINANCE, implies=_SEES, own=True
)

# Payment by code (BIL-3): who leads says by whom codes are made; finance decides on money that came otherwise.
PROVIDER_SET = Permission("billing.provider.set", "Set up payment providers", _LEADS, own=True)
ORDER_SETTLE = Permission(
    "billing.order.settle", "Decide on payments that came otherwise than asked for", _FINANCE, implies=_SEES, own=True
)

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
    REPORT_VIEW,
    EXPENSE_ENTER,
    DISCLOSURE_PUBLISH,
    CASH_VIEW,
    SHIFT_KEEP,
    CASH_CLOSE,
    BANK_RECONCILE,
    CORRECTION_VIEW,
    CORRECTION_CREATE,
    CORRECTION_APPROVE,
    STATEMENT_SEND,
    METER_VIEW,
    METER_MANAGE,
    READING_ENTER,
    COST_MANAGE,
    CHARGE_ONCE,
    DISCOUNT_ASK,
    DISCOUNT_APPROVE,
    COUNTER_TAKE,
    ROUND_OFF,
    RECEIPT_VIEW,
    RECEIPT_VOID,
    INVOICE_ISSUE,
    REFUND_APPROVE,
    ARREARS_VIEW,
    DUNNING_TAKE,
    DUNNING_PRESS,
    DISPUTE_SETTLE,
    DAMAGES_CHARGE,
    DAMAGES_WAIVE,
    RENT_VIEW,
    RENT_MANAGE,
    COLLECTION_VIEW,
    COLLECTION_TAKE,
    BOOK_ISSUE,
    PROVIDER_SET,
    ORDER_SETTLE,
)
