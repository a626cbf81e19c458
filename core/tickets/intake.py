"""Taking a matter in: what it can be about, what would be promised for it, and the ticket that is made of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.errors import FieldError, Invalid
from core.hooks.types import Event, TicketType
from core.policies.calendar import CALENDAR
from core.policies.ownership import OWNERSHIP
from core.policies.sla_targets import SLA_TARGETS, goals_for
from core.policies.ticket_categories import TICKET_CATEGORIES, Category
from core.sla import Calendar, ClockEvent, Goal
from core.sla import promise as promise_of
from core.tenancy.context import Actor
from core.tenancy.directory import Site
from core.tickets import placing, repository
from core.tickets.changes import GOAL, Changes, Standing, span
from core.tickets.clocks import opening
from core.tickets.explain import named
from core.tickets.fields import read as read_fields
from core.tickets.lifecycle import clock_instant
from core.tickets.model import NewTicket, Promise, Severity, Ticket
from core.tickets.recorded import NewEntry, Timer
from core.tickets.types import Types, stage_of
from core.work import Work

if TYPE_CHECKING:
    from core.hooks.bus import HookBus
    from core.policies.service import Policies
    from core.teams.service import Teams


_REFERENCES = """
WITH colleague AS (
    SELECT id, name FROM membership
    WHERE company_id = $1 AND id IN ($5, $6) AND active AND (all_sites OR $2 = ANY (site_ids))
)
SELECT (SELECT label FROM unit WHERE company_id = $1 AND site_id = $2 AND id = $3),
       (SELECT name FROM party WHERE company_id = $1 AND site_id = $2 AND id = $4),
       (SELECT name FROM colleague WHERE id = $5), (SELECT name FROM colleague WHERE id = $6),
       CASE WHEN $7::text IS NOT NULL THEN (
           SELECT jsonb_build_array(id, name)::text FROM membership
           WHERE company_id = $1 AND active AND (all_sites OR $2 = ANY (site_ids)) AND id IS DISTINCT FROM $6
           ORDER BY (staff_no = $7) DESC,
               array_position($8::text[], (SELECT r FROM unnest(roles) r WHERE r = ANY ($8::text[])
                                           ORDER BY array_position($8::text[], r) LIMIT 1)) NULLS LAST,
               all_sites, staff_no LIMIT 1) END
