"""What staff and the telephone exchange may do at the front desk."""

from core.sdk import Permission

_DESK = frozenset({"clerk", "supervisor", "manager", "duty_officer", "admin"})

VIEW = Permission("reception.call.view", "See the log of calls and visits", _DESK | {"quality"})
TAKE = Permission("reception.call.take", "Take calls and see the caller's number", _DESK)
REPORT = Permission("reception.call.report", "Report calls, as a telephone exchange does", frozenset({"admin"}))
MANAGE = Permission("reception.greeting.manage", "Change what is said on the phone", frozenset({"manager", "admin"}))

ALL = (VIEW, TAKE, REPORT, MANAGE)
