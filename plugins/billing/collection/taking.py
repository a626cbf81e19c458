"""What was collected at home is entered: a printed number, a payment (BIL-3, MO-3). Callers commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from core.sdk import Conflict, Invalid, LodgeError, NotFound, PreconditionFailed, Site, Work, msgid
from plugins.billing.access import enter
from plugins.billing.collection import books_repository, numbers, repository, service
from plugins.billing.collection.books import NO_NUMBER
from plugins.billing.collection.books_repository import Having, Seen
from plugins.billing.collection.model import NewCollection, VisitOutcome
from plugins.billing.counter import service as counter
from plugins.billing.counter.model import NewPayment, OnPaper, ReceiptDetail
from plugins.billing.counter.plan import Asked, Ticked, plan

ENTERED: Final = msgid("This number has been entered already, for another payment. Look at the slip again.")
SPOILED: Final = msgid("This number is marked spoiled. Look at the slip again.")
LOST: Final = msgid("This number was reported lost. Have finance look at the slip.")
_FATES: Final = {"used": ENTERED, "spoiled": SPOILED, "lost": LOST}


class Row(msgspec.Struct, frozen=True):
    """A line of the form: what was collected on a visit, or why nothing was; of the version that was seen."""

    visit_id: UUID
    collected: NewCollection | None = None
    not_paid: VisitOutcome | None = None
    version: int = 0


class Entered(msgspec.Struct, frozen=True):
    """What came of a line: its receipt, nothing for a visit without a payment, or why it was not taken."""

    visit_id: UUID
    receipt: ReceiptDetail | None = None
    refused: LodgeError | None = None


async def collect(work: Work, site: Site, visit_id: UUID, new: NewCollection) -> ReceiptDetail:
    """Post what was collected on a visit, today, as whoever enters it; the same again answers with the same receipt.

    Raises NotFound, Invalid naming the field, and Conflict where the visit is over, the number is used, spoiled or
    lost, its book is not in the collector's hands, or the month is closed.
    """
    enter(work, site)
    await work.uow.lock_row("billing_visit", visit_id)  # the same twice: the second waits, and sees the first
    written = numbers.read(new.paper_number)
    if written is None:
        raise Invalid.field("paper_number", NO_NUMBER)
    visit = await books_repository.look(work.uow, site.id, visit_id, written)
    if visit is None:
        raise NotFound
    if visit.status == "paid":
        return await _again(work, site, visit, new)
    if visit.status != "agreed":
        raise Conflict(service.OVER)
    today = site.today(work.now)
    if new.collected_on > today:
        raise Invalid.field("collected_on", msgid("This day has not come yet."))
    book = _book(visit)
    if new.collected_on < book.handed_on:
        raise Invalid.field("collected_on", msgid("The book was handed out on {day}, later."), day=str(book.handed_on))
    label = numbers.label(book.prefix, written.number, book.digits)
    payment = _payment(visit, new)
    paper = OnPaper(book.id, written.number, label, visit.id, new.collected_on)
    try:
        taken = await counter.give(work, site, payment, key=f"visit {visit.id}", paper=paper)
    except asyncpg.UniqueViolationError:  # the number, on another visit, just now
        raise Conflict(ENTERED) from None
    changes = {"paper_number": label, "amount_fen": new.amount_fen}
    work.audit("billing.visit.paid", "billing_visit", visit_id, changes, site_id=site.id)
    return taken


async def enter_all(work: Work, site: Site, rows: Sequence[Row]) -> list[Entered]:
    """Take a form line by line: a line that is refused says why and keeps no other from being posted. Accounts are held
    first, in one order, so that nobody waits in a ring."""
    enter(work, site)
    if rows:
        await repository.hold(work.uow, site.id, [row.visit_id for row in rows])
    done = []
    for row in rows:
        receipt = None
        try:
            async with work.savepoint():
                if row.collected is not None:
                    receipt = await collect(work, site, row.visit_id, row.collected)
                elif row.not_paid is not None:
                    await _leave(work, site, row.visit_id, row.not_paid, row.version)
        except LodgeError as refused:
            done.append(Entered(row.visit_id, refused=refused))
        else:
            done.append(Entered(row.visit_id, receipt))
    return done


async def _leave(work: Work, site: Site, visit_id: UUID, told: VisitOutcome, seen: int) -> None:
    """Nothing was paid; the same again is the same."""
    try:
        await service.not_paid(work, site, visit_id, told, seen)
    except PreconditionFailed:
        found = await service.get(work, site, visit_id)
        if (found.status, found.reason) != ("unpaid", told.reason.strip()):
            raise


async def _again(work: Work, site: Site, visit: Seen, new: NewCollection) -> ReceiptDetail:
    """The receipt of a visit that was entered before, if this is the same (MO-3)."""
    assert visit.receipt_id is not None  # it is paid, says a CHECK
    before = await counter.get(work, site, visit.receipt_id)
    found, typed = numbers.read(before.receipt.paper_number), numbers.read(new.paper_number)
    assert found is not None and typed is not None
    same = (
        found.number == typed.number
        and typed.prefix in ("", found.prefix)
        and (before.receipt.means, before.receipt.amount_fen) == (new.means, new.amount_fen)
        and before.receipt.collected_on == new.collected_on
        and before.receipt.reference == new.reference.strip()
        and before.receipt.status == "valid"
    )
    if not same:
        raise Conflict(service.OVER)
    return before


def _book(visit: Seen) -> Having:
    """The book of the number, in the hands of whoever goes. Raises Invalid and Conflict."""
    books = visit.books
    if not books:
        raise Invalid.field("paper_number", msgid("No book of this site has this number."))
    held = [book for book in books if book.holder_id == visit.collector_id and book.status == "out"]
    if len(held) > 1:
        why = msgid("Several books have this number: write what is printed before it too.")
        raise Invalid.field("paper_number", why)
    if not held:
        back = [book for book in books if book.holder_id == visit.collector_id]
        if back:
            raise Conflict(msgid("The book of this number has been returned. Have finance look at the slip."))
        why = msgid("The book of this number is {holder}'s: change who went, or look at the slip again.")
        raise Invalid.field("paper_number", why, holder=books[0].holder_name)
    [book] = held
    if book.fate is not None:
        raise Conflict(_FATES[book.fate])
    return book


def _payment(visit: Seen, new: NewCollection) -> NewPayment:
    """Where the money goes, by the counter's own plan: the oldest of what is chosen first, the rest prepaid."""
    chosen = None if new.charge_ids is None else set(new.charge_ids)
    if chosen is not None and chosen - {owed.charge_id for owed in visit.owed}:
        raise Conflict(msgid("One of the charges is paid by now. Look at what is open, and enter it again."))
    ticked = [Ticked(visit.unit_id, owed) for owed in visit.owed if chosen is None or owed.charge_id in chosen]
    spread = plan(ticked, Asked(new.amount_fen), 0)
    return NewPayment(
        key=str(visit.id),
        unit_id=visit.unit_id,
        party_id=visit.party_id,
        means=new.means,
        amount_fen=new.amount_fen,
        parts=spread.parts,
        reference="" if new.means == "cash" else new.reference,
        remark=new.remark,
        identified=True,
    )
