"""What staff may do with money. Whoever deals in amounts sees them."""

from core.sdk import AMOUNT, Permission

_LEADS = frozenset({"manager", "admin"})
_SEES = frozenset({AMOUNT})

ALL: tuple[Permission, ...] = ()
