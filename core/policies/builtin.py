"""The policies of the platform itself, as one list for the boot."""

from __future__ import annotations

from core.policies.calendar import CALENDAR
from core.policies.sla_targets import SLA_TARGETS
from core.policies.spec import PolicyRegistry
from core.policies.ticket_categories import TICKET_CATEGORIES


def register_builtin(registry: PolicyRegistry) -> None:
    """Register `core.calendar`, `core.sla_targets` and `core.ticket_categories`."""
    for spec in (CALENDAR, SLA_TARGETS, TICKET_CATEGORIES):
        registry.register(spec)
