"""Which rule a matter falls under. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from core.sdk import Ticket
from plugins.returnvisits.policies import Rule

_FROM = {
    "routine": frozenset({"routine", "urgent", "critical"}),
    "urgent": frozenset({"urgent", "critical"}),
    "critical": frozenset({"critical"}),
}


def rule_for(rules: Iterable[Rule], ticket: Ticket) -> Rule | None:
    """The first that fits (VIS-1); None: no visit is owed."""
    return next((rule for rule in rules if _fits(rule, ticket)), None)


def is_reached(rule: Rule, status: str) -> bool:
    """Whether the rule's time runs from that state on: a matter that is closed has been resolved."""
    return status == rule.after or status == "closed"


def _fits(rule: Rule, ticket: Ticket) -> bool:
    return (
        ticket.type in rule.kinds
        and (not rule.categories or ticket.category in rule.categories)
        and ticket.severity in _FROM[rule.severity]
        and (not rule.field or str(ticket.fields.get(rule.field, "")) in rule.values)
    )
