"""The rules of tickets: taking a matter in, each step of its life, noticing breaches. Callers commit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.errors import FieldError, Forbidden, Invalid, NotFound, PreconditionFailed
from core.hooks.types import Event
from core.policies.sla_targets import SLA_TARGETS, goals_for
from core.policies.ticket_categories import TICKET_CATEGORIES, Category
from core.sla import ClockEvent, Goal
from core.sla import promise as promise_of
from core.tenancy.directory import Site
from core.tickets import queue, repository
from core.tickets.clocks import Projection, deadlines, project
from core.tickets.counts import Counts
from core.tickets.lifecycle import ACTIONS, allowed, check, clock_events, clock_instant
from core.tickets.model import NewTicket, Page, Promise, Severity, Status, Ticket, TicketDetail
from core.tickets.repository import NewEntry, Recorded
from core.work import Work

if TYPE_CHECKING:
    from core.hooks.bus import HookBus
    from core.policies.service import Policies


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What comes with an action: what was written, and for `assign` to whom."""

    text: str = ""
    assignee_id: UUID | None = None
    channel: str = ""


_REFERENCES = """
SELECT (SELECT label FROM unit WHERE company_id = $1 AND site_id = $2 AND id = $3),
       (SELECT name FROM party WHERE company_id = $1 AND site_id = $2 AND id = $4),
       (SELECT name FROM membership WHERE company_id = $1 AND id = $5 AND active AND (all_sites OR $2 = ANY (site_ids)))
"""


class _References(msgspec.Struct):
    unit: str | None
    party: str | None
    assignee: str | None


