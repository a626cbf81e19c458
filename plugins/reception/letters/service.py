"""The rules of letters (REC-10): each becomes a ticket that owes a written answer. Callers commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from core.sdk import (
    Duration,
    FieldError,
    Invalid,
    NewTicket,
    NotFound,
    Platform,
    Site,
    TicketStep,
    Work,
)
from plugins.reception.letters import repository
from plugins.reception.letters.model import (
    Letter,
    LetterDetail,
    LetterFilter,
    LetterPage,
    NewAnswer,
    NewLetter,
    Registered,
    Side,
)
from plugins.reception.letters.policy import LETTERS, LetterRules

# the ticket's names for what a letter calls otherwise
_FIELDS: Final = {"description": "subject", "reporter_name": "sender_name", "reporter_phone": "phone"}


async def rules(platform: Platform, work: Work, site: Site) -> LetterRules:
    return await platform.policies.value(work, LETTERS, site.id)


async def register(platform: Platform, work: Work, site: Site, new: NewLetter) -> Registered:
    """Register a letter. Raises Invalid naming the fields."""
    enter(work, site)
    new = msgspec.structs.replace(
        new, sender_name=new.sender_name.strip(), subject=new.subject.strip(), reference=new.reference.strip()
    )
    wrong = [FieldError("sender_name", "Write down who sent the letter.")] if not new.sender_name else []
    if len(new.subject) < 4:
        wrong.append(FieldError("subject", "Say what the letter is about in at least 4 characters."))
    if new.received_at > work.now:
        wrong.append(FieldError("received_at", "Give the time at which it was received, not one to come."))
    if new.answer_by is not None and new.answer_by <= work.now:
        wrong.append(FieldError("answer_by", "Give a time that is still to come."))
    if wrong:
        raise Invalid(fields=wrong)
    try:
        ticket = await platform.tickets.create(
            work,
            site,
            NewTicket(
                description=f"{new.subject}\n{new.content.strip()}".strip(),
                category=new.category,
                severity=new.severity,
                channel="letter",
                unit_id=new.unit_id,
                # a letter need not name a place: it is about what its sender stands for
                place=new.place.strip() or ("" if new.unit_id else new.sender_name),
                reporter_name=new.sender_name,
                reporter_phone=new.phone,
                assignee_id=new.assignee_id,
                concerns_id=new.concerns_id,
                fields=new.fields,
            ),
            answer_within=await _owed(platform, work, site, new),
        )
    except Invalid as refused:
        raise Invalid(fields=renamed(refused.fields, _FIELDS)) from None
    number = await repository.add(work, site, new, ticket)
    _changed(work, site, "registered", ticket.id, number)
    return Registered(ticket.id, number, ticket.number)


async def get(work: Work, site: Site, ticket_id: UUID) -> Letter:
    """Raises NotFound, also for a letter of another site and one that complains about whoever asks (CMP-6)."""
    enter(work, site)
    letter = await repository.get(work, site, ticket_id)
    if letter is None:
        raise NotFound
    return letter


async def detail(work: Work, site: Site, ticket_id: UUID) -> LetterDetail:
    """A letter with its scans. Raises NotFound."""
    return LetterDetail(await get(work, site, ticket_id), await repository.scans(work.uow, ticket_id))


async def listed(work: Work, site: Site, wanted: LetterFilter) -> LetterPage:
    """A page of the register."""
    enter(work, site)
    return LetterPage(*await repository.page(work, site, wanted, wanted.limit))


async def whole(work: Work, site: Site, wanted: LetterFilter, most: int) -> list[Letter]:
    """The register as it was narrowed, for taking along: that somebody did is put on record."""
    enter(work, site)
    found, _ = await repository.page(work, site, msgspec.structs.replace(wanted, cursor=None), most)
    work.audit("reception.letter.exported", "site", site.id, {"letters": len(found)}, site_id=site.id)
    return found


async def answer(platform: Platform, work: Work, site: Site, ticket_id: UUID, said: NewAnswer) -> None:
    """Record the answer that went out; it is the answer to the ticket's reporter (TKT-3).

    A further one takes its place in the register; the ticket's timeline keeps them all. Raises NotFound, Invalid, and
    what the ticket has against it.
    """
    enter(work, site)
    said = msgspec.structs.replace(said, text=said.text.strip(), reference=said.reference.strip())
    if not said.text:
        raise Invalid.field("text", "Write down the answer that was given.")
    told = f"{said.reference}\n{said.text}".strip()
    await platform.tickets.act(work, site, ticket_id, "answer", TicketStep(text=told, channel="letter"), None)
    number = await repository.answer(work.uow, site.id, ticket_id, said, clerk(work))
    if number is None:
        raise NotFound
    _changed(work, site, "answered", ticket_id, number)


async def scan(
    platform: Platform, work: Work, site: Site, ticket_id: UUID, side: Side, files: Iterable[tuple[str, bytes]]
) -> None:
    """Keep scans with the letter or with its answer, as files of its ticket. Raises NotFound, Invalid, TooLarge."""
    enter(work, site)
    for name, data in files:
        attachment = await platform.files.add(work, site, ticket_id, name, data)
        if not await repository.add_scan(work.uow, site.id, ticket_id, attachment.id, side):
            raise NotFound


def enter(work: Work, site: Site) -> None:
    """Raises NotFound for a site that the actor may not touch."""
    if site.id not in work.ctx.site_ids:
        raise NotFound


def clerk(work: Work) -> tuple[UUID | None, str]:
    """Who does it; a token is no member of staff."""
    actor = work.ctx.actor
    return actor.id if actor.kind == "person" else None, actor.name


def renamed(faults: Iterable[FieldError], names: Mapping[str, str]) -> list[FieldError]:
    """What a ticket refuses, in the words of the form that it was made from."""
    return [msgspec.structs.replace(each, field=names.get(each.field, each.field)) for each in faults]


async def _owed(platform: Platform, work: Work, site: Site, new: NewLetter) -> Duration:
    """Within which time it is to be answered: the day that it names, else the site's usual time."""
    if new.answer_by is None:
        return (await rules(platform, work, site)).answer_within
    return Duration(max(1, (new.answer_by - work.now) // timedelta(minutes=1)), "minutes")


def _changed(work: Work, site: Site, action: str, ticket_id: UUID, number: str) -> None:
    work.audit(f"reception.letter.{action}", "reception_letter", ticket_id, {"number": number}, site_id=site.id)
    work.announce("desk", site.id, ticket_id)
