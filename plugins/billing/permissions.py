"""What staff may do with money. Whoever deals in amounts sees them."""

from core.sdk import AMOUNT, Permission

_LEADS = frozenset({"manager", "admin"})
_SEES = frozenset({AMOUNT})

# Runs
RUN_VIEW = Permission("billing.run.view", "See billing runs", _LEADS | {"finance"}, implies=_SEES)
RUN_CREATE = Permission("billing.run.create", "Compute billing runs", _LEADS | {"finance"}, implies=_SEES)
RUN_APPROVE = Permission("billing.run.approve", "Approve billing runs", _LEADS, implies=_SEES, own=True)
RUN_ISSUE = Permission("billing.run.issue", "Issue billing runs", _LEADS | {"finance"}, implies=_SEES, own=True)
_RUNS = (RUN_VIEW, RUN_CREATE, RUN_APPROVE, RUN_ISSUE)

ALL: tuple[Permission, ...] = (*_RUNS,)
