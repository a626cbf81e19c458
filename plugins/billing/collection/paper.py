"""Paper of collection at home, A4: the route sheet of a day, the sheet of a book to be signed (BIL-3)."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response

from core.sdk import Site, View, Work, amount_for, document, local_text, msgid
from plugins.billing.collection import books, service
from plugins.billing.collection.model import ROWS, HomeVisit, ReceiptBookDetail
from plugins.billing.telling import yuan

STATES: Final = {
    "unused": msgid("unused slip"),
    "used": msgid("used slip"),
    "spoiled": msgid("spoiled slip"),
    "lost": msgid("lost slip"),
}


class Stop(msgspec.Struct, frozen=True):
    """A household on the way."""

    number: str
    time: str
    unit: str
    name: str
    phone: str
    why: str
    open: str
    overdue: str


class Way(msgspec.Struct, frozen=True):
    """What the route sheet is filled with."""

    company: str
    site: str
    day: str
    collector: str
    stops: list[Stop]
    open: str
    more: str
    printed: str


class Line(msgspec.Struct, frozen=True):
    """Numbers of a book."""

    first: str
    last: str
    count: str
    state: str
    receipt: str
    amount: str
    reason: str


class Book(msgspec.Struct, frozen=True):
    """What the sheet of a book is filled with."""

    company: str
    site: str
    first: str
    last: str
    size: str
    holder: str
    handed: str
    returned: str
    counts: list[str]
    amount: str
    lines: list[Line]
    printed: str


async def route(
    work: Work, site: Site, view: View, day: date, collector_id: UUID | None, *, save: bool
) -> Response[bytes]:
    """What is still agreed for a day, along the way."""
    found = await service.listed(work, site, day, collector_id, "agreed", limit=ROWS)
    held = work.ctx.permissions
    names = dict.fromkeys(visit.collector_name for visit in found.items)
    data = Way(
        view.page.brand,
        site.name,
        str(day),
        "、".join(names),
        [_stop(held, n, visit) for n, visit in enumerate(found.items, 1)],
        amount_for(held, yuan(sum(visit.open_fen for visit in found.items))),
        view.say(msgid("There are more visits: print them by collector.")) if found.cursor else "",
        _printed(work, site, view),
    )
    name = f"{view.say(msgid('Route sheet'))}-{site.name}-{day:%Y%m%d}"
    return await document(view, "billing/route.typ", name, data, save=save)


async def book(work: Work, site: Site, view: View, book_id: UUID, *, save: bool) -> Response[bytes]:
    """A book with its numbers and places to sign, for handing out and for its return. Raises NotFound."""
    detail = await books.get(work, site, book_id)
    name = f"{view.say(msgid('Receipt book'))}-{detail.book.first}"
    return await document(view, "billing/book.typ", name, _book(work, site, view, detail), save=save)


def _stop(held: frozenset[str], number: int, visit: HomeVisit) -> Stop:
    return Stop(
        str(number),
        f"{visit.starts:%H:%M} – {visit.ends:%H:%M}",
        visit.unit,
        visit.party,
        visit.phone,
        " · ".join(text for text in (visit.why, visit.note, visit.dunning) if text),
        amount_for(held, yuan(visit.open_fen)),
        amount_for(held, yuan(visit.overdue_fen)),
    )


def _book(work: Work, site: Site, view: View, detail: ReceiptBookDetail) -> Book:
    made, held = detail.book, work.ctx.permissions
    lines = [
        Line(
            run.first,
            run.last if run.count > 1 else "",
            str(run.count),
            view.say(STATES[run.state]),
            run.receipt,
            amount_for(held, yuan(run.amount_fen)) if run.receipt and run.state == "used" else "",
            run.reason,
        )
        for run in detail.runs
    ]
    returned = f"{made.returned_by_name} {local_text(site, made.returned_at)}" if made.returned_at else ""
    return Book(
        view.page.brand,
        site.name,
        made.first,
        made.last,
        str(made.size),
        made.holder_name,
        f"{made.handed_by_name} {local_text(site, made.handed_at)}",
        returned,
        [str(count) for count in (made.used, made.spoiled, made.lost, made.unused)],
        amount_for(held, yuan(made.used_fen)),
        lines,
        _printed(work, site, view),
    )


def _printed(work: Work, site: Site, view: View) -> str:
    return view.say(msgid("{at}, {name}"), at=local_text(site, work.now), name=work.ctx.actor.name)