"""
_ANSWERABLE = ["manager", "duty_officer", "supervisor", "clerk"]  # who owns what a program reports, the first there is


class _References(msgspec.Struct):
    unit: str | None
    party: str | None
    assignee: str | None
    concerned: str | None
    owner: str | None

    def owned_by(self, actor: Actor) -> tuple[UUID | None, str]:
        """Who owns a new matter: whoever takes it in, else the member found for it (TKT-2)."""
        if self.owner is None:
            return (actor.id if actor.kind == "person" else None), actor.name
        return msgspec.json.decode(self.owner, type=tuple[UUID, str])


class Intake:
    """Takes matters in; a part of the ticket service."""

    def __init__(self, policies: Policies, hooks: HookBus, teams: Teams, types: Types, changes: Changes) -> None:
        self._policies = policies
        self._hooks = hooks
        self._teams = teams
        self.types = types
        self.changes = changes

    async def categories(self, work: Work, site: Site) -> tuple[Category, ...]:
        """What a matter at this site can be about."""
        return (await self._policies.value(work, TICKET_CATEGORIES, site.id)).categories

    async def promise(self, work: Work, site: Site, category: str, severity: Severity) -> list[Promise]:
        """What would be promised for such a matter taken in now: shown before it is saved."""
        _, _, goals, due = await self._goals(work, site, category, severity)
        return [Promise(g.name, g.amount, g.unit, g.clock, due[g.name]) for g in goals]

    async def create(self, work: Work, site: Site, new: NewTicket) -> Ticket:
        """Take a matter in. Whoever does owns it (TKT-2). Raises Invalid naming every wrong field."""
        category, kind = await self._check(work, site, new)
        own = read_fields(kind, new.fields)
        references = await self._references(work, site, new)
        placement = await self._teams.placement(work, site, new.category, new.assignee_id, new.concerns_id)
        calendar_id, calendar, goals, due = await self._goals(work, site, new.category, new.severity)
        at = clock_instant(work.now)
        running = [(due[g.name], g.name) for g in goals if due[g.name] is not None]
        due_at, due_goal = min(running, default=(None, None))
        owner_id, owner_name = references.owned_by(work.ctx.actor)
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
            owner_id=owner_id,
            owner_name=owner_name,
            assignee_id=new.assignee_id or placement.assignee_id,
            assignee_name=references.assignee or placement.assignee_name,
            due_at=due_at,
            due_goal=due_goal,
            due_seconds=span(work.now, due_at),
            answered_at=None,
            created_at=work.now,
            updated_at=work.now,
            version=1,
            assigned_at=work.now if new.assignee_id or placement.assignee_id else None,
            team_id=placement.team_id,
            team_name=placement.team_name,
            concerns_id=new.concerns_id,
            concerns_name=references.concerned or "",
            stage=stage_of(kind, "new"),
            fields=own,
        )
        await self._hooks.each("ticket_validate", work.ctx, site.id, work=work, draft=ticket)
        start = (ClockEvent(at, "start"),)
        standing = Standing(ticket, calendar, opening(goals, due), goals, start)
        timers = {GOAL: due_at, **await self.changes.planned(work, standing)}
        made_by = named(await self._policies.in_force(work, site.id, SLA_TARGETS, CALENDAR))
        number = await repository.create(
            work.uow,
            ticket,
            f"{site.today(work.now):%y%m}",
            calendar_id,
            goals,
            due,
            NewEntry("created", details={"goals": msgspec.json.encode(goals).decode(), **made_by}, clock=start),
            (work.ctx.actor.kind, work.ctx.actor.id, work.ctx.actor.name),
            [Timer(kind, when) for kind, when in timers.items()],
        )
        ticket = msgspec.structs.replace(ticket, number=number)
        work.audit(
            "ticket.created",
            "ticket",
            ticket.id,
            {"number": number, "category": ticket.category, "severity": ticket.severity},
            site_id=site.id,
        )
        payload = {"number": number, "category": ticket.category, "severity": ticket.severity}
        work.emit(Event("ticket.created.v1", ticket.site_id, ticket.id, payload))
        self.changes.announce(work, ticket)
        return ticket

    async def _goals(
        self, work: Work, site: Site, category: str, severity: Severity
    ) -> tuple[UUID, Calendar, tuple[Goal, ...], dict[str, datetime | None]]:
        targets = await self._policies.value(work, SLA_TARGETS, site.id)
        calendar_id, calendar = await self._policies.calendar(work, site.id)
        goals = goals_for(targets, category, severity)
        known = next((c for c in await self.categories(work, site) if c.key == category), None)
        if known is not None:
            goals += await self.types.opening(work, site, known.ticket_type, severity)
        return calendar_id, calendar, goals, promise_of(calendar, goals, clock_instant(work.now))

    async def _check(self, work: Work, site: Site, new: NewTicket) -> tuple[Category, TicketType]:
        wrong = []
        category = next((c for c in await self.categories(work, site) if c.key == new.category), None)
        kind = self.types.active(work.ctx, site.id, category.ticket_type) if category else None
        if category is None or kind is None:
            wrong.append(FieldError("category", "Choose one of the site's categories."))
        if len(new.description.strip()) < 4:
            wrong.append(FieldError("description", "Describe the matter in at least 4 characters."))
        if new.unit_id is None and not new.place.strip():
            wrong.append(FieldError("place", "Say which unit or place it is about."))
        if wrong or category is None or kind is None:
            raise Invalid(fields=wrong)
        return category, kind

    async def _references(self, work: Work, site: Site, new: NewTicket) -> _References:
        """Labels of what a request refers to. Raises Invalid alike for ids that are not and that are another's."""
        ids = (new.unit_id, new.party_id, new.assignee_id, new.concerns_id)
        person = work.ctx.actor.kind == "person"
        if person and not any(ids):
            return _References(None, None, None, None, None)
        default = None if person else (await self._policies.value(work, OWNERSHIP, site.id)).default_owner
        found = await work.uow.fetch_one(
            _References, _REFERENCES, work.ctx.company_id, site.id, *ids, default, _ANSWERABLE
        )
        assert found is not None
        wrong = []
        if new.unit_id is not None and found.unit is None:
            wrong.append(FieldError("unit_id", "There is no such unit at this site."))
        if new.party_id is not None and found.party is None:
            wrong.append(FieldError("party_id", "There is no such party at this site."))
        if new.assignee_id is not None and found.assignee is None:
            wrong.append(placing.NO_COLLEAGUE)
        elif new.assignee_id is not None and new.assignee_id == new.concerns_id:
            wrong.append(placing.CONCERNED)
        if new.concerns_id is not None and found.concerned is None:
            wrong.append(FieldError("concerns_id", "There is no such colleague at this site."))
        if wrong:
            raise Invalid(fields=wrong)
        return found
