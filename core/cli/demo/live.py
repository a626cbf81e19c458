"""Lives a demo company's past through: the services do it all, each step at its instant, and timers in between."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from core.analysis.model import ItemChange, MeetingPlan
from core.cli.demo.roll import take_in
from core.cli.demo.story import Held, Matter, StoryFile
from core.cli.demo.teller import Someone, Teller
from core.cli.run import in_words
from core.errors import LodgeError
from core.hooks.story import Moment
from core.platform import Platform
from core.policies.calendar import WEEKDAYS
from core.tenancy.directory import Company, Site
from core.tenancy.packs.model import Mistake, PackError
from core.tickets.model import NewTicket
from core.work import Work

COLLECTED = "18:00"  # when the agenda is filled, every day, whatever the hour is now; the job does it more often
_MOMENT = timedelta(seconds=1)  # by which a worker is late
_FOUNDED = "SELECT min(at) FROM audit_entry WHERE company_id = $1"
_LIVED = "SELECT EXISTS (SELECT FROM ticket WHERE company_id = $1)"
_DUE = """
SELECT ticket_id, kind, due_at FROM ticket_timer WHERE company_id = $1 AND due_at < $2
ORDER BY due_at, kind, ticket_id LIMIT 1
"""

Happening = Callable[[], Coroutine[Any, Any, object]]
Take = Callable[[Work, Site, UUID], Coroutine[Any, Any, object]]


async def live_through(
    platform: Platform, company: Company, people: Iterable[Someone], story: StoryFile, begin: Callable[[], None]
) -> None:
    """Let a company without any ticket live through its story, in one transaction; `begin` is told before it does.

    Nothing happens before the company was set up, nor after the present instant. Raises PackError for a step that is
    not possible.
    """
    async with platform.db.begin(company.id) as uow:
        if await uow.value(_LIVED, company.id):
            return
        begin()
        work = Teller(platform, company, people, uow).work()
        for site in company.sites:  # committed, it is known from now on: the clocks of all tickets run on it
            await platform.policies.calendar(work, site.id)
    async with platform.db.begin(company.id) as uow:
        life = _Life(Teller(platform, company, people, uow), story)
        founded = await uow.value(_FOUNDED, company.id)
        await life.live(sorted(life.moments(), key=lambda moment: moment[0]), founded)


class _Life:
    """What core's own chapters say, and how time passes."""

    def __init__(self, teller: Teller, story: StoryFile) -> None:
        self._teller = teller
        self._platform = teller.platform
        self._file = story

    def moments(self) -> Iterator[Moment]:
        """Everything that happens, in no order."""
        story, teller = self._file.story, self._teller
        for number, matter in enumerate(story.matters):
            with self._blaming(f"matters[{number}]"):
                for turn, at in enumerate(teller.instants(teller.site(matter.site), *matter.when)):
                    yield from self._matter(matter, turn, at)
        for number, meeting in enumerate(story.meetings):
            with self._blaming(f"meetings[{number}]"):
                yield from self._meeting(meeting)
        for site in {meeting.site for meeting in story.meetings}:
            evenings = (f"-{story.weeks}..0 {day} {COLLECTED}" for day in WEEKDAYS)
            for at in teller.instants(teller.site(site), *evenings):
                yield at, self._collect(teller.site(site))
        for where, chapter, entry in self._file.told:
            with self._blaming(where):
                yield from chapter.tell(teller, entry)

    async def live(self, moments: list[Moment], founded: datetime) -> None:
        """Take the rolls in, then one step after the other, and do in between what falls due."""
        self._teller.at = founded
        for number, roll in enumerate(self._file.story.rolls):
            with self._blaming(f"rolls[{number}]"):
                await take_in(self._teller, roll)
        for at, happen in moments:
            if founded <= at <= self._teller.now:
                await self._pass(at)
                await self._happen(at, happen)
        await self._pass(self._teller.now)

    async def _pass(self, until: datetime) -> None:
        """Breaches, escalations, lapsed offers and the like, each when it is due."""
        last: tuple[Any, ...] | None = None
        teller, uow = self._teller, self._teller.uow
        while due := await uow.fetch_one(lambda *row: row, _DUE, uow.company_id, until - _MOMENT):
            if due == last:
                raise RuntimeError(f"timer {due[1]} of ticket {due[0]} stays due")
            last = due
            ticket_id, kind, due_at = due
            teller.at = due_at + _MOMENT
            await self._happen(teller.at, partial(self._platform.tickets.wake, teller.work(), ticket_id, kind))

    async def _happen(self, at: datetime, happen: Happening) -> None:
        """Let it happen, and the plugins that listen hear of it."""
        teller = self._teller
        teller.at = at
        with self._blaming(f"at {at:%Y-%m-%d %H:%M %z}"):
            await happen()
            while teller.heard:
                event = teller.heard.pop(0)
                work = teller.work(*(site for site in teller.company.sites if site.id == event.site_id))
                await self._platform.hooks.each("event_deliver", work.ctx, event.site_id, work=work, event=event)

    @contextmanager
    def _blaming(self, where: str) -> Iterator[None]:
        """Raises PackError, naming the file and that place, for what the services or the teller refuse."""
        try:
            yield
        except PackError as error:
            told = [replace(mistake, key=f"{where}: {mistake.key}") for mistake in error.mistakes]
            raise PackError(self._file.name, told) from error
        except (LodgeError, ValueError) as error:
            said = in_words(error) if isinstance(error, LodgeError) else str(error)
            raise PackError(self._file.name, [Mistake(where, said)]) from error

    def _collect(self, site: Site) -> Happening:
        return lambda: self._platform.meetings.collect(self._teller.work(), site)

    def _matter(self, matter: Matter, turn: int, taken_in: datetime) -> Iterator[Moment]:
        site, known = self._teller.site(matter.site), list[UUID]()

        async def take_in() -> None:
            work = self._teller.work_as(matter.by)
            if not await self._is_taken_in(work, site, matter.category):
                return
            name, _, phone = matter.reporters[turn % len(matter.reporters)].partition(" ")
            place = matter.places[turn % len(matter.places)]
            unit_id = await self._teller.unit(site, place)
            new = NewTicket(
                description=matter.text,
                category=matter.category,
                severity=matter.severity,
                channel=matter.channel,
                unit_id=unit_id,
                party_id=await self._teller.resident(site, unit_id, phone) if unit_id and phone else None,
                place="" if unit_id else place,
                reporter_name=name,
                reporter_phone=phone,
                convenient_time=matter.convenient,
                concerns_id=self._teller.person(matter.concerns) if matter.concerns else None,
                fields=matter.fields,
            )
            ticket = await self._platform.tickets.create(work, site, new)
            known.append(ticket.id)
            if matter.key:
                self._teller.tickets[matter.key] = ticket.id

        yield taken_in, take_in
        yield from self._teller.follow(site, taken_in, matter.steps, lambda: next(iter(known), None))

    async def _is_taken_in(self, work: Work, site: Site, key: str) -> bool:
        """Not so in a category whose kind of ticket belongs to a plugin that is not there."""
        category = next((each for each in await self._platform.tickets.categories(work, site) if each.key == key), None)
        types = self._platform.tickets.types
        return category is None or types.active(work.ctx, site.id, category.ticket_type) is not None

    def _meeting(self, meeting: Held) -> Iterator[Moment]:
        site, meetings = self._teller.site(meeting.site), self._platform.meetings
        [planned, held] = self._teller.instants(site, meeting.planned, meeting.when)

        async def plan() -> None:
            wanted = MeetingPlan(held.date(), meeting.attendees, meeting.notes)
            await meetings.plan(self._teller.work_as(meeting.by), site, wanted)

        async def hold() -> None:
            work = self._teller.work_as(meeting.by)
            agenda = await meetings.agenda(work, site)
            assert agenda.meeting is not None
            due_on = held.date() + timedelta(weeks=1)
            for decision in meeting.decisions:
                item = next(item for item in agenda.items if decision.on in item.title)
                responsible = self._teller.person(decision.responsible)
                change = ItemChange(responsible, due_on, decision.minutes, decision.outcome)
                await meetings.change_item(work, site, item.id, change, item.version)
            await meetings.close(work, site, agenda.meeting.id, None, agenda.meeting.version)

        yield planned, plan
        yield held, hold
