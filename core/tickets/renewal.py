"""Brings changed policies to open tickets, on record: working time and escalation steps by themselves, promises where
it was asked for; each revision from its own instant on, in the order in which they took effect.

Jobs in batches. A batch and the next one's being queued are one transaction, and a ticket is taken only while it is not
up to date, so that a job may be killed, or run twice, at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

from core.hooks.types import JobSpec
from core.jobs.port import enqueue
from core.policies.calendar import CALENDAR, WorkingTime, to_calendar
from core.policies.escalation import ESCALATION, Escalation
from core.policies.revisions import Revision
from core.policies.service import Stretch
from core.policies.sla_targets import SLA_TARGETS, SlaTargets, amount_of, goals_for
from core.sla import Calendar, ClockEvent
from core.tenancy.context import TenantContext
from core.tickets.changes import Change, Changes
from core.tickets.clocks import project
from core.tickets.explain import named
from core.tickets.ladder import Step, steps
from core.tickets.lifecycle import clock_instant
from core.tickets.terms import owed
from core.tickets.types import Types
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies

BATCH = 50  # tickets locked at a time
SWEEP = 300  # seconds between looks for what no revision announced: a new year's holidays, a reopened ticket
_LATER = timedelta(seconds=5)  # before tickets that somebody was working on are tried again
_SECOND = timedelta(seconds=1)
_EPOCH = datetime.fromtimestamp(0, UTC)
RENEW, SWEEP_JOB = "core.renew", "core.renew_sweep"
_BY_THEMSELVES = (CALENDAR, ESCALATION)

_STALE = """t.status <> 'closed' AND (coalesce(t.renewed_at, t.created_at) < s.since
    OR coalesce(t.current_calendar_id, t.calendar_id) <> s.calendar_id)"""
_STALE_SITES = f"""
SELECT s.site_id FROM unnest($2::uuid[], $3::uuid[], $4::timestamptz[]) s (site_id, calendar_id, since)
WHERE EXISTS (SELECT FROM ticket t WHERE t.company_id = $1 AND t.site_id = s.site_id AND {_STALE})
"""  # noqa: S608
# Whoever works on a ticket keeps it; two batches at once share the rest.
_TAKE_STALE = f"""
SELECT t.id, coalesce(t.renewed_at, t.created_at)
FROM ticket t CROSS JOIN (SELECT $3::uuid AS calendar_id, $4::timestamptz AS since) s
WHERE t.company_id = $1 AND t.site_id = $2 AND {_STALE} ORDER BY t.id LIMIT $5 FOR UPDATE OF t SKIP LOCKED
"""  # noqa: S608
_TAKEN = """
UPDATE ticket SET current_calendar_id = $3, renewed_at = $4 WHERE company_id = $1 AND id = ANY ($2::uuid[])
"""


class Renewal:
    """The jobs, and what queues them when a policy is revised. One for the process."""

    def __init__(self, policies: Policies, changes: Changes, types: Types) -> None:
        self._policies = policies
        self._changes = changes
        self._types = types
        policies.on_revision(self.revised)
        self.jobs = (JobSpec(SWEEP_JOB, self.sweep, every=SWEEP), JobSpec(RENEW, self.renew))

    async def revised(self, work: Work, revision: Revision) -> None:
        """Queue the look at open tickets for the instant at which the revision takes effect."""
        by_itself = any(revision.policy == spec.name for spec in _BY_THEMSELVES)
        asked = revision.policy == SLA_TARGETS.name and revision.open_tickets
        if (by_itself or asked) and revision.withdraws is None:
            ids = {"from": revision.effective_at.astimezone(UTC).isoformat()}
            await enqueue(work, SWEEP_JOB, ids, max(timedelta(), revision.effective_at - work.now) or None)

    async def sweep(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Queue a batch for each site that has open tickets which a policy in force has not reached."""
        due = datetime.fromisoformat(ids["from"]) if "from" in ids else work.now
        if due > work.now:
            await enqueue(work, SWEEP_JOB, ids, due - work.now)
            return
        self._policies.forget(ctx.company_id)  # the news of the revision may come after its job
        sites = sorted(ctx.site_ids)
        calendars = [(await self._policies.calendar(work, site_id))[0] for site_id in sites]
        since = [await self._since(work, site_id) for site_id in sites]
        for site_id in await work.uow.fetch(_id, _STALE_SITES, ctx.company_id, sites, calendars, since):
            await enqueue(work, RENEW, {"site": str(site_id)})

    async def renew(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Bring the next open tickets of the site up to date, and queue the rest."""
        site_id = UUID(ids["site"])
        await self._policies.hold(work)
        self._policies.forget(ctx.company_id)
        calendar_id, calendar = await self._policies.calendar(work, site_id)
        since = await self._since(work, site_id)
        taken: list[tuple[UUID, datetime]] = await work.uow.fetch(
            lambda *row: row, _TAKE_STALE, ctx.company_id, site_id, calendar_id, since, BATCH
        )
        for ticket_id, known in taken:
            await self._bring_up(await self._changes.load(work, ticket_id, None), known, calendar)
        await work.uow.execute(_TAKEN, ctx.company_id, [id for id, _ in taken], calendar_id, since)
        if await work.uow.fetch(_id, _STALE_SITES, ctx.company_id, [site_id], [calendar_id], [since]):
            await enqueue(work, RENEW, ids, None if taken else _LATER)

    async def _since(self, work: Work, site_id: UUID) -> datetime:
        """When the latest revision that concerns the site's open tickets took effect."""
        own = await self._policies.in_force(work, site_id, *_BY_THEMSELVES)
        asked = [each for each in await self._policies.course(work, SLA_TARGETS, site_id, _EPOCH) if each.asked]
        return max([_EPOCH, *(revision.effective_at for revision in own), *(each.since for each in asked)])

    async def _bring_up(self, change: Change, known: datetime, calendar: Calendar) -> None:
        """Put what has come into force since `known` on the ticket's timeline, each from its instant on."""
        policies, work, site_id = self._policies, change.work, change.before.site_id
        calendars = (await policies.course(work, CALENDAR, site_id, known))[1:]
        promises = (await policies.course(work, SLA_TARGETS, site_id, known))[1:]
        ladders = await policies.course(work, ESCALATION, site_id, known)
        turns = [
            *((each.since, partial(_recalendar, change, each)) for each in calendars),
            *((each.since, partial(self._retarget, change, each)) for each in promises if each.asked),
            *((new.since, partial(_regrade, change, old, new)) for old, new in pairwise(ladders)),
        ]
        for _, turn in sorted(turns, key=lambda pair: pair[0]):
            turn()
        if _used(change) != calendar:  # no revision brought it: public holidays were announced
            details = named(await policies.in_force(work, site_id, CALENDAR))
            change.record("calendar", details=details, clock=[_calendar(change.at, calendar)], system=True)
        if change.entries:
            await self._changes.store(change)

    def _retarget(self, change: Change, new: Stretch[SlaTargets]) -> None:
        """Hold the ticket to what was promised from then on; not one that was taken up again only later."""
        at, ticket = _from(change, new.since), change.before
        if any(event.type == "reopen" and event.at > new.since for event in change.events):
            return
        kind = self._types.find(ticket.type)
        specs = kind.goals if kind else ()
        further = {spec.name: amount_of(new.value, ticket.type, spec, ticket.severity) for spec in specs}
        rows = project(change.calendar, change.recorded.initial, change.events, at).goals
        promised = goals_for(new.value, ticket.category, ticket.severity)
        goals = owed(rows, promised, ticket.status, change.paused_from, further)
        if goals is not None:
            details = {**named(new.revisions), "reason": new.revisions[-1].reason}
            event = ClockEvent(at, "retarget", goals=goals)
            change.record("retarget", details=details, clock=[event], system=True)


def _recalendar(change: Change, new: Stretch[WorkingTime]) -> None:
    calendar = to_calendar(new.value)
    if calendar != _used(change):
        event = _calendar(_from(change, new.since), calendar)
        change.record("calendar", details=named(new.revisions), clock=[event], system=True)


def _regrade(change: Change, old: Stretch[Escalation], new: Stretch[Escalation]) -> None:
    """Say that other steps are taken from now on, and how many of them lie in the past: those are not made up for."""
    open_goals = set(change.running)
    before, after = (
        {_sort(step): step for step in _steps(change, each) if step.goal in open_goals} for each in (old, new)
    )
    fresh = [step for key, step in after.items() if key not in before]
    gone = [step for key, step in before.items() if key not in after and step.at >= new.since]
    if fresh or gone:
        passed = sum(step.at < new.since for step in fresh)
        details = {**named(new.revisions), **({"passed": str(passed)} if passed else {})}
        change.record("ladder", details=details, system=True)


def _steps(change: Change, each: Stretch[Escalation]) -> list[Step]:
    ticket, initial = change.before, change.recorded.initial
    return steps(each.value.rungs, ticket.severity, change.calendar, initial, change.events, change.work.now)


def _sort(step: Step) -> tuple[str, str, datetime]:
    return step.goal, step.rung.to, step.at


def _used(change: Change) -> Calendar:
    """The calendar that the ticket is counted by."""
    return next((event.calendar for event in reversed(change.events) if event.calendar), change.calendar)


def _calendar(at: datetime, calendar: Calendar) -> ClockEvent:
    return ClockEvent(at, "calendar", calendar=calendar)


def _from(change: Change, since: datetime) -> datetime:
    """The instant from which a ticket is held to what took effect `since` then: that one, if the job comes late.

    Never before what has happened to the ticket: neither an event nor a breach is undone.
    """
    breaches = [row.breached_at + _SECOND for row in change.recorded.goals if row.breached_at is not None]
    return min(change.at, max([clock_instant(since), change.events[-1].at, *breaches]))


def _id(id: UUID) -> UUID:
    return id
