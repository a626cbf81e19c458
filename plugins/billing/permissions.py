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
    ARREARS_VIEW,
    DUNNING_TAKE,
    DUNNING_PRESS,
    DISPUTE_SETTLE,
    DAMAGES_CHARGE,
    DAMAGES_WAIVE,
)
