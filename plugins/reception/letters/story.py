"""What the front desk tells of what came in writing, or by word of mouth: letters, emptied boxes, opinions heard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle
from uuid import UUID

import msgspec

from core.sdk import Chapter, Moment, Site, StoryStep, Teller, Work
from plugins.reception import opinions
from plugins.reception.letters import boxes, service
from plugins.reception.letters.model import FieldValue, NewAnswer, NewEmptying, NewLetter, NewSlip, Sender, Side, Via
from plugins.reception.opinions import NewOpinion

_ENTERING = timedelta(minutes=6)  # a slip


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something at a site, once for each of `when`, by that login. `steps` are those of a matter, on what it became."""

    site: str
    by: str
    when: tuple[str, ...]


class Letters(_Entry, frozen=True, kw_only=True):
    """Letters; `content` and `places` go round."""

    sender: str
    subject: str
    category: str
    content: tuple[str, ...] = ("",)
    places: tuple[str, ...] = ("",)
    sender_kind: Sender = "resident"
    reference: str = ""
    via: Via = "post"
    phone: str = ""
    fields: dict[str, FieldValue] = {}
    steps: str = ""


class Slip(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A slip in a box, and the steps on the ticket that it became."""

    text: str
    category: str
    place: str = ""
    writer: str = ""
    phone: str = ""
    fields: dict[str, FieldValue] = {}
    steps: str = ""


class Boxes(_Entry, frozen=True, kw_only=True):
    """A box emptied while `witness` looked on, and what was in it."""

    box: str
    witness: str = ""
    slips: tuple[Slip, ...] = ()


class Opinions(_Entry, frozen=True, kw_only=True):
    """What owners said to whoever it was; places and names go round."""

    text: str
    category: str
    places: tuple[str, ...]
    names: tuple[str, ...] = ("",)
    steps: str = ""


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The written answer to a letter, `text`."""

    text: str
    reference: str = ""
    via: Via = "post"


class Scanned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pages of a letter, or of its answer, put on the scanner; `text` is what the files are called. What an office
    writes is sealed."""

    text: str
    pages: int = 1
    sealed: bool = False
    side: Side = "letter"


def letters(teller: Teller, told: Letters) -> Iterator[Moment]:
    """Each registered, and what was done about it."""
    site = teller.site(told.site)
    rounds = zip(cycle(told.content), cycle(told.places), strict=False)
    for at, (content, place) in zip(teller.instants(site, *told.when), rounds, strict=False):
        known = list[UUID]()
        yield at, partial(_register, teller, site, told, content, place, known)
        yield from teller.follow(site, at, told.steps, partial(_first, known))


async def _register(teller: Teller, site: Site, told: Letters, content: str, place: str, known: list[UUID]) -> None:
    unit_id = await teller.unit(site, place) if place else None
    new = NewLetter(
        sender_name=told.sender,
        subject=told.subject,
        received_at=teller.at,
        category=told.category,
        content=content,
        sender_kind=told.sender_kind,
        reference=told.reference,
        via=told.via,
        unit_id=unit_id,
        place="" if unit_id else place,
        phone=told.phone,
        fields=told.fields,
    )
    known.append((await service.register(teller.platform, teller.work_as(told.by), site, new)).ticket_id)


def emptied(teller: Teller, told: Boxes) -> Iterator[Moment]:
    """The box emptied, its slips entered one after the other."""
    site = teller.site(told.site)
    for at in teller.instants(site, *told.when):
        yield from _emptied(teller, site, told, at)


def _emptied(teller: Teller, site: Site, told: Boxes, at: datetime) -> Iterator[Moment]:
    box = list[UUID]()

    async def empty() -> None:
        new = NewEmptying(box=told.box, slips=len(told.slips), witness=told.witness)
        box.append((await boxes.empty(teller.platform, teller.work_as(told.by), site, new)).id)

    yield at, empty
    for number, slip in enumerate(told.slips, 1):
        entered, known = at + number * _ENTERING, list[UUID]()
        yield entered, partial(_enter, teller, site, told.by, slip, box, known)
        yield from teller.follow(site, entered, slip.steps, partial(_first, known))


async def _enter(teller: Teller, site: Site, by: str, slip: Slip, box: list[UUID], known: list[UUID]) -> None:
    for box_id in box:
        unit_id = await teller.unit(site, slip.place) if slip.place else None
        new = NewSlip(
            text=slip.text,
            category=slip.category,
            writer=slip.writer,
            phone=slip.phone,
            unit_id=unit_id,
            place="" if unit_id else slip.place,
            fields=slip.fields,
        )
        known.append((await boxes.enter_slip(teller.platform, teller.work_as(by), site, box_id, new)).ticket_id)


def heard(teller: Teller, told: Opinions) -> Iterator[Moment]:
    """Each filed by whoever heard it (REC-13)."""
    site = teller.site(told.site)
    rounds = zip(cycle(told.places), cycle(told.names), strict=False)
    for at, (place, name) in zip(teller.instants(site, *told.when), rounds, strict=False):
        known = list[UUID]()
        yield at, partial(_file, teller, site, told, place, name, known)
        yield from teller.follow(site, at, told.steps, partial(_first, known))


async def _file(teller: Teller, site: Site, told: Opinions, place: str, name: str, known: list[UUID]) -> None:
    unit_id = await teller.unit(site, place)
    new = NewOpinion(
        opinion=told.text,
        category=told.category,
        unit_id=unit_id,
        place="" if unit_id else place,
        owner_name=name,
    )
    known.append((await opinions.file(teller.platform, teller.work_as(told.by), site, new)).ticket_id)


def _first(known: list[UUID]) -> UUID | None:
    return known[0] if known else None


async def _answer(teller: Teller, said: Answered, work: Work, site: Site, ticket_id: UUID) -> None:
    new = NewAnswer(text=said.text, reference=said.reference, via=said.via)
    await service.answer(teller.platform, work, site, ticket_id, new)


async def _scan(teller: Teller, told: Scanned, work: Work, site: Site, ticket_id: UUID) -> None:
    from plugins.reception.letters.paper import scanned

    names = [f"{told.text}-{page}" for page in range(1, told.pages + 1)]
    files = [(f"{name}.jpg", scanned(name, sealed=told.sealed and name == names[-1])) for name in names]
    await service.scan(teller.platform, work, site, ticket_id, told.side, files)


CHAPTERS: list[Chapter | StoryStep] = [
    Chapter("letters", Letters, letters),
    Chapter("boxes", Boxes, emptied),
    Chapter("opinions", Opinions, heard),
    StoryStep("answer", Answered, _answer),
    StoryStep("scan", Scanned, _scan),
]
