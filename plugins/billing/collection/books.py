"""The rules of receipt books (BIL-3): handed out by somebody else, every number accounted for. Callers commit."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import asyncpg

from core.sdk import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Platform,
    PreconditionFailed,
    Site,
    Work,
    msgid,
    new_id,
    read_mark,
    write_mark,
)
from plugins.billing.access import enter
from plugins.billing.collection import books_repository, numbers
from plugins.billing.collection.books_repository import By, Head
from plugins.billing.collection.model import (
    ROWS,
    BookStatus,
    NewReceiptBook,
    NumberMark,
    NumberRun,
    ReceiptBookDetail,
    ReceiptBookPage,
    ReturnedBook,
)
from plugins.billing.collection.numbers import MOST, Paper, Run, Written
from plugins.billing.telling import yuan

NO_NUMBER: Final = msgid("Write a number as it is printed on the slip, such as A0001001.")
TAKEN: Final = msgid("Another book of this site has some of these numbers.")
BACK: Final = msgid("The book has been returned: nothing in it changes any more.")
FOREIGN: Final = msgid("This number is not in the book.")


async def hand_out(platform: Platform, work: Work, site: Site, new: NewReceiptBook) -> ReceiptBookDetail:
    """Hand a book to a collector who has signed for it. Raises Invalid, Forbidden for oneself, Conflict where another
    book of the site has one of the numbers."""
    enter(work, site)
    first, last = _range(new)
    if not new.signed:
        raise Invalid.field("signed", msgid("Have the collector sign for the book first."))
    name = colleague(platform, work, site, new.holder_id, "holder_id")
    if new.holder_id == work.ctx.actor.id:
        raise Forbidden(msgid("Nobody hands a book to themselves: ask a colleague."))
    id, holder = new_id(), (new.holder_id, name)
    try:
        added = await books_repository.add(
            work.uow, site.id, id, first, last, holder, site.today(work.now), work.now, who(work)
        )
    except asyncpg.ExclusionViolationError:  # by somebody else, just now
        raise Conflict(TAKEN) from None
    if not added:
        raise Conflict(TAKEN)
    changes = {"first": new.first, "last": new.last}
    work.audit("billing.book.handed_out", "billing_book", id, changes, site_id=site.id)
    return await get(work, site, id)


async def mark(work: Work, site: Site, book_id: UUID, new: NumberMark) -> ReceiptBookDetail:
    """Report numbers of a book spoiled or lost. Raises NotFound, Invalid, and Conflict where the book is back or one of
    the numbers is accounted for."""
    enter(work, site)
    reason = new.reason.strip()
    if not reason:
        raise Invalid.field("reason", msgid("Say what became of it."))
    await work.uow.lock_row("billing_book", book_id)
    head = (await _get(work, site, book_id))[0]
    if head.status != "out":
        raise Conflict(BACK)
    first = _of(head, new.first, "first")
    last = _of(head, new.last, "last") if new.last.strip() else first
    if last < first:
        raise Invalid.field("last", msgid("The last number comes before the first."))
    marked = await books_repository.mark(
        work.uow, site.id, book_id, (first, last), new.state, reason, work.now, who(work)
    )
    if marked < last - first + 1:
        raise Conflict(msgid("One of these numbers is accounted for already. Mark the others."))
    changes = {"first": head.label(first), "last": head.label(last), "state": new.state}
    work.audit("billing.book.marked", "billing_book", book_id, changes, site_id=site.id)
    return await get(work, site, book_id)


async def take_back(work: Work, site: Site, book_id: UUID, returned: ReturnedBook, expected: int) -> ReceiptBookDetail:
    """Take a book back for good, once what is unused was counted and its receipts are what the ledger has.

    Raises NotFound, Forbidden for one's own, PreconditionFailed, Invalid where the count differs, and Conflict where it
    is back or the ledger differs.
    """
    enter(work, site)
    await work.uow.lock_row("billing_book", book_id)  # whoever enters one of its numbers comes before, or not at all
    detail = await get(work, site, book_id)
    book = detail.book
    if book.holder_id == work.ctx.actor.id:
        raise Forbidden(msgid("Somebody else takes a book back than who had it."))
    if book.version != expected:
        raise PreconditionFailed
    if book.status != "out":
        raise Conflict(BACK)
    if returned.unused != book.unused:
        raise Invalid.field(
            "unused",
            msgid("By the record {n} numbers are unused. Enter what was collected, and report spoiled and lost slips."),
            n=book.unused,
        )
    if detail.ledger_fen != book.used_fen:
        told = {"receipts": yuan(book.used_fen), "ledger": yuan(detail.ledger_fen)}
        differs = msgid(
            "The receipts come to {receipts} yuan, the ledger has {ledger}: find what was undone by itself."
        )
        raise Conflict(differs, params=told)
    by = who(work)
    if not await books_repository.take_back(
        work.uow, site.id, book_id, expected, work.now, by, detail.tally, book.used_fen
    ):
        raise PreconditionFailed
    changes = {"used": book.used, "spoiled": book.spoiled, "lost": book.lost, "unused": book.unused}
    work.audit(
        "billing.book.returned", "billing_book", book_id, {**changes, "amount_fen": book.used_fen}, site_id=site.id
    )
    return await get(work, site, book_id)


async def get(work: Work, site: Site, book_id: UUID) -> ReceiptBookDetail:
    """A book with all its numbers. Raises NotFound."""
    enter(work, site)
    head, papers, ledger_fen = await _get(work, site, book_id)
    counted = numbers.tally(head.first, head.last, (paper.state for paper in papers))
    used_fen = sum(paper.amount_fen for paper in papers if paper.state == "used")
    runs = [_told(head, run) for run in numbers.runs(head.first, head.last, papers)]
    return ReceiptBookDetail(head.id, head.told(counted, used_fen), runs, ledger_fen)


async def listed(
    work: Work, site: Site, status: BookStatus | None = None, cursor: str | None = None, limit: int = 50
) -> ReceiptBookPage:
    """Books, the latest handed out first; 200 at most (IN-9). Raises Malformed for a cursor that is not one of ours."""
    enter(work, site)
    most = min(limit, ROWS)
    after = read_mark(cursor) if cursor else (None, None)
    found = await books_repository.listed(work.uow, site.id, status, after, most + 1)
    more = write_mark(found[most - 1].handed_at, found[most - 1].id) if len(found) > most else None
    return ReceiptBookPage(found[:most], more)


def colleague(platform: Platform, work: Work, site: Site, id: UUID, field: str) -> str:
    """The name of a colleague of the site. Raises Invalid naming the field."""
    names = {each.id: each.name for each in platform.directory.colleagues(work.ctx.company_id, site)}
    if id not in names:
        raise Invalid.field(field, msgid("Choose a colleague of this site."))
    return names[id]


def who(work: Work) -> By:
    """Who acts."""
    return work.ctx.actor.id, work.ctx.actor.name


async def _get(work: Work, site: Site, book_id: UUID) -> tuple[Head, list[Paper], int]:
    found = await books_repository.get(work.uow, site.id, book_id)
    if found is None:
        raise NotFound
    return found


def _range(new: NewReceiptBook) -> tuple[Written, int]:
    first, last = numbers.read(new.first), numbers.read(new.last)
    if first is None:
        raise Invalid.field("first", NO_NUMBER)
    if last is None:
        raise Invalid.field("last", NO_NUMBER)
    if (first.prefix, first.digits) != (last.prefix, last.digits) or last.number < first.number:
        raise Invalid.field("last", msgid("Both numbers are of one series, and the last one comes behind the first."))
    if last.number - first.number >= MOST:
        raise Invalid.field("last", msgid("A book has at most {n} numbers: enter several books."), n=MOST)
    return first, last.number


def _of(head: Head, text: str, field: str) -> int:
    """A number of the book, with or without what is printed before it. Raises Invalid naming the field."""
    found = numbers.read(text)
    if found is None:
        raise Invalid.field(field, NO_NUMBER)
    if found.prefix not in ("", head.prefix) or not head.first <= found.number <= head.last:
        raise Invalid.field(field, FOREIGN)
    return found.number


def _told(head: Head, run: Run) -> NumberRun:
    paper = run.paper
    ends = head.label(run.first), head.label(run.last), run.last - run.first + 1
    if paper is None:
        return NumberRun(*ends, run.state, run.skipped, None, "", 0, "", None, "")
    return NumberRun(
        *ends, run.state, False, paper.receipt_id, paper.receipt, paper.amount_fen, paper.reason, paper.at,
        paper.by_name,
    )  # fmt: skip