class Tickets:
    """The ticket service; one for the process."""

    def __init__(self, policies: Policies, hooks: HookBus) -> None:
        self._policies = policies
        self._hooks = hooks
        self._counts = Counts()

    async def categories(self, work: Work, site: Site) -> tuple[Category, ...]:
        """What a matter at this site can be about."""
        return (await self._policies.value(work, TICKET_CATEGORIES, site.id)).categories

    async def promise(self, work: Work, site: Site, category: str, severity: Severity) -> list[Promise]:
        """What would be promised for such a matter taken in now: shown before it is saved."""
        _, goals, due = await self._goals(work, site, category, severity)
        return [Promise(g.name, g.amount, g.unit, g.clock, due[g.name]) for g in goals]

    async def create(self, work: Work, site: Site, new: NewTicket) -> Ticket:
        """Take a matter in. Whoever does owns it (TKT-2). Raises Invalid naming every wrong field."""
        category = await self._check(work, site, new)
        references = await self._references(work, site, new.unit_id, new.party_id, new.assignee_id)
        calendar_id, goals, due = await self._goals(work, site, new.category, new.severity)
        at = clock_instant(work.now)
        running = [(due[g.name], g.name) for g in goals if due[g.name] is not None]
        due_at, due_goal = min(running, default=(None, None))
        owner = work.ctx.actor if work.ctx.actor.kind == "person" else None
        ticket = Ticket(
            id=new_id(),
            site_id=site.id,
            number="",
            type=category.ticket_type,
            status="new",
            severity=new.severity,
            category=new.category,
            channel=new.channel,
            description=new.description.strip(),
            unit_id=new.unit_id,
            place=new.place.strip() or references.unit or "",
            party_id=new.party_id,
            reporter_name=new.reporter_name.strip() or references.party or "",
            reporter_phone=new.reporter_phone.strip(),
            convenient_time=new.convenient_time.strip(),
            owner_id=owner.id if owner else None,
            owner_name=work.ctx.actor.name,
            assignee_id=new.assignee_id,
            assignee_name=references.assignee or "",
            due_at=due_at,
            due_goal=due_goal,
            due_seconds=_span(work.now, due_at),
            answered_at=None,
            created_at=work.now,
            updated_at=work.now,
            version=1,
        )
        await self._hooks.each("ticket_validate", work.ctx, site.id, work=work, draft=ticket)
        number = await repository.create(
            work.uow,
            (
                work.ctx.company_id,
                ticket.id,
                site.id,
                f"{site.today(work.now):%y%m}",
                ticket.type,
                ticket.severity,
                ticket.category,
                ticket.channel,
                ticket.description,
                ticket.unit_id,
                ticket.place,
                ticket.party_id,
                ticket.reporter_name,
                ticket.reporter_phone,
                ticket.convenient_time,
                ticket.owner_id,
                ticket.owner_name,
                ticket.assignee_id,
                ticket.assignee_name,
                calendar_id,
                ticket.due_at,
                ticket.due_goal,
                ticket.due_seconds,
                work.now,
            ),
            goals,
            due,
            (work.ctx.actor.kind, work.ctx.actor.id, work.ctx.actor.name),
            (
                msgspec.json.encode({"goals": msgspec.json.encode(goals).decode()}).decode(),
                msgspec.json.encode([ClockEvent(at, "start")]).decode(),
            ),
            due_at,
        )
        ticket = msgspec.structs.replace(ticket, number=number)
        work.audit(
            "ticket.created",
            "ticket",
            ticket.id,
            {"number": number, "category": ticket.category, "severity": ticket.severity},
            site_id=site.id,
        )
        self._tell(work, "ticket.created.v1", ticket, {"category": ticket.category, "severity": ticket.severity})
        return ticket

    async def get(self, work: Work, site: Site, ticket_id: UUID) -> Ticket:
        """Raises NotFound, also for a ticket of another site or company."""
        ticket = await repository.get(work.uow, site.id, ticket_id)
        if ticket is None:
            raise NotFound
        return ticket

    async def detail(self, work: Work, site: Site, ticket_id: UUID) -> TicketDetail:
        """The ticket with goals, timeline and possible actions. Raises NotFound."""
        ticket = await self.get(work, site, ticket_id)
        return TicketDetail(
            ticket,
            await repository.goals_of(work.uow, ticket_id),
            await repository.timeline_of(work.uow, ticket_id),
            allowed(ticket.status, work.ctx.permissions, answered=ticket.answered_at is not None),
        )

    async def page(self, work: Work, site: Site, wanted: queue.Filter) -> Page:
        """A page of the site's tickets."""
        return await queue.page(work.uow, site.id, wanted)

    async def colleagues(self, work: Work, site: Site) -> list[tuple[UUID, str]]:
        """Whom a ticket of the site can be assigned to: ids and names."""
        return await repository.colleagues(work.uow, site.id)

    async def counts(self, work: Work, site: Site) -> dict[str, int]:
        """Tickets of the site by state."""
        return await self._counts.of(work, site)

    async def pressing(self, work: Work, site: Site, within: timedelta) -> tuple[int, int]:
        """How many open tickets are due within that time, and how many are overdue (TKT-6)."""
        return await repository.pressing(work.uow, site.id, work.now, work.now + within)

    async def act(self, work: Work, site: Site, ticket_id: UUID, name: str, step: Step, expected: int | None) -> Ticket:
        """Take a step of the life cycle. `expected` is the version the actor saw (None: whatever it is).

        Raises NotFound, Forbidden, PreconditionFailed, Conflict (not possible in this state, TKT-3) or Invalid.
        """
        action = ACTIONS.get(name)
        if action is None:
            raise NotFound
        if action.permission not in work.ctx.permissions:
            raise Forbidden
        recorded = await repository.lock(work.uow, ticket_id, step.assignee_id if name == "assign" else None)
        if recorded is None or recorded.ticket.site_id != site.id:
            raise NotFound
        before = recorded.ticket
        if expected is not None and expected != before.version:
            raise PreconditionFailed
        check(action, before.status, step.text, answered=before.answered_at is not None)

        at = max(clock_instant(work.now), recorded.events[-1].at)
        new_events = clock_events(
            action,
            at,
            (g.name for g in recorded.goals if not g.ended),
            (g.name for g in recorded.goals if g.ended),
        )
        projection = await self._project(work, recorded, (*recorded.events, *new_events))
        details: dict[str, str] = {"from": before.status} if action.target else {}
        after = before
        paused_from = recorded.paused_from
        if action.name == "resume":
            after = msgspec.structs.replace(after, status=paused_from or "accepted")
            paused_from = None
        elif action.target is not None:
            paused_from = before.status if action.name == "pause" else None
            after = msgspec.structs.replace(after, status=action.target)
        if action.name == "answer":
            after = msgspec.structs.replace(after, answered_at=work.now)
            details["channel"] = step.channel or "call"
        elif action.name == "reopen":
            after = msgspec.structs.replace(after, answered_at=None)
        elif action.name == "accept" and before.assignee_id is None and work.ctx.actor.kind == "person":
            after = msgspec.structs.replace(after, assignee_id=work.ctx.actor.id, assignee_name=work.ctx.actor.name)
        elif action.name == "assign":
            if step.assignee_id is not None and recorded.colleague is None:
                raise Invalid(fields=[_NO_COLLEAGUE])
            after = msgspec.structs.replace(after, assignee_id=step.assignee_id, assignee_name=recorded.colleague or "")
            details = {"assignee": after.assignee_name}
        entry = NewEntry(action.name, step.text.strip(), details, tuple(new_events))
        after = await self._write(work, recorded, after, paused_from, projection, [entry])
        work.audit(
            f"ticket.{action.name}",
            "ticket",
            before.id,
            {"number": before.number, "status": [before.status, after.status]},
            site_id=site.id,
        )
        if action.name != "comment":
            self._tell(work, f"ticket.{_PAST[action.name]}.v1", after, {"status": after.status})
        return after

    async def notice_breaches(self, work: Work, ticket_id: UUID) -> int:
        """Record the goals whose time has run out by now, each exactly once; how many. For the timer's job (TKT-6)."""
        recorded = await repository.lock(work.uow, ticket_id)
        if recorded is None or not await repository.timer_is_due(work.uow, ticket_id, work.now):
            return 0  # another worker, or an action in the meantime, has dealt with it
        projection = await self._project(work, recorded, recorded.events)
        await self._write(work, recorded, recorded.ticket, recorded.paused_from, projection, [])
        return len(projection.breached)

    # -- parts ------------------------------------------------------------------------------------------------------

    async def _goals(
        self, work: Work, site: Site, category: str, severity: Severity
    ) -> tuple[UUID, tuple[Goal, ...], dict[str, datetime | None]]:
        targets = await self._policies.value(work, SLA_TARGETS, site.id)
        calendar_id, calendar = await self._policies.calendar(work, site.id)
        goals = goals_for(targets, category, severity)
        return calendar_id, goals, promise_of(calendar, goals, clock_instant(work.now))

    async def _check(self, work: Work, site: Site, new: NewTicket) -> Category:
        wrong = []
        category = next((c for c in await self.categories(work, site) if c.key == new.category), None)
        if category is None:
            wrong.append(FieldError("category", "Choose one of the site's categories."))
        if len(new.description.strip()) < 4:
            wrong.append(FieldError("description", "Describe the matter in at least 4 characters."))
        if new.unit_id is None and not new.place.strip():
            wrong.append(FieldError("place", "Say which unit or place it is about."))
        if wrong or category is None:
            raise Invalid(fields=wrong)
        return category

    async def _references(
        self, work: Work, site: Site, unit_id: UUID | None, party_id: UUID | None, assignee_id: UUID | None
    ) -> _References:
        """Labels of what a request refers to. Raises Invalid alike for ids that are not and that are another's."""
        if unit_id is party_id is assignee_id is None:
            return _References(None, None, None)
        found = await work.uow.fetch_one(
            _References, _REFERENCES, work.ctx.company_id, site.id, unit_id, party_id, assignee_id
        )
        assert found is not None
        wrong = []
        if unit_id is not None and found.unit is None:
            wrong.append(FieldError("unit_id", "There is no such unit at this site."))
        if party_id is not None and found.party is None:
            wrong.append(FieldError("party_id", "There is no such party at this site."))
        if assignee_id is not None and found.assignee is None:
            wrong.append(_NO_COLLEAGUE)
        if wrong:
            raise Invalid(fields=wrong)
        return found

    async def _project(self, work: Work, recorded: Recorded, events: tuple[ClockEvent, ...]) -> Projection:
        calendar = await self._policies.calendar_by_id(work, recorded.calendar_id)
        return project(calendar, recorded.initial, events, work.now, recorded.goals)

    async def _write(
        self,
        work: Work,
        recorded: Recorded,
        after: Ticket,
        paused_from: Status | None,
        projection: Projection,
        entries: list[NewEntry],
    ) -> Ticket:
        late = deadlines(projection.goals)
        after = msgspec.structs.replace(
            after,
            due_at=late.due_at,
            due_goal=late.goal,
            due_seconds=_span(after.created_at, late.due_at),
            updated_at=work.now,
        )
        breaches = [
            NewEntry("breached", details={"goal": g.name, "due_at": _iso(g.breached_at)}, system=True)
            for g in projection.breached
        ]
        actor = work.ctx.actor
        version = await repository.change(
            work.uow,
            recorded,
            after,
            paused_from,
            projection.goals,
            late,
            [*breaches, *entries],
            (actor.kind, actor.id, actor.name),
        )
        after = msgspec.structs.replace(after, version=version)
        for goal in projection.breached:
            work.audit("ticket.goal_breached", "ticket", after.id, {"goal": goal.name}, site_id=after.site_id)
            self._tell(work, "ticket.goal_breached.v1", after, {"goal": goal.name, "due_at": _iso(goal.breached_at)})
        self._changed(work, after)
        return after

    def forget_counts(self, company_id: UUID | None) -> None:
        """A ticket of the company has changed; None: any may have."""
        self._counts.forget(company_id)

    def _tell(self, work: Work, event_type: str, ticket: Ticket, payload: dict[str, str]) -> None:
        work.emit(Event(event_type, ticket.site_id, ticket.id, {"number": ticket.number, **payload}))
        self._changed(work, ticket)

    def _changed(self, work: Work, ticket: Ticket) -> None:
        work.announce("ticket", ticket.site_id, ticket.id)
        work.uow.after_commit(lambda: self.forget_counts(work.ctx.company_id))


_NO_COLLEAGUE = FieldError("assignee_id", "There is no such colleague at this site.")
_PAST = {
    "accept": "accepted",
    "arrive": "arrived",
    "pause": "paused",
    "resume": "resumed",
    "resolve": "resolved",
    "answer": "answered",
    "close": "closed",
    "reopen": "reopened",
    "assign": "assigned",
}


def _span(start: datetime, due_at: datetime | None) -> int | None:
    return None if due_at is None else max(1, round((due_at - start).total_seconds()))


def _iso(instant: datetime | None) -> str:
    return "" if instant is None else instant.isoformat().replace("+00:00", "Z")
