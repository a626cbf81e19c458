"""The rules of charges (REP-3): lines from the price list, entries against them, agreements. Callers commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import (
    Conflict,
    Event,
    Invalid,
    Note,
    NotFound,
    Platform,
    Question,
    Site,
    Ticket,
    TicketStep,
    Work,
    msgid,
    new_id,
)
from plugins.repairs import events
from plugins.repairs.charges import repository
from plugins.repairs.charges.model import HOWS, NewConsent, NewLine, Pause, PhotoMark, Waiver
from plugins.repairs.charges.rules import amount_of
from plugins.repairs.kinds import ORDER
from plugins.repairs.orders import order, state
from plugins.repairs.orders.order import Order
from plugins.repairs.orders.state import Consent, Line
from plugins.repairs.policies import WORK
from plugins.repairs.prices import repository as prices
from plugins.repairs.prices.model import Price

_CLOSED: Final = "This order is closed: nothing is charged to it any more."
_CHANGED: Final = "The order comes to another amount by now: look at it again."
_ADDED = msgid("wrote down {name}: {quantity} {unit}, {amount} yuan")
_COUNTERED = msgid("took back {name}")
_AGREED = {
    "estimate": msgid("recorded that {name} agrees to the estimate of {amount} yuan ({how})"),
    "charge": msgid("recorded that {name} confirms the charge of {amount} yuan ({how})"),
}
_WAIVED = msgid("waived the charge of {amount} yuan")


async def add(platform: Platform, work: Work, site: Site, ticket_id: UUID, new: NewLine) -> Line:
    """Write down materials or labour at today's price. Raises NotFound, Invalid, Conflict for a closed order."""
    asked = prices.question(site.id, new.code, site.today(work.now))
    line: Line | None = None

    async def priced(ticket: Ticket) -> Note:
        nonlocal line
        line = _line(work, new, asked.answer)
        params = {
            "name": line.name,
            "quantity": thousandths(new.quantity),
            "unit": line.unit,
            "amount": yuan(line.amount_fen),
        }
        return Note(_ADDED, params, line.note, "shopping-cart-plus")

    await _note(platform, work, site, ticket_id, priced, asked)
    assert line is not None and asked.answer is not None  # else it has been refused
    await repository.add(work.uow, site.id, ticket_id, asked.answer.id, line)
    work.audit(
        "repairs.line.added", "ticket", ticket_id, {"code": line.code, "amount_fen": line.amount_fen}, site_id=site.id
    )
    return line


def _line(work: Work, new: NewLine, price: Price | None) -> Line:
    if price is None or price.retired:
        raise Invalid.field("code", "This is not on the price list: choose something that is.")
    return Line(
        id=new_id(),
        code=price.code,
        name=price.name,
        kind=price.kind,
        unit=price.unit,
        price_fen=price.price_fen,
        warranty_days=price.warranty_days,
        quantity=new.quantity,
        amount_fen=amount_of(price.price_fen, new.quantity),
        counters_id=None,
        note=new.note.strip(),
        at=work.now,
        by_name=work.ctx.actor.name,
    )


async def counter(platform: Platform, work: Work, site: Site, ticket_id: UUID, line_id: UUID, note: str) -> None:
    """Take a line back by an entry against it. Raises NotFound, also for one that is taken back; Invalid."""
    if not note.strip():
        raise Invalid.field("note", "Say why it is taken back.")
    by_name = work.ctx.actor.name
    name = await repository.counter(work.uow, site.id, ticket_id, line_id, note.strip(), work.now, by_name)
    if name is None:
        raise NotFound("This entry is not there, or is taken back already.")
    await _note(platform, work, site, ticket_id, Note(_COUNTERED, {"name": name}, note, "shopping-cart-minus"))
    work.audit("repairs.line.countered", "ticket", ticket_id, {"line": str(line_id)}, site_id=site.id)


async def agree(platform: Platform, work: Work, site: Site, ticket_id: UUID, new: NewConsent) -> Order:
    """Record that the resident agrees to what is due. Raises NotFound, Invalid, Conflict."""
    name = new.resident_name.strip()
    if not name:
        raise Invalid.field("resident_name", "Say who agrees.")
    given = Consent(
        new_id(), new.kind, new.amount_fen, new.how, name, new.attachment_id, "", work.now, work.ctx.actor.name
    )
    params = {"name": name, "amount": yuan(new.amount_fen), "how": HOWS[new.how]}
    said = Note(_AGREED[new.kind], params, icon="writing-sign")
    happened = events.ESTIMATE_AGREED if new.kind == "estimate" else events.CHARGE_CONFIRMED
    return await _settle(platform, work, site, ticket_id, given, said, happened)


