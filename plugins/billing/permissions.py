"""What staff may do with money. Whoever deals in amounts sees them."""

from core.sdk import AMOUNT, Permission

_LEADS = frozenset({"manager", "admin"})
_SEES = frozenset({AMOUNT})

ALL: tuple[Permission, ...] = ()

# The ledger
_KEEPS = _LEADS | {"cashier", "finance"}
_CLOSES = _LEADS | {"finance"}
LEDGER = Permission("billing.ledger.view", "See the ledger and households' accounts", _KEEPS, implies=_SEES)
REVERSE = Permission("billing.entry.reverse", "Undo entries of the ledger", _CLOSES, implies=_SEES, own=True)
CLOSE = Permission("billing.period.close", "Close months of the ledger", _CLOSES, implies=_SEES, own=True)
ALL += (LEDGER, REVERSE, CLOSE)
