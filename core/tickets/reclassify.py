"""A matter that turns out to be another than it was taken for: its category or severity changes, and what is owed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.errors import Invalid
from core.policies.sla_targets import SLA_TARGETS, goals_for
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.sla import ClockEvent
from core.tickets.action import Action
from core.tickets.explain import named
from core.tickets.kinds import CORE_TYPES
from core.tickets.model import OPEN, Step
from core.tickets.terms import owed

if TYPE_CHECKING:
    from core.tickets.changes import Change

_ORDINARY = frozenset(each.id for each in CORE_TYPES)


async def reclassify(change: Change, step: Step) -> Mapping[str, str]:
    """Hold the ticket to the promises of its new category and severity from now on; what was used up stays (TKT-4).

    Raises Invalid for what it is already, for a category the site does not have, and for a kind of matter that asks for
    more than a description.
    """
    ticket = change.before
    category, severity = step.category or ticket.category, step.severity or ticket.severity
    if (category, severity) == (ticket.category, ticket.severity):
        raise Invalid.field("category", "Choose another category or another severity.")
    policies, work = change.policies, change.work
    if category != ticket.category:
        offered = (await policies.value(work, TICKET_CATEGORIES, ticket.site_id)).categories
        chosen = next((c for c in offered if c.key == category), None)
        if chosen is None:
            raise Invalid.field("category", "Choose one of the site's categories.")
        if chosen.ticket_type != ticket.type:
            if not {chosen.ticket_type, ticket.type} <= _ORDINARY:
                raise Invalid.field("category", "A matter of that kind has a form of its own: take it in anew.")
            change.set(type=chosen.ticket_type)
    promised = goals_for(await policies.value(work, SLA_TARGETS, ticket.site_id), category, severity)
    goals = owed(change.recorded.goals, promised, ticket.status, change.paused_from)
    if goals is not None:
        change.clock.append(ClockEvent(change.at, "retarget", goals=goals))
    change.set(category=category, severity=severity)
    return {
        "from_category": ticket.category,
        "from_severity": ticket.severity,
        "category": category,
        "severity": severity,
        **named(await policies.in_force(work, ticket.site_id, SLA_TARGETS)),
    }


ACTIONS = (
    Action(
        "reclassify",
        "ticket.assign",
        frozenset(OPEN),
        text="Say why it is classified anew.",
        past="reclassified",
        effect=reclassify,
    ),
)
