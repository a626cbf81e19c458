"""The types of tickets that every site has (TKT-1), and how often each tells its reporter how it goes (TKT-5)."""

from __future__ import annotations

from core.hooks.types import GoalSpec, TicketType
from core.policies.values import Duration


def _progress(routine: Duration, urgent: Duration, critical: Duration) -> GoalSpec:
    """How often the reporter is told how it goes, from the acceptance to the resolution (TKT-5)."""
    return GoalSpec(
        name="progress",
        title="Progress told",
        starts=("accept", "claim", "reopen"),
        stops=("resolve",),
        routine=routine,
        urgent=urgent,
        critical=critical,
    )


_DAY, _TWO_DAYS = Duration(1, "working_days", "working"), Duration(2, "working_days", "working")
_SOON = _progress(_DAY, Duration(4, "hours"), Duration(2, "hours"))
_LATER = _progress(_TWO_DAYS, Duration(8, "hours"), Duration(4, "hours"))

CORE_TYPES = (
    TicketType(id="enquiry", title="Enquiry", goals=(_LATER,)),
    TicketType(id="repair", title="Repair", goals=(_SOON,)),
    TicketType(id="complaint", title="Complaint", goals=(_SOON,)),
    TicketType(id="suggestion", title="Suggestion", goals=(_LATER,)),
    TicketType(id="request", title="Request", goals=(_LATER,)),
)
