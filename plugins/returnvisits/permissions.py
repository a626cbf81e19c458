"""What staff may do with return visits. Whoever does the work that is checked sees neither visits nor draws (VIS-5)."""

from core.sdk import Permission

_LEADS = frozenset({"supervisor", "manager", "admin"})
_VISITORS = _LEADS | {"clerk", "steward", "duty_officer"}

VIEW = Permission("returnvisits.visit.view", "See return visits", _VISITORS | {"quality"}, by_area=True)
RECORD = Permission(
    "returnvisits.visit.record", "Make return visits and record what came of them", _VISITORS, by_area=True
)
ASSIGN = Permission("returnvisits.visit.assign", "Give return visits to somebody, add and cancel them", _LEADS)
AREA = Permission("returnvisits.area.manage", "Say which steward looks after which buildings", _LEADS)
DRAW = Permission("returnvisits.draw.view", "See how samples were drawn", _LEADS | {"quality"})
REPORT = Permission("returnvisits.report.view", "See the month's report of return visits", _LEADS | {"quality"})
MANAGE = Permission(
    "returnvisits.policy.manage", "Change the rules of return visits", frozenset({"manager", "admin"}), own=True
)

ALL = (VIEW, RECORD, ASSIGN, AREA, DRAW, REPORT, MANAGE)
