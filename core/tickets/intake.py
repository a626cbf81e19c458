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
from core.policies.values import Duration
from core.sla import Calendar, ClockEvent, Goal
from core.sla import promise as promise_of
from core.tenancy.directory import Site
from core.tickets import references, relations, repository
from core.tickets.changes import GOAL, Changes, Standing, span
from core.tickets.clocks import opening
from core.tickets.explain import named
from core.tickets.fields import read as read_fields
from core.tickets.goals import WRITTEN
from core.tickets.lifecycle import clock_instant
from core.tickets.model import NewTicket, Promise, Severity, Ticket
from core.tickets.recorded import NewEntry, Timer
from core.tickets.references import References
from core.tickets.relations import Tied
from core.tickets.types import Types, stage_of
from core.work import Work

if TYPE_CHECKING:
    from core.hooks.bus import HookBus
    from core.policies.service import Policies
    from core.teams.service import Placement, Teams


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

    async def owner_instead(self, work: Work, site: Site) -> tuple[UUID | None, str] | None:
        """Who would own a complaint that concerns the actor, who then cannot (CMP-6); None: nobody else could."""
        actor = work.ctx.actor
        if actor.kind != "person" or actor.id is None:
            return None
        return await references.owner_instead_of(work, site.id, actor.id)

    async def create(
        self,
        work: Work,
        site: Site,
        new: NewTicket,
        *,
        answer_within: Duration | None = None,
        tied: Tied | None = None,
    ) -> Ticket:
        """Take a matter in. Whoever does owns it (TKT-2), but not a complaint that concerns them (CMP-6).

        `answer_within`: a written answer is owed too, besides what the category promises (REC-10). `tied`: what it is
        of another ticket of the site. Raises Invalid naming every wrong field.
        """
        category, kind = await self._check(work, site, new)
        own = read_fields(kind, new.fields)
        named_in, placement = await self._looked_up(work, site, new)
        calendar_id, calendar, goals, due = await self._goals(work, site, new.category, new.severity, answer_within)
        at = clock_instant(work.now)
        running = [(due[g.name], g.name) for g in goals if due[g.name] is not None]
        due_at, due_goal = min(running, default=(None, None))
        owner_id, owner_name = named_in.owned_by(work.ctx.actor)
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
            place=new.place.strip() or named_in.unit or "",
            party_id=new.party_id,
            reporter_name=new.reporter_name.strip() or named_in.party or "",
            reporter_phone=new.reporter_phone.strip(),
            convenient_time=new.convenient_time.strip(),
            owner_id=owner_id,
            owner_name=owner_name,
            assignee_id=new.assignee_id or placement.assignee_id,
            assignee_name=named_in.assignee or placement.assignee_name,
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
            concerns_name=named_in.concerned or "",
            stage=stage_of(kind, "new"),
            fields=own,
        )
        await self._hooks.each("ticket_validate", work.ctx, site.id, work=work, draft=ticket)
        start = (ClockEvent(at, "start"),)
        standing = Standing(ticket, calendar, opening(goals, due), goals, start)
        timers = {GOAL: due_at, **await self.changes.planned(work, standing)}
        made_by = named(await self._policies.in_force(work, site.id, SLA_TARGETS, CALENDAR))
        details = {"goals": msgspec.json.encode(goals).decode(), **made_by}
        if references.concerns(new, work.ctx.actor):
            details["owner"] = owner_name
        if ticket.concerns_id is not None and ticket.concerns_id == work.uow.reader:
            await work.uow.hide_nothing()
        number = await repository.create(
            work.uow,
            ticket,
            f"{site.today(work.now):%y%m}",
            calendar_id,
            goals,
            due,
            NewEntry("created", details=details, clock=start),
            (work.ctx.actor.kind, work.ctx.actor.id, work.ctx.actor.name),
            [Timer(kind, when) for kind, when in timers.items()],
            () if tied is None else relations.beside(work, site, tied),
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
        if tied is not None:
            work.audit("ticket.related", "ticket", ticket.id, {"kind": tied.kind, "to": tied.number}, site_id=site.id)
            work.announce("ticket", site.id, tied.ticket_id)
        return ticket

    async def _goals(
        self, work: Work, site: Site, category: str, severity: Severity, answer_within: Duration | None = None
    ) -> tuple[UUID, Calendar, tuple[Goal, ...], dict[str, datetime | None]]:
        targets = await self._policies.value(work, SLA_TARGETS, site.id)
        calendar_id, calendar = await self._policies.calendar(work, site.id)
        goals = goals_for(targets, category, severity)
        known = next((c for c in await self.categories(work, site) if c.key == category), None)
        if known is not None:
            goals += await self.types.opening(work, site, known.ticket_type, severity)
        if answer_within is not None:
            goals += (Goal(WRITTEN, answer_within.amount, answer_within.unit, answer_within.clock),)
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

    async def _looked_up(self, work: Work, site: Site, new: NewTicket) -> tuple[References, Placement]:
        """What the matter names, checked, and where it goes. Raises Invalid."""
        actor = work.ctx.actor
        default = "" if actor.kind == "person" else (await self._policies.value(work, OWNERSHIP, site.id)).default_owner
        question = references.question(new, actor, default)
        placement = await self._teams.placement(work, site, new.category, new.assignee_id, new.concerns_id, question)
        if question is None:
            return References(), placement
        if question.answer is None:
            await question.ask(work.uow, work.ctx.company_id, site.id)
        assert question.answer is not None  # it always answers with one row
        question.answer.check(new, actor)
        return question.answer, placement
