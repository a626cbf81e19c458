"""Types of tickets: those of the platform, those of plugins where they are on, and what each owes when (TKT-1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.hooks.types import GoalSpec, TicketType
from core.policies.sla_targets import SLA_TARGETS, amount_of
from core.policies.values import Duration
from core.sla import Goal
from core.tickets.goals import base, begin, finish

if TYPE_CHECKING:
    from core.policies.service import Policies
    from core.tenancy.directory import Site
    from core.tickets.changes import Change
    from core.tickets.model import Severity
    from core.work import Work


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


class Types:
    """Every type that this process knows, by id."""

    def __init__(self, policies: Policies, declared: Iterable[TicketType] = ()) -> None:
        self._policies = policies
        self._all = {each.id: each for each in (*CORE_TYPES, *declared)}

    def find(self, type_id: str) -> TicketType | None:
        """None for a type of a plugin that is not installed (any more)."""
        return self._all.get(type_id)

    async def opening(self, work: Work, site: Site, type_id: str, severity: Severity) -> tuple[Goal, ...]:
        """The goals of the type's own that start with the ticket."""
        kind = self.find(type_id)
        targets = await self._policies.value(work, SLA_TARGETS, site.id)
        owed = [amount_of(targets, kind.id, spec, severity) for spec in kind.goals if not spec.starts] if kind else []
        return tuple(goal for goal in owed if goal is not None)

    async def follow(self, change: Change, action: str) -> None:
        """Start and end those goals of the ticket's type that the action starts and ends."""
        ticket, kind = change.before, self.find(change.before.type)
        for spec in kind.goals if kind else ():
            if action in spec.stops:
                finish(change, spec.name)
            if action in spec.starts:
                targets = await self._policies.value(change.work, SLA_TARGETS, ticket.site_id)
                goal = amount_of(targets, ticket.type, spec, ticket.severity)
                if goal is not None:
                    begin(change, goal)

    def goal_title(self, type_id: str, name: str) -> str | None:
        """What a goal of the type's own is called (a message id)."""
        kind = self.find(type_id)
        return next((spec.title for spec in kind.goals if spec.name == base(name)), None) if kind else None
