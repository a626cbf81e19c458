"""The part of a demo company's past that return visits tell: who looks after which buildings, and rounds of visits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle, islice
from typing import Annotated, Final
from uuid import UUID

import msgspec

from core.sdk import Chapter, LodgeError, Moment, NewSignature, Site, Teller, TicketStep
from plugins.returnvisits.areas import service as areas
from plugins.returnvisits.areas.model import AreaEntry
from plugins.returnvisits.regular import service as regular
from plugins.returnvisits.visits import service
from plugins.returnvisits.visits.model import (
    MOST,
    Attempt,
    DoneWay,
    Effect,
    Measure,
    Outcome,
    Satisfaction,
    Visit,
    VisitFilter,
)

_REPAIRS: Final = ("repair", "repairs.order")
_ANSWERED: Final = timedelta(days=10)  # that a countermeasure takes


class Areas(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An area that somebody lays down."""

    site: str
    by: str
    when: tuple[str, ...]
    name: str
    steward: str
    buildings: list[str]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a visit went; without `way` nobody was reached."""

    way: DoneWay | None = None
    quality: Annotated[int, msgspec.Meta(ge=1, le=5)] = 5
    effect: Effect = "solved"
    satisfaction: Satisfaction = "satisfied"
    words: str = ""
    measure: str = ""
    responsible: str = ""


class Rounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Times at which somebody makes some of the visits that are owed, the earliest deadline first; what came of them,
    in turn: with a `measure` not of complaints. What went back to work is done again by `mends` before the next round.
    Either matters are asked about, or it is `regular` visits, each on a day of its own (VIS-3)."""

    site: str
    by: str
    when: tuple[str, ...]
    visits: Annotated[int, msgspec.Meta(ge=1, le=20)] = 2
    mends: str = ""
    regular: bool = False
    said: tuple[Said, ...]


class Plans(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Times at which the regular visits of the period come to be owed, each once (VIS-3)."""

    site: str
    when: tuple[str, ...]


def areas_told(teller: Teller, told: Areas) -> Iterator[Moment]:
    """The area, once."""
    site = teller.site(told.site)
    for at in teller.instants(site, *told.when):
        yield at, partial(_lay_down, teller, site, told)


def rounds(teller: Teller, told: Rounds) -> Iterator[Moment]:
    """Each round; what the households say follows on from the round before."""
    site, said = teller.site(told.site), cycle(told.said)
    for at in sorted(teller.instants(site, *told.when)):
        yield at, partial(_go_round, teller, site, told, said)


def plans(teller: Teller, told: Plans) -> Iterator[Moment]:
    """What the job does."""
    site = teller.site(told.site)
    for at in teller.instants(site, *told.when):
        yield at, partial(_plan, teller, site)


async def _plan(teller: Teller, site: Site) -> None:
    await regular.plan_site(teller.platform, teller.work(site), site)


async def _lay_down(teller: Teller, site: Site, told: Areas) -> None:
    entry = AreaEntry(told.name, teller.person(told.steward), told.buildings)
    await areas.add(teller.platform, teller.work_as(told.by), site, entry)


async def _go_round(teller: Teller, site: Site, told: Rounds, said: Iterator[Said]) -> None:
    system = teller.work(site)
    await service.notice_late(system, system.ctx, {})
    if told.mends:
        await _mend(teller, site, told)
    work = teller.work_as(told.by)
    owed, _ = await service.page(work, site, VisitFilter(mine=True, limit=MOST))
    open_now = (visit for visit in owed if "outcome" in service.actions(work, visit))
    ready = (visit for visit in open_now if (visit.source == "regular") == told.regular and _from(visit) <= work.now)
    for visit in islice(ready, told.visits):
        each = next(said)
        if each.measure and visit.ticket_id is not None and not await _is_repair(teller, site, visit.ticket_id):
            each = next(said)
        work = teller.work_as(told.by)
        failed = each.effect == "unsolved" or each.satisfaction == "dissatisfied"
        goes_on = failed and visit.ticket_id is not None and not await _is_closed(teller, site, visit.ticket_id)
        if each.way is None or goes_on or (each.way == "phone" and visit.way in ("visit", "onsite")):
            await service.attempt(
                teller.platform, work, site, visit.id, Attempt(text="" if failed else each.words), None
            )
            continue
        outcome = Outcome(
            way=each.way,
            quality=each.quality,
            effect=each.effect,
            satisfaction=each.satisfaction,
            shortcomings=each.words if failed else "",
            opinions="" if failed else each.words,
        )
        made = await service.finish(teller.platform, work, site, visit.id, outcome, None)
        if not made.signed:
            signature = NewSignature(signer=made.contact or "住户", on_paper=True, remark="纸质回访单已归档")
            await service.sign(teller.platform, work, site, visit.id, signature)
        if made.failed and each.measure:
            due_on = site.today(work.now + _ANSWERED)
            answer = Measure(measure=each.measure, responsible_id=teller.person(each.responsible), due_on=due_on)
            await service.measure(teller.platform, work, site, visit.id, answer, None)


def _from(visit: Visit) -> datetime:
    """The instant from which it is made; regular visits go by their ids, so that they are spread over their period."""
    if visit.source == "regular":
        return visit.created_at + (visit.due_at - visit.created_at) * ((visit.id.int & 0xFF) / 0x100)
    return visit.not_before or visit.created_at


async def _is_repair(teller: Teller, site: Site, ticket_id: UUID) -> bool:
    """Whether that is what the visit is about; a complaint is not dealt with again by going there once more."""
    return (await teller.platform.tickets.get(teller.work(site), site, ticket_id)).type in _REPAIRS


async def _is_closed(teller: Teller, site: Site, ticket_id: UUID) -> bool:
    """Whether the story is done with that ticket: what is not may not go back to work in the middle of it."""
    return (await teller.platform.tickets.get(teller.work(site), site, ticket_id)).status == "closed"


async def _mend(teller: Teller, site: Site, told: Rounds) -> None:
    """Do again what households were not content with."""
    tickets = teller.platform.tickets
    failed, _ = await service.page(teller.work(site), site, VisitFilter(which="done", failed=True))
    for visit in failed:
        if visit.follow_up_id is None or await _is_closed(teller, site, visit.follow_up_id):
            continue
        with suppress(LodgeError):  # a kind that asks for more before it is done
            mending, answering = teller.work_as(told.mends), teller.work_as(told.by)
            async with mending.savepoint():
                for work, name, text in (
                    (mending, "resolve", "返工完成，现场复查无渗漏"),
                    (answering, "answer", "已返工，业主确认"),
                    (answering, "close", ""),
                ):
                    await tickets.act(work, site, visit.follow_up_id, name, TicketStep(text=text), None)


ALL = (Chapter("areas", Areas, areas_told), Chapter("plans", Plans, plans), Chapter("rounds", Rounds, rounds))