async def waive(platform: Platform, work: Work, site: Site, ticket_id: UUID, waiver: Waiver) -> Order:
    """Record that what is due is not charged. Raises NotFound, Invalid, Conflict."""
    reason = waiver.reason.strip()
    if not reason:
        raise Invalid.field("reason", "Say why it is not charged.")
    given = Consent(new_id(), "waiver", waiver.amount_fen, "", "", None, reason, work.now, work.ctx.actor.name)
    said = Note(_WAIVED, {"amount": yuan(waiver.amount_fen)}, reason, "rosette-discount-check")
    return await _settle(platform, work, site, ticket_id, given, said, events.CHARGE_WAIVED)


async def _settle(
    platform: Platform, work: Work, site: Site, ticket_id: UUID, given: Consent, said: Note, happened: str
) -> Order:
    """Keep what was agreed to or waived, if the order comes to that amount while its ticket is locked."""
    asked = state.question()

    async def checked(ticket: Ticket) -> Note:
        now, _ = await order.held(platform, work, site, ticket, asked)
        if ticket.status == "closed":
            raise Conflict(_CLOSED)
        if now.due_fen != given.amount_fen:
            raise Conflict(_CHANGED)
        return said

    ticket = await platform.tickets.note(work, site, ticket_id, checked, question=asked)
    now, found = await order.held(platform, work, site, ticket, asked)
    if given.how == "signature":
        signatures = [signed.id for signed in now.signatures]
        chosen = given.attachment_id or next(iter(signatures), None)
        if chosen is None or chosen not in signatures:
            raise Invalid.field("how", "Nothing is signed yet: have the resident sign first.")
        given = msgspec.structs.replace(given, attachment_id=chosen)
    else:
        given = msgspec.structs.replace(given, attachment_id=None)
    actor = work.ctx.actor
    by_id = actor.id if actor.kind == "person" else None
    await repository.consent(work.uow, site.id, ticket_id, given, by_id)
    told = {"amount_fen": given.amount_fen}
    work.audit(happened.removesuffix(".v1"), "ticket", ticket_id, told, site_id=site.id)
    work.emit(Event(happened, site.id, ticket_id, {"number": now.number, "consent_id": str(given.id), **told}))
    return await order.known(
        platform, work, site, ticket, msgspec.structs.replace(found, consents=(*found.consents, given))
    )


async def mark(work: Work, site: Site, ticket_id: UUID, photo: PhotoMark) -> None:
    """Say which moment a picture shows. Raises NotFound for what is no picture of the order."""
    kept = site.id in work.ctx.site_ids and await repository.mark(
        work.uow, site.id, ticket_id, photo.attachment_id, photo.moment
    )
    if not kept:
        raise NotFound
    work.audit("repairs.photo.marked", "ticket", ticket_id, {"moment": photo.moment}, site_id=site.id)
    work.announce("ticket", site.id, ticket_id)


async def pause(
    platform: Platform, work: Work, site: Site, ticket_id: UUID, said: Pause, expected: int | None
) -> Ticket:
    """Have the work wait, for one of the site's reasons. Raises NotFound, Invalid, Conflict, PreconditionFailed."""
    rules = await platform.policies.value(work, WORK, site.id)
    if said.reason not in rules.pause_reasons:
        raise Invalid.field("reason", "Choose one of the site's reasons.")
    note = said.note.strip()
    text = f"{said.reason}：{note}" if note else said.reason
    return await platform.tickets.act(work, site, ticket_id, "pause", TicketStep(text=text), expected)


def yuan(fen: int) -> str:
    """Fen as yuan: 1205 is 12.05."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02}"


def thousandths(quantity: int) -> str:
    """Thousandths as a plain number: 1500 is 1.5."""
    sign, quantity = ("-", -quantity) if quantity < 0 else ("", quantity)
    whole, rest = divmod(quantity, 1000)
    return f"{sign}{whole}" + (f".{rest:03}".rstrip("0") if rest else "")


async def _note(
    platform: Platform,
    work: Work,
    site: Site,
    ticket_id: UUID,
    said: Note | Callable[[Ticket], Awaitable[Note]],
    question: Question[Any] | None = None,
) -> None:
    ticket = await platform.tickets.note(work, site, ticket_id, said, question=question)
    if ticket.type != ORDER:
        raise NotFound
    if ticket.status == "closed":
        raise Conflict(_CLOSED)
