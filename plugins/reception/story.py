"""What the front desk tells of a demo company's past: calls, visitors, messages, people in line, shifts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle
from typing import Literal
from uuid import UUID

import msgspec

from core.sdk import Chapter, Moment, Site, StoryStep, Teller, new_id
from plugins.reception import service
from plugins.reception.handover import service as handover
from plugins.reception.handover.model import Accept, NewHandover
from plugins.reception.letters import story as letters
from plugins.reception.messages import service as messages
from plugins.reception.messages.model import Done, NewMessage
from plugins.reception.schemas import Link, Noted, Report
from plugins.reception.visitors import service as visitors
from plugins.reception.visitors import steps as visitor_steps
from plugins.reception.visitors.model import NewStep, NewVisit
from plugins.reception.waiting import service as waiting
from plugins.reception.waiting.model import NewTurn, Next

_MOMENT = timedelta(seconds=1)


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something at a site, once for each of `when`, by that login; what comes in several goes round."""

    site: str
    by: str
    when: tuple[str, ...]


class Calls(_Entry, frozen=True, kw_only=True):
    """Calls, or with a `channel` who else came to the desk; `who` is the phone, or what is noted down.

    `rings` are seconds until the answer, -1 for none; `talks` seconds from then on. `ticket` is what they were about,
    `said` what was written down where the answer was all there was to it.
    """

    who: tuple[str, ...]
    rings: tuple[int, ...] = (6,)
    talks: tuple[int, ...] = (95,)
    channel: Literal["call", "visit"] = "call"
    ticket: str = ""
    said: tuple[Noted, ...] = ()


class Visits(_Entry, frozen=True, kw_only=True):
    """Visitors (`names`: "张强 13800011111"), who stay for `minutes`, or are still there; `announced` minutes before.

    `refused`: the household did not want them. `found`: met inside without having been registered. `lost`: they left
    with the badge, and a day later it is given up.
    """

    names: tuple[str, ...]
    purpose: str
    places: tuple[str, ...]
    hosts: tuple[str, ...] = ("",)
    people: int = 1
    minutes: tuple[int, ...] = ()
    announced: int = 0
    refused: bool = False
    found: bool = False
    lost: bool = False


class Messages(_Entry, frozen=True, kw_only=True):
    """Messages for `to` (a login), who was to call back `within` minutes and did `after`, or has not yet."""

    to: str
    callers: tuple[str, ...]
    matters: tuple[str, ...]
    place: str = ""
    within: int | None = None
    after: int | None = None
    outcome: str = ""


class Turns(_Entry, frozen=True, kw_only=True):
    """People in the line: called after `waits` minutes and served in `serves`; without `waits` they are waiting."""

    purposes: tuple[str, ...]
    names: tuple[str, ...] = ("",)
    waits: tuple[int, ...] = ()
    serves: tuple[int, ...] = (6,)
    counter: str = "1号窗口"


class Handovers(_Entry, frozen=True, kw_only=True):
    """Shifts handed over to `to`, who accepted `after` minutes, or has not yet."""

    to: str
    keys: str = ""
    remarks: tuple[str, ...] = ("",)
    note: str = ""
    after: int | None = 5


def calls(teller: Teller, told: Calls) -> Iterator[Moment]:
    """The exchange reports, a clerk answers; visitors are taken down by hand."""
    site = teller.site(told.site)
    rounds = zip(cycle(told.who), cycle(told.rings), cycle(told.talks), cycle(told.said or (None,)), strict=False)
    for at, (who, rings, talks, said) in zip(teller.instants(site, *told.when), rounds, strict=False):
        yield from _call(teller, site, told, who, (at, timedelta(seconds=rings), timedelta(seconds=talks)), said)


def _call(
    teller: Teller,
    site: Site,
    told: Calls,
    who: str,
    times: tuple[datetime, timedelta, timedelta],
    said: Noted | None,
) -> Iterator[Moment]:
    (at, rings, talks), known = times, list[UUID]()

    async def begin() -> None:
        if told.channel == "call":
            report = Report(str(new_id()), "ringing", who)
            call = await service.report(teller.platform, teller.work(site), site, report)
        else:
            call = await service.take_down(teller.platform, teller.work_as(told.by), site, who, told.channel)
        known.append(call.id)

    async def answer() -> None:
        for call_id in known:
            await service.answer(teller.work_as(told.by), site, call_id)

    async def end() -> None:
        for call_id in known:
            work = teller.work_as(told.by)
            if (ticket_id := teller.ticket(told.ticket)) is not None:
                await service.link(teller.platform, work, site, call_id, Link(ticket_id))
            if said is not None:
                await service.note(work, site, call_id, said)
            await service.end(work, site, call_id, abandoned=False)

    yield at, begin
    if told.channel == "call" and rings >= timedelta():
        yield at + rings, answer
    yield at + max(rings, timedelta()) + talks, end


def visits(teller: Teller, told: Visits) -> Iterator[Moment]:
    """Registered, the household asked, let in with a badge, and gone."""
    site = teller.site(told.site)
    stays = cycle(told.minutes or (None,))
    rounds = zip(cycle(told.names), cycle(told.places), cycle(told.hosts), stays, strict=False)
    for at, (name, place, host, stay) in zip(teller.instants(site, *told.when), rounds, strict=False):
        yield from _visit(teller, site, told, at, (name, place, host), stay)


