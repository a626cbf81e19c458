"""What staff may do with complaints."""

from core.sdk import AMOUNT, Permission

_ADMIN = frozenset({"quality", "admin"})
_MANAGERS = _ADMIN | {"manager"}
_LEADS = _MANAGERS | {"supervisor"}
_DESK = _LEADS | {"clerk", "duty_officer", "steward", "engineering"}
_HANDLERS = _DESK | {"guard"}  # who go where it is loud at night, and write down what was said there
_AMOUNTS = frozenset({AMOUNT})

VIEW = Permission("complaints.case.view", "See complaints and how they are handled", _HANDLERS, by_area=True)
HANDLE = Permission("complaints.case.handle", "Handle complaints: contact, hearings, remedies", _HANDLERS, by_area=True)
DECLARE = Permission("complaints.level.declare", "Declare complaints major, or general again", _LEADS)
PROPOSE = Permission("complaints.compensation.propose", "Propose compensation", _DESK, implies=_AMOUNTS)
APPROVE = Permission(
    "complaints.compensation.approve",
    "Decide on compensation up to the first limit",
    _LEADS,
    implies=_AMOUNTS,
    own=True,
)
APPROVE_LARGE = Permission(
    "complaints.compensation.approve_large",
    "Decide on compensation up to the second limit",
    _MANAGERS,
    implies=_AMOUNTS,
    own=True,
)
APPROVE_ANY = Permission(
    "complaints.compensation.approve_any", "Decide on compensation of any amount", _ADMIN, implies=_AMOUNTS, own=True
)
PAY = Permission(
    "complaints.compensation.pay",
    "Note compensation as paid out",
    frozenset({"cashier", "finance", "manager", "admin"}),
    implies=_AMOUNTS,
    own=True,
)
ANALYSE = Permission("complaints.analysis.view", "See the monthly analysis of complaints", _LEADS)
SIGN = Permission(
    "complaints.analysis.sign", "Sign the monthly analysis off", frozenset({"manager", "admin"}), own=True
)
MANAGE = Permission(
    "complaints.rules.manage", "Set how complaints are handled", frozenset({"manager", "admin"}), own=True
)

ALL = (VIEW, HANDLE, DECLARE, PROPOSE, APPROVE, APPROVE_LARGE, APPROVE_ANY, PAY, ANALYSE, SIGN, MANAGE)
