"""What staff may do with money. Whoever deals in amounts sees them."""

from core.sdk import AMOUNT, Permission

_LEADS = frozenset({"manager", "admin"})
_SEES = frozenset({AMOUNT})

# Tariffs (BIL-1). What is published is no secret; who decides on it is.
_BOOKS = _LEADS | {"finance", "cashier"}
TARIFF_VIEW = Permission("billing.tariff.view", "See fee items, prices and areas", _BOOKS | {"clerk"})
TARIFF_MANAGE = Permission(
    "billing.tariff.manage", "Set fee items, prices and where they are charged", _LEADS, implies=_SEES, own=True
)
QUANTITY_MANAGE = Permission("billing.quantity.manage", "Keep areas and parking spaces of units", _BOOKS)
TARIFFS = (TARIFF_VIEW, TARIFF_MANAGE, QUANTITY_MANAGE)

ALL: tuple[Permission, ...] = TARIFFS
ALL: tuple[Permission, ...] = ()

# The ledger
_KEEPS = _LEADS | {"cashier", "finance"}
_CLOSES = _LEADS | {"finance"}
LEDGER = Permission("billing.ledger.view", "See the ledger and households' accounts", _KEEPS, implies=_SEES)
REVERSE = Permission("billing.entry.reverse", "Undo entries of the ledger", _CLOSES, implies=_SEES, own=True)
CLOSE = Permission("billing.period.close", "Close months of the ledger", _CLOSES, implies=_SEES, own=True)
ALL += (LEDGER, REVERSE, CLOSE)
