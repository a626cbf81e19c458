"""Lives a demo company's past through: the services do it all, each step at its instant, and timers in between."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.analysis.model import ItemChange, MeetingPlan, NewItem
from core.cli.demo.story import Act, Held, Matter, Story, instant
from core.db.uow import UnitOfWork
from core.hooks.types import Event
from core.platform import Platform
from core.tenancy.context import SYSTEM, Actor, TenantContext
from core.tenancy.directory import Company, Site
from core.tickets import causes, tags
from core.tickets.causes import SaidCause
from core.tickets.merging import Merge
from core.tickets.model import NewTicket, Severity, Step
from core.tickets.tags import TagChange
from core.work import Work

COLLECTED = timedelta(hours=8)  # how often the agenda is filled; the job does it more often
NEWS = timedelta(hours=12)  # what is older is no news: nobody is told of it any more
_MOMENT = timedelta(seconds=1)  # by which a worker is late
_PEOPLE = """
SELECT p.login, m.id, m.name, m.roles, m.all_sites, m.site_ids
FROM membership m JOIN person p ON p.id = m.person_id WHERE m.company_id = $1 AND m.active
"""
_FOUNDED = "SELECT min(at) FROM audit_entry WHERE company_id = $1"
_LIVED = "SELECT EXISTS (SELECT FROM ticket WHERE company_id = $1)"
_DUE = """
SELECT ticket_id, kind, due_at FROM ticket_timer WHERE company_id = $1 AND due_at < $2
ORDER BY due_at, kind, ticket_id LIMIT 1
"""

Happening = Callable[[], Coroutine[Any, Any, None]]
Moment = tuple[datetime, Happening]


class Someone(msgspec.Struct, frozen=True):
    """Who works for the company, by login."""

    login: str
    id: UUID
    name: str
    roles: list[str]
    all_sites: bool
    site_ids: list[UUID]


class _Past(Work):
    """Work of long ago: done and on record, but no news."""

    __slots__ = ()

    def emit(self, event: Event) -> None:
        """Tell nobody."""

    def announce(self, topic: str, site_id: UUID | None, id: UUID | None = None) -> None:
        """Tell nobody."""


async def people_of(uow: UnitOfWork) -> list[Someone]:
    """Everybody who works for the company; read as `lodge_owner`, since logins are nobody else's to read."""
    return await uow.fetch(Someone, _PEOPLE, uow.company_id)


async def live_through(platform: Platform, company: Company, people: list[Someone], story: Story) -> bool:
    """Let a company without any ticket live through its story, in one transaction; whether it did.

    Nothing happens before the company was set up, nor after the present instant.
    """
    async with platform.db.begin(company.id) as uow:
        if await uow.value(_LIVED, company.id):
            return False
        life = _Life(platform, company, people, uow)
        founded = await uow.value(_FOUNDED, company.id)
        await life.live(sorted(life.moments(story), key=lambda moment: moment[0]), founded)
    return True


