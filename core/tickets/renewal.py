"""Brings changed policies to open tickets, on record: a new calendar by itself, new promises where it was asked for.

Jobs in batches. A batch and the next one's being queued are one transaction, and a ticket is taken only while it is not
up to date, so that a job may be killed, or run twice, at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from core.hooks.types import JobSpec
from core.jobs.port import enqueue
from core.policies.calendar import CALENDAR
from core.policies.service import Revision
from core.policies.sla_targets import SLA_TARGETS, goals_for
from core.sla import ClockEvent
from core.tenancy.context import TenantContext
from core.tickets.changes import Change, Changes
from core.tickets.explain import named
from core.tickets.lifecycle import clock_instant
from core.tickets.terms import owed
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies

BATCH = 50  # tickets locked at a time
SWEEP = 300  # seconds between looks for what no revision announced: a new year's holidays, a reopened ticket
_LATER = timedelta(seconds=5)  # before tickets that somebody was working on are tried again
_SECOND = timedelta(seconds=1)
RECALENDAR, SWEEP_JOB, RETARGET = "core.recalendar", "core.recalendar_sweep", "core.retarget"

_STALE = "coalesce(t.current_calendar_id, t.calendar_id) <> s.calendar_id AND t.status <> 'closed'"
_STALE_SITES = f"""
SELECT s.site_id FROM unnest($2::uuid[], $3::uuid[]) s (site_id, calendar_id)
WHERE EXISTS (SELECT FROM ticket t WHERE t.company_id = $1 AND t.site_id = s.site_id AND {_STALE})
"""  # noqa: S608
# Whoever works on a ticket keeps it; two batches at once share the rest.
_TAKE_STALE = f"""
SELECT t.id FROM ticket t CROSS JOIN (SELECT $3::uuid AS calendar_id) s
WHERE t.company_id = $1 AND t.site_id = $2 AND {_STALE} ORDER BY t.id LIMIT $4 FOR UPDATE OF t SKIP LOCKED
"""  # noqa: S608
_TAKEN = "UPDATE ticket SET current_calendar_id = $3 WHERE company_id = $1 AND id = ANY ($2::uuid[])"
_OPEN_AFTER = """
SELECT id FROM ticket WHERE company_id = $1 AND site_id = $2 AND status <> 'closed' AND id > $3 AND created_at < $4
ORDER BY id LIMIT $5
"""


class Renewal:
    """The jobs, and what queues them when a policy is revised. One for the process."""

    def __init__(self, policies: Policies, changes: Changes) -> None:
        self._policies = policies
        self._changes = changes
        policies.on_revision(self.revised)
        self.jobs = (
            JobSpec(SWEEP_JOB, self.sweep, every=SWEEP),
            JobSpec(RECALENDAR, self.recalendar),
            JobSpec(RETARGET, self.retarget),
        )

    async def revised(self, work: Work, revision: Revision, open_tickets: bool) -> None:
        """A calendar counts for open tickets from its effective instant, promises where the author asked for it."""
        ids = {"from": revision.effective_at.astimezone(UTC).isoformat()}
        delay = max(timedelta(), revision.effective_at - work.now) or None
        if revision.policy == CALENDAR.name:
            await enqueue(work, SWEEP_JOB, ids, delay)
        elif revision.policy == SLA_TARGETS.name and open_tickets:
            await enqueue(work, RETARGET, ids | _site(revision.site_id), delay)

    # -- the calendar -----------------------------------------------------------------------------------------------

    async def sweep(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Queue a batch for each site that has open tickets counted by a calendar no longer in force."""
        if await self._too_early(work, SWEEP_JOB, ids):
            return
        self._policies.forget(ctx.company_id)  # the news of the revision may come after its job
        sites = sorted(ctx.site_ids)
        calendars = [(await self._policies.calendar(work, site_id))[0] for site_id in sites]
        for site_id in await work.uow.fetch(_id, _STALE_SITES, ctx.company_id, sites, calendars):
            await enqueue(work, RECALENDAR, _site(site_id))

    async def recalendar(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Put the calendar in force on the timelines of the next tickets of the site, and queue the rest."""
        site_id = UUID(ids["site"])
        calendar_id, calendar = await self._policies.calendar(work, site_id)
        revisions = await self._policies.in_force(work, site_id, CALENDAR)
        since = max((revision.effective_at for revision in revisions), default=datetime.min.replace(tzinfo=UTC))
        taken = await work.uow.fetch(_id, _TAKE_STALE, ctx.company_id, site_id, calendar_id, BATCH)
        for ticket_id in taken:
            change = await self._changes.load(work, ticket_id, None)
            at = _from(change, since)
            event = ClockEvent(at, "calendar", calendar=calendar)
            change.record("calendar", details=named(revisions), clock=[event], system=True)
            await self._changes.store(change)
        await work.uow.execute(_TAKEN, ctx.company_id, taken, calendar_id)
        if await work.uow.fetch(_id, _STALE_SITES, ctx.company_id, [site_id], [calendar_id]):
            await enqueue(work, RECALENDAR, ids, None if taken else _LATER)

    # -- promises ---------------------------------------------------------------------------------------------------

    async def retarget(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Hold the next open tickets of the site to the promises in force, and queue the rest."""
        if await self._too_early(work, RETARGET, ids):
            return
        if "site" not in ids:
            for each in sorted(ctx.site_ids):
                await enqueue(work, RETARGET, {**ids, **_site(each)})
            return
        site_id, after = UUID(ids["site"]), UUID(ids.get("after", str(UUID(int=0))))
        self._policies.forget(ctx.company_id)
        targets = await self._policies.value(work, SLA_TARGETS, site_id)
        revisions = await self._policies.in_force(work, site_id, SLA_TARGETS)
        details = {**named(revisions), **({"reason": revisions[-1].reason} if revisions else {})}
        before = datetime.fromisoformat(ids["from"])  # later tickets were taken in under these promises
        found = await work.uow.fetch(_id, _OPEN_AFTER, ctx.company_id, site_id, after, before, BATCH)
        for ticket_id in found:
            change = await self._changes.load(work, ticket_id, None)
            ticket = change.before
            promised = goals_for(targets, ticket.category, ticket.severity)
            goals = owed(change.recorded.goals, promised, ticket.status, change.paused_from)
            if goals is not None:
                change.record(
                    "retarget", details=details, clock=[ClockEvent(change.at, "retarget", goals=goals)], system=True
                )
                await self._changes.store(change)
        if len(found) == BATCH:
            await enqueue(work, RETARGET, {**ids, "after": str(found[-1])})

    async def _too_early(self, work: Work, job: str, ids: Mapping[str, str]) -> bool:
        """Whether the revision is not in force yet; then the job comes back."""
        due = datetime.fromisoformat(ids["from"]) if "from" in ids else work.now
        if due > work.now:
            await enqueue(work, job, ids, due - work.now)
        return due > work.now


def _from(change: Change, since: datetime) -> datetime:
    """The instant from which a ticket is counted by a calendar in force `since` then: that one, if the job comes late.

    Never before what has happened to the ticket: neither an event nor a breach is undone. A calendar that changed
    without a revision counts from now on.
    """
    events = change.events
    known = max(event.at for event in events if event.type in ("start", "calendar"))
    if since <= known:
        return change.at
    breaches = [row.breached_at + _SECOND for row in change.recorded.goals if row.breached_at is not None]
    return min(change.at, max([clock_instant(since), events[-1].at, *breaches]))


def _site(site_id: UUID | None) -> dict[str, str]:
    return {} if site_id is None else {"site": str(site_id)}


def _id(id: UUID) -> UUID:
    return id
