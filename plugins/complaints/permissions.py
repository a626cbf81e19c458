"""What staff may do with complaints."""

from core.sdk import Permission

_LEADS = frozenset({"supervisor", "manager", "quality", "admin"})
_DESK = _LEADS | {"clerk", "duty_officer", "steward", "engineering"}

VIEW = Permission("complaints.case.view", "See complaints and how they are handled", _DESK)
HANDLE = Permission("complaints.case.handle", "Handle complaints: contact, hearings, remedies", _DESK)
DECLARE = Permission("complaints.level.declare", "Declare complaints major, or general again", _LEADS)
PROPOSE = Permission("complaints.compensation.propose", "Propose compensation", _DESK)
APPROVE = Permission("complaints.compensation.approve", "Approve or refuse compensation", _LEADS)
PAY = Permission(
    "complaints.compensation.pay",
    "Note compensation as paid out",
    frozenset({"cashier", "finance", "manager", "admin"}),
)
ANALYSE = Permission("complaints.analysis.view", "See the monthly analysis of complaints", _LEADS)
SIGN = Permission("complaints.analysis.sign", "Sign the monthly analysis off", frozenset({"manager", "admin"}))
MANAGE = Permission("complaints.rules.manage", "Set how complaints are handled", frozenset({"manager", "admin"}))

ALL = (VIEW, HANDLE, DECLARE, PROPOSE, APPROVE, PAY, ANALYSE, SIGN, MANAGE)