class _Life:
    """One company in one transaction."""

    def __init__(self, platform: Platform, company: Company, people: list[Someone], uow: UnitOfWork) -> None:
        self._platform = platform
        self._company = company
        self._people = {someone.login: someone for someone in people}
        self._uow = uow
        self._now = platform.clock()
        self._at = self._now
        self._system = TenantContext(company.id, frozenset(site.id for site in company.sites), SYSTEM)
        self._tickets: dict[tuple[int, int], UUID] = {}
        self._named: dict[str, UUID] = {}

    def moments(self, story: Story) -> Iterator[Moment]:
        """Everything that happens, in no order."""
        for number, matter in enumerate(story.matters):
            for turn, when in enumerate(matter.when):
                yield from self._matter(matter, (number, turn), when)
        for meeting in story.meetings:
            yield from self._meeting(meeting)
        for site in {meeting.site for meeting in story.meetings}:
            for times in range(timedelta(weeks=story.weeks) // COLLECTED):
                yield self._now - times * COLLECTED, self._collect(self._site(site))

    async def live(self, moments: list[Moment], founded: datetime) -> None:
        """Take one step after the other, and do in between what falls due."""
        for at, happen in moments:
            if founded <= at <= self._now:
                await self._pass(at)
                self._at = at
                await happen()
        await self._pass(self._now)

    async def _pass(self, until: datetime) -> None:
        """Breaches, escalations, lapsed offers and the like, each when it is due."""
        last: tuple[Any, ...] | None = None
        while due := await self._uow.fetch_one(lambda *row: row, _DUE, self._company.id, until - _MOMENT):
            if due == last:
                raise RuntimeError(f"timer {due[1]} of ticket {due[0]} stays due")
            last = due
            ticket_id, kind, self._at = due[0], due[1], due[2] + _MOMENT
            await self._platform.tickets.wake(self._work(self._system), ticket_id, kind)

    def _collect(self, site: Site) -> Happening:
        async def collect() -> None:
            await self._platform.meetings.collect(self._work(self._system), site)

        return collect

    def _matter(self, matter: Matter, key: tuple[int, int], when: str) -> Iterator[Moment]:
        site = self._site(matter.site)
        taken_in = instant(when, ZoneInfo(site.timezone), self._now)
        turn = key[1]

        async def take_in() -> None:
            name, _, phone = matter.reporters[turn % len(matter.reporters)].partition(" ")
            new = NewTicket(
                description=matter.text,
                category=matter.category,
                severity=matter.severity,
                channel=matter.channel,
                place=matter.places[turn % len(matter.places)],
                reporter_name=name,
                reporter_phone=phone,
                convenient_time=matter.convenient,
                concerns_id=self._people[matter.concerns].id if matter.concerns else None,
            )
            ticket = await self._platform.tickets.create(self._as(matter.by), site, new)
            self._tickets[key] = ticket.id
            if matter.key:
                self._named[matter.key] = ticket.id

        yield taken_in, take_in
        for act in matter.acts():
            yield taken_in + timedelta(minutes=act.minutes), self._later(site, key, act)

    def _later(self, site: Site, key: tuple[int, int], act: Act) -> Happening:
        async def take() -> None:
            if key in self._tickets:  # else it would have been taken in before there was a company
                await self._take(site, self._tickets[key], act)

        return take

    async def _take(self, site: Site, ticket_id: UUID, act: Act) -> None:
        work, options = self._as(act.login), act.options
        if act.name == "merge":
            into = Merge(self._named[options["into"]], act.text)
            await self._platform.merging.merge(work, site, ticket_id, into, None)
        elif act.name == "agenda":
            await self._platform.meetings.raise_item(work, site, NewItem(act.text, ticket_id))
        elif act.name == "cause":
            version = (await self._platform.tickets.get(work, site, ticket_id)).version
            said = SaidCause(options["cause"], act.text)
            await causes.say(work, self._platform.policies, site, ticket_id, options["goal"], said, version)
        elif act.name == "tag":
            await tags.change(work, site, ticket_id, TagChange(add=tuple(act.text.split())))
        else:
            to = self._people[options["to"]].id if "to" in options else None
            step = Step(
                text=act.text,
                assignee_id=to,
                colleague_id=to,
                at=self._at + timedelta(minutes=int(options["in"])) if "in" in options else None,
                outcome=options.get("outcome", ""),  # type: ignore[arg-type]
                category=options.get("category", ""),
                severity=msgspec.convert(options.get("severity"), Severity | None),
            )
            await self._platform.tickets.act(work, site, ticket_id, act.name, step, None)

    def _meeting(self, meeting: Held) -> Iterator[Moment]:
        site, meetings = self._site(meeting.site), self._platform.meetings
        zone = ZoneInfo(site.timezone)
        planned, held = (instant(when, zone, self._now) for when in (meeting.planned, meeting.when))

        async def plan() -> None:
            wanted = MeetingPlan(held.date(), meeting.attendees, meeting.notes)
            await meetings.plan(self._as(meeting.by), site, wanted)

        async def hold() -> None:
            work = self._as(meeting.by)
            agenda = await meetings.agenda(work, site)
            assert agenda.meeting is not None
            due_on = held.date() + timedelta(weeks=1)
            for decision in meeting.decisions:
                item = next(item for item in agenda.items if decision.on in item.title)
                responsible = self._people[decision.responsible].id
                change = ItemChange(responsible, due_on, decision.minutes, decision.outcome)
                await meetings.change_item(work, site, item.id, change, item.version)
            await meetings.close(work, site, agenda.meeting.id, None, agenda.meeting.version)

        yield planned, plan
        yield held, hold

    def _site(self, slug: str) -> Site:
        site = self._company.site(slug)
        assert site is not None, slug
        return site

    def _as(self, login: str) -> Work:
        someone = self._people[login]
        sites = [site.id for site in self._company.sites] if someone.all_sites else someone.site_ids
        permissions = self._platform.permissions.of_roles(someone.roles)
        actor = Actor("person", someone.id, someone.name)
        return self._work(TenantContext(self._company.id, frozenset(sites), actor, permissions))

    def _work(self, ctx: TenantContext) -> Work:
        kind = _Past if self._at < self._now - NEWS else Work
        return kind(self._uow, ctx, self._at)
