"""Matters go up by themselves when their time runs out (TKT-6): each step once, on record, to somebody who is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from core.db.uow import UnitOfWork
from core.policies.escalation import ESCALATION, Target
from core.policies.service import Policies
from core.sla import Calendar, ClockEvent, Goal
from core.tickets.changes import Change, Changes, Standing, iso
from core.tickets.ladder import Step, course_steps, due, following
from core.tickets.model import Ticket
from core.work import Work

KIND = "escalation"  # of the timer
LATE = timedelta(minutes=5)  # a step taken later than this is marked: nobody was there to take it
LEVELS: Final[Mapping[Target, int]] = {"assignee": 1, "owner": 1, "supervisor": 2, "manager": 3, "quality": 4}
# Whoever a step names, the next ones stand in where nobody is there.
_CHAIN: Final[tuple[Target, ...]] = ("assignee", "owner", "supervisor", "manager", "quality")

_STAFF = """
SELECT id, name, roles_at(roles, posts, $2, NULL) FROM membership
WHERE company_id = $1 AND active AND (all_sites OR $2 = ANY (site_ids))
    AND (roles_at(roles, posts, $2, NULL) && ARRAY['supervisor', 'manager', 'quality'] OR id = ANY ($3))
ORDER BY staff_no
"""


class _Member(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    roles: list[str]


class Escalations:
    """Takes the steps of `core.escalation`; its timer is set anew after every change of a ticket."""

    def __init__(self, policies: Policies, changes: Changes) -> None:
        self._policies = policies
        changes.on_timer(KIND, self.climb, self.plan)

    async def plan(self, work: Work, standing: Standing) -> datetime | None:
        """When the ticket's next step is to be taken."""
        ticket = standing.ticket
        found = await self._steps(work, ticket, standing.calendar, standing.initial, standing.events)
        return following(found, ticket.escalated_at)

    async def climb(self, change: Change) -> None:
        """Take every step that has fallen due since the last one, in order: also those of days when nobody ran."""
        work, ticket = change.work, change.before
        found = await self._steps(work, ticket, change.calendar, change.recorded.initial, change.events)
        taken = due(found, ticket.escalated_at, work.now)
        if not taken:
            return
        staff = await _staff(work.uow, ticket)
        for step in taken:
            _take(change, step, *_whom(step.rung.to, ticket, staff))
        level = max(LEVELS[step.rung.to] for step in taken)
        change.set(escalation=max(ticket.escalation, level), escalated_at=work.now)

    async def _steps(
        self, work: Work, ticket: Ticket, calendar: Calendar, initial: Sequence[Goal], events: Sequence[ClockEvent]
    ) -> list[Step]:
        """By the ladders since the last step that was taken: steps of earlier ones are done with."""
        since = ticket.escalated_at or ticket.created_at
        course = [
            (each.since, each.value.rungs)
            for each in await self._policies.course(work, ESCALATION, ticket.site_id, since)
        ]
        return course_steps(course, ticket.severity, calendar, initial, events, work.now)


def _take(change: Change, step: Step, told: Sequence[_Member], to: Target) -> None:
    """One step: on the timeline, in the audit log, and as an event that tells whom it went up to."""
    late = change.work.now - step.at > LATE
    details = {
        "goal": step.goal,
        "to": to,
        "told": ", ".join(member.name for member in told),
        "at": iso(step.at),
        "due_at": iso(step.deadline),
    }
    if late:
        details["late"] = "true"
    change.record("escalated", details=details, system=True)
    change.audit("ticket.escalated", {"goal": step.goal, "to": to})
    payload = {**details, "members": ",".join(str(member.id) for member in told)}
    del payload["told"]
    change.tell("ticket.escalated.v1", {**payload, "quiet": "true" if step.rung.quiet else "false"})


def _whom(target: Target, ticket: Ticket, staff: Sequence[_Member]) -> tuple[list[_Member], Target]:
    """Who is told, and as what: the target, or else the next one up; never whom a complaint concerns (CMP-6)."""
    for to in _CHAIN[_CHAIN.index(target) :]:
        named = {"assignee": ticket.assignee_id, "owner": ticket.owner_id}
        found = [m for m in staff if (m.id == named[to] if to in named else to in m.roles)]
        found = [m for m in found if m.id != ticket.concerns_id]
        if found:
            return found, to
    return [], target


async def _staff(uow: UnitOfWork, ticket: Ticket) -> list[_Member]:
    named = [id for id in (ticket.assignee_id, ticket.owner_id) if id is not None]
    return await uow.fetch(_Member, _STAFF, uow.company_id, ticket.site_id, named)
