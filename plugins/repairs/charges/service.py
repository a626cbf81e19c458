"""The rules of charges (REP-3): lines from the price list, entries against them, agreements. Callers commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import (
    Attachment,
    Conflict,
    Event,
    Invalid,
    Note,
    NotFound,
    Platform,
    PreparedSignature,
    Question,
    Row,
    Site,
    Ticket,
    TicketStep,
    Work,
    msgid,
    new_id,
)
from plugins.repairs import events
from plugins.repairs.charges import repository
from plugins.repairs.charges.model import HOWS, NewConsent, NewLine, Pause, PhotoMark, Signing, Waiver
from plugins.repairs.charges.rules import amount_of
from plugins.repairs.kinds import ORDER
from plugins.repairs.orders import order, state
from plugins.repairs.orders.order import Order
from plugins.repairs.orders.state import Consent, How, Line, Moment, Signed
from plugins.repairs.policies import WORK
from plugins.repairs.prices import repository as prices
from plugins.repairs.prices.model import Price

_CLOSED: Final = "This order is closed: nothing is charged to it any more."
_CHANGED: Final = "The order comes to another amount by now: look at it again."
_SIGN_AGAIN: Final = (
    "The order has changed and comes to {amount} yuan by now: show it to the resident and have it signed again. "
    "Nothing of this signature was kept."
)
_ADDED = msgid("wrote down {name}: {quantity} {unit}, {amount} yuan")
_COUNTERED = msgid("took back {name}")
_AGREED = {
    "estimate": msgid("recorded that {name} agrees to the estimate of {amount} yuan ({how})"),
    "charge": msgid("recorded that {name} confirms the charge of {amount} yuan ({how})"),
}
_SIGNED = {
    "estimate": msgid("had {name} sign for the estimate of {amount} yuan"),
    "charge": msgid("had {name} sign for the charge of {amount} yuan"),
}
_SIGNED_FOR_NOTHING = msgid("had {name} sign for the work: nothing is to be paid")
_HAPPENED = {"estimate": events.ESTIMATE_AGREED, "charge": events.CHARGE_CONFIRMED, "waiver": events.CHARGE_WAIVED}
_WAIVED = msgid("waived the charge of {amount} yuan")


async def add(platform: Platform, work: Work, site: Site, ticket_id: UUID, new: NewLine) -> Line:
    """Write down materials or labour at today's price. Raises NotFound, Invalid, Conflict for a closed order."""
    asked = prices.question(site.id, new.code, site.today(work.now))
    line: Line | None = None

    async def priced(ticket: Ticket) -> Note:
        nonlocal line
        price = _on_list(asked.answer)
        line = _line(work, new, price)
        params = {
            "name": line.name,
            "quantity": thousandths(new.quantity),
            "unit": line.unit,
            "amount": yuan(line.amount_fen),
        }
        row = repository.line(site.id, price.id, line)
        return Note(_ADDED, params, line.note, "shopping-cart-plus", (row,))

    await _note(platform, work, site, ticket_id, priced, asked)
    assert line is not None  # else it has been refused
    work.audit(
        "repairs.line.added", "ticket", ticket_id, {"code": line.code, "amount_fen": line.amount_fen}, site_id=site.id
    )
    return line


def _on_list(price: Price | None) -> Price:
    if price is None or price.retired:
        raise Invalid.field("code", "This is not on the price list: choose something that is.")
    return price


def _line(work: Work, new: NewLine, price: Price) -> Line:
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
    asked = state.question()

    async def taken_back(ticket: Ticket) -> Note:
        lines = asked.answer.lines if asked.answer is not None else ()
        line = next((each for each in lines if each.id == line_id and each.counters_id is None), None)
        if line is None or any(each.counters_id == line_id for each in lines):
            raise NotFound("This entry is not there, or is taken back already.")
        entry = msgspec.structs.replace(
            line, id=new_id(), counters_id=line.id, note=note.strip(), at=work.now, by_name=work.ctx.actor.name
        )
        return Note(_COUNTERED, {"name": line.name}, note, "shopping-cart-minus", (repository.counter(entry),))

    await _note(platform, work, site, ticket_id, taken_back, asked)
    work.audit("repairs.line.countered", "ticket", ticket_id, {"line": str(line_id)}, site_id=site.id)


async def agree(platform: Platform, work: Work, site: Site, ticket_id: UUID, new: NewConsent) -> Order:
    """Record that the resident agrees to what is due, without a signature. Raises NotFound, Invalid, Conflict."""
    name = new.resident_name.strip()
    if not name:
        raise Invalid.field("resident_name", "Say who agrees.")
    given = Consent(new_id(), new.kind, new.amount_fen, new.how, name, None, "", work.now, work.ctx.actor.name)
    params = {"name": name, "amount": yuan(new.amount_fen), "how": HOWS[new.how]}
    return await _settle(
        platform, work, site, ticket_id, given, Note(_AGREED[new.kind], params, icon="message-circle-check")
    )