def _visit(
    teller: Teller, site: Site, told: Visits, at: datetime, who: tuple[str, str, str], stay: int | None
) -> Iterator[Moment]:
    known = list[UUID]()
    (name, _, phone), place, host = who[0].partition(" "), who[1], who[2]

    async def badge() -> str:
        return next(iter(await visitors.badges(teller.platform, teller.work_as(told.by), site)), "")

    async def register() -> None:
        ahead = told.announced > 0
        new = NewVisit(
            name=name,
            phone=phone,
            purpose=told.purpose,
            place=place,
            host_name=host,
            people=told.people,
            found=told.found,
            expected_at=at if ahead else None,
            accepted=not (ahead or told.refused),
            admit=not (ahead or told.refused),
            badge="" if ahead or told.refused else await badge(),
        )
        known.append((await visitors.register(teller.platform, teller.work_as(told.by), site, new)).id)

    async def arrive() -> None:
        await step(NewStep("arrive"))
        await step(NewStep("admit", badge=await badge()))

    async def step(said: NewStep) -> None:
        for visit_id in known:
            await visitor_steps.step(teller.platform, teller.work_as(told.by), site, visit_id, said)

    yield at - timedelta(minutes=told.announced), register
    if told.announced:
        yield at, arrive
    if told.refused:
        yield at + timedelta(minutes=2), lambda: step(NewStep("refuse", who=host))
    elif stay is not None:
        left = at + timedelta(minutes=stay)
        yield left, lambda: step(NewStep("leave", badge_back=not told.lost))
        if told.lost:
            yield left + timedelta(days=1), lambda: step(NewStep("badge_lost"))


def told_messages(teller: Teller, told: Messages) -> Iterator[Moment]:
    """Taken down, missed where nobody called back in time, and done."""
    site = teller.site(told.site)
    rounds = zip(cycle(told.callers), cycle(told.matters), strict=False)
    for at, (caller, matter) in zip(teller.instants(site, *told.when), rounds, strict=False):
        by = at + timedelta(minutes=told.within) if told.within is not None else None
        name, _, phone = caller.partition(" ")
        new = NewMessage(
            colleague_id=teller.person(told.to),
            caller_name=name,
            phone=phone,
            matter=matter,
            place=told.place,
            call_back_by=by,
        )
        yield from _message(teller, site, told, at, new)


def _message(teller: Teller, site: Site, told: Messages, at: datetime, new: NewMessage) -> Iterator[Moment]:
    known = list[UUID]()

    async def take() -> None:
        known.append((await messages.take(teller.platform, teller.work_as(told.by), site, new)).id)

    async def miss() -> None:
        work = teller.work(site)
        await messages.miss(work, work.ctx, {})

    async def finish() -> None:
        for message_id in known:
            await messages.finish(teller.work_as(told.to), site, message_id, Done(told.outcome))

    yield at, take
    if new.call_back_by is not None:
        yield new.call_back_by + _MOMENT, miss
    if told.after is not None:
        yield at + timedelta(minutes=told.after), finish


def turns(teller: Teller, told: Turns) -> Iterator[Moment]:
    """A number taken, called and served."""
    site = teller.site(told.site)
    rounds = zip(
        cycle(told.purposes), cycle(told.names), cycle(told.waits or (None,)), cycle(told.serves), strict=False
    )
    for at, (purpose, name, wait, serves) in zip(teller.instants(site, *told.when), rounds, strict=False):
        yield from _turn(teller, site, told, at, NewTurn(purpose, name), (wait, serves))


def _turn(
    teller: Teller, site: Site, told: Turns, at: datetime, new: NewTurn, minutes: tuple[int | None, int]
) -> Iterator[Moment]:
    taken, served = list[UUID](), list[UUID]()

    async def take() -> None:
        taken.append((await waiting.take(teller.work_as(told.by), site, new)).id)

    async def call() -> None:
        if taken:
            served.append((await waiting.call(teller.work_as(told.by), site, Next(told.counter))).id)

    async def finish() -> None:
        for turn_id in served:
            await waiting.end(teller.work_as(told.by), site, turn_id, "done")

    yield at, take
    if minutes[0] is not None:
        called = at + timedelta(minutes=minutes[0])
        yield called, call
        yield called + timedelta(minutes=minutes[1]), finish


def handovers(teller: Teller, told: Handovers) -> Iterator[Moment]:
    """Handed over with what is open at that instant, and accepted."""
    site = teller.site(told.site)
    for at, remarks in zip(teller.instants(site, *told.when), cycle(told.remarks), strict=False):
        yield from _handover(teller, site, told, at, remarks)


def _handover(teller: Teller, site: Site, told: Handovers, at: datetime, remarks: str) -> Iterator[Moment]:
    known = list[UUID]()

    async def hand() -> None:
        new = NewHandover(told.keys, remarks)
        known.append((await handover.hand(teller.platform, teller.work_as(told.by), site, new)).id)

    async def accept() -> None:
        for handed in known:
            await handover.accept(teller.work_as(told.to), site, handed, Accept(told.note))

    yield at, hand
    if told.after is not None:
        yield at + timedelta(minutes=told.after), accept


CHAPTERS: tuple[Chapter | StoryStep, ...] = (
    Chapter("calls", Calls, calls),
    Chapter("visits", Visits, visits),
    Chapter("messages", Messages, told_messages),
    Chapter("turns", Turns, turns),
    Chapter("handovers", Handovers, handovers),
    *letters.CHAPTERS,
)
