"""The policies of the platform itself, as one list for the boot."""

from __future__ import annotations

from core.analysis.policies import AGENDA, KPI, REPEATS
from core.policies.accounts import ACCOUNTS
from core.policies.answering import ANSWERING
from core.policies.approvals import APPROVALS
from core.policies.assignment import ASSIGNMENT
from core.policies.attachments import ATTACHMENTS
from core.policies.breach_causes import BREACH_CAUSES
from core.policies.calendar import CALENDAR
from core.policies.duty import DUTY_SHIFTS
from core.policies.escalation import ESCALATION
from core.policies.notifications import NOTIFICATIONS
from core.policies.operator_access import OPERATOR_ACCESS
from core.policies.ownership import OWNERSHIP
from core.policies.privacy import PRIVACY
from core.policies.sign_in import SIGN_IN
from core.policies.sla_targets import SLA_TARGETS
from core.policies.spec import PolicyRegistry
from core.policies.ticket_categories import TICKET_CATEGORIES


def register_builtin(registry: PolicyRegistry) -> None:
    """Register the policies that the core itself asks for."""
    for spec in (
        ATTACHMENTS,
        CALENDAR,
        SLA_TARGETS,
        TICKET_CATEGORIES,
        OWNERSHIP,
        ANSWERING,
        BREACH_CAUSES,
        ASSIGNMENT,
        DUTY_SHIFTS,
        ESCALATION,
        NOTIFICATIONS,
        ACCOUNTS,
        SIGN_IN,
        OPERATOR_ACCESS,
        APPROVALS,
        PRIVACY,
    ):
        registry.register(spec)
    for own in (REPEATS, AGENDA, KPI):
        registry.register(own)