async def sign(platform: Platform, work: Work, site: Site, ticket_id: UUID, new: Signing) -> Order:
    """The resident signs for what they were shown: signature and agreement are one act, kept together or not at all.
    Where nothing is due they sign for the work. Raises NotFound, Invalid, Conflict (it comes to something else by now).
    """
    shown = new.shown
    if shown.kind == "estimate" and not shown.amount_fen:
        raise Invalid.field("kind", "Nothing is to be paid: there is no estimate to sign.")
    ready = await platform.files.prepare(work, site, ticket_id, new.signature)
    signed = ready.signature
    how: How = "paper" if new.signature.on_paper else "signature"
    file_id = signed.attachment.id if signed.attachment else None
    by_name, remark = work.ctx.actor.name, signed.remark
    given = Consent(new_id(), shown.kind, shown.amount_fen, how, signed.signer, file_id, remark, work.now, by_name)
    message = _SIGNED[shown.kind] if shown.amount_fen else _SIGNED_FOR_NOTHING
    params = {"name": signed.signer, "amount": yuan(shown.amount_fen)}
    said = Note(message, params, remark, "writing-sign")
    return await _settle(platform, work, site, ticket_id, given, said, ready, shown.revision)


async def waive(platform: Platform, work: Work, site: Site, ticket_id: UUID, waiver: Waiver) -> Order:
    """Record that what is due is not charged. Raises NotFound, Invalid, Conflict."""
    reason = waiver.reason.strip()
    if not reason:
        raise Invalid.field("reason", "Say why it is not charged.")
    given = Consent(new_id(), "waiver", waiver.amount_fen, "", "", None, reason, work.now, work.ctx.actor.name)
    said = Note(_WAIVED, {"amount": yuan(waiver.amount_fen)}, reason, "rosette-discount-check")
    return await _settle(platform, work, site, ticket_id, given, said)


async def _settle(
    platform: Platform,
    work: Work,
    site: Site,
    ticket_id: UUID,
    given: Consent,
    said: Note,
    ready: PreparedSignature | None = None,
    revision: int | None = None,
) -> Order:
    """Keep what was agreed to, signed for or waived, if the order comes to that amount (and, signed, is at the revision
    that was shown) while its ticket is locked."""
    asked = state.question()
    actor = work.ctx.actor
    by_id = actor.id if actor.kind == "person" else None

    async def checked(ticket: Ticket) -> Note:
        now, found = await order.held(platform, work, site, ticket, asked)
        if ticket.status == "closed":
            raise Conflict(_CLOSED)
        if revision is not None and (now.due_fen, now.revision) != (given.amount_fen, revision):
            raise Conflict(_SIGN_AGAIN, params={"amount": yuan(now.due_fen)})
        if now.due_fen != given.amount_fen:
            raise Conflict(_CHANGED)
        files = () if ready is None else ready.rows(found.files)
        consent = (repository.consent(site.id, given, by_id),) if given.amount_fen else ()
        return msgspec.structs.replace(said, rows=(*files, *consent))

    ticket = await platform.tickets.note(work, site, ticket_id, checked, question=asked)
    now, found = await order.held(platform, work, site, ticket, asked)
    if ready is not None:
        await platform.files.keep(work, site, ticket_id, now.number, ready)
    if given.amount_fen:
        happened = _HAPPENED[given.kind]
        told = {"amount_fen": given.amount_fen}
        work.audit(happened.removesuffix(".v1"), "ticket", ticket_id, told, site_id=site.id)
        work.emit(Event(happened, site.id, ticket_id, {"number": now.number, "consent_id": str(given.id), **told}))
        found = msgspec.structs.replace(found, consents=(*found.consents, given))
    if given.attachment_id is not None:
        signed = Signed(given.attachment_id, given.resident_name, given.at)
        found = msgspec.structs.replace(found, signatures=(signed, *found.signatures))
    return await order.known(platform, work, site, ticket, found)


async def photo(
    platform: Platform, work: Work, site: Site, ticket_id: UUID, name: str, data: bytes, moment: Moment
) -> None:
    """Keep a picture, and which moment it shows. Raises NotFound, Invalid (no picture either), Conflict, TooLarge."""

    def marked(file: Attachment) -> Row:
        if not file.preview:
            raise Invalid.field("file", "A photo is a picture.")
        return repository.marked(ticket_id, file.id, moment)

    await platform.files.add(work, site, ticket_id, name, data, marked)
    work.audit("repairs.photo.marked", "ticket", ticket_id, {"moment": moment}, site_id=site.id)


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
    """Fen as yuan to read: 120500 is 1,205.00."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100:,}.{fen % 100:02}"


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
