"""A work order on its ticket's page: what is shown, and the dialogs that change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import msgspec

from core.sdk import FieldError, Fragment, Platform, Site, Ticket, Work, amount_for, msgid, views
from plugins.repairs import screens
from plugins.repairs.charges.model import HOWS
from plugins.repairs.charges.service import thousandths, yuan
from plugins.repairs.kinds import ORDER
from plugins.repairs.orders import order
from plugins.repairs.orders.dialogs import Dialog, filled, offered, reasoned
from plugins.repairs.orders.order import Order
from plugins.repairs.orders.state import Consent, Photo, Visit
from plugins.repairs.permissions import HANDLE, REWORK, VIEW, VISIT
from plugins.repairs.visits import service as visits
from plugins.repairs.warranty.model import BASES

_DONE: Final = ("resolved", "closed")
_CONSENTS: Final = {
    "estimate": msgid("Estimate agreed"),
    "charge": msgid("Charge confirmed"),
    "waiver": msgid("Charge waived"),
}


class VisitRow(msgspec.Struct, frozen=True):
    """A visit; `late` is how many seconds after its beginning somebody came, where that is more than is agreed."""

    visit: Visit
    trade: str
    late: int | None
    cancel: Dialog | None


class LineRow(msgspec.Struct, frozen=True):
    """Materials or labour, amounts as yuan; `counter` takes it back."""

    id: str
    name: str
    code: str
    quantity: str
    unit: str
    price: str
    amount: str
    note: str
    by_name: str
    taken_back: bool
    counter: Dialog | None


class ConsentRow(msgspec.Struct, frozen=True):
    """An agreement or a waiver in words."""

    consent: Consent
    title: str
    how: str
    amount: str


class Panel(msgspec.Struct, frozen=True):
    """See `order_panel.html`."""

    order: Order
    until: date | None
    warranty: views.Word
    basis: str
    visits: tuple[VisitRow, ...]
    lines: tuple[LineRow, ...]
    consents: tuple[ConsentRow, ...]
    photos: tuple[Photo, ...]
    total: str
    due: str
    dialogs: dict[str, Dialog]
    marks: bool
    reworks: bool


def of_ticket(work: Work, platform: Platform, ticket: Ticket) -> list[Fragment]:
    """On the page of a work order, above what happened: the place of the panel, which the page asks for by itself."""
    if ticket.type != ORDER or VIEW.id not in work.ctx.permissions:
        return []
    company = platform.directory.known(work.ctx.company_id)
    site = company.site(str(ticket.site_id)) if company else None
    if site is None:
        return []
    path = f"/s/{site.slug}/repairs/orders/{ticket.id}/panel"
    return [Fragment(template="repairs/order.html", context={"ticket": ticket, "path": path}, order=10)]


async def panel(
    platform: Platform,
    work: Work,
    site: Site,
    ticket: Ticket,
    what: str = "",
    values: Mapping[str, str] = {},
    errors: Iterable[FieldError] = (),
) -> Panel:
    """The order as the reader may see and change it; the dialog `what` open, with these values and errors."""
    now = await order.of(platform, work, site, ticket)
    dialogs = await offered(platform, work, site, ticket, now)
    if what in dialogs:
        dialogs[what] = filled(dialogs[what], values, errors)
    limits = await visits.rules(platform, work, site)
    titles = {trade.key: trade.title(work.ctx.locale) for trade in limits.trades}
    held = work.ctx.permissions
    closed = ticket.status == "closed"

    def amount(fen: int) -> str:
        return amount_for(held, yuan(fen))

    taken_back = {line.counters_id for line in now.lines}
    return Panel(
        order=now,
        until=now.warranty.until,
        warranty=screens.WARRANTY_WORDS[now.warranty.warranty],
        basis=BASES[now.warranty.basis],
        visits=tuple(
            VisitRow(
                visit,
                titles.get(visit.trade, visit.trade),
                _late(visit, limits.grace_minutes * 60),
                reasoned(f"visits/{visit.id}/cancel", msgid("Call the visit off"), "calendar-off", what, values, errors)
                if visit.agreed and VISIT.id in held
                else None,
            )
            for visit in now.visits
        ),
        lines=tuple(
            LineRow(
                str(line.id),
                line.name,
                line.code,
                thousandths(line.quantity),
                line.unit,
                amount(line.price_fen),
                amount(line.amount_fen),
                line.note,
                line.by_name,
                line.id in taken_back,
                reasoned(f"lines/{line.id}/counter", msgid("Take back"), "arrow-back-up", what, values, errors, "note")
                if HANDLE.id in held and not closed and line.counters_id is None and line.id not in taken_back
                else None,
            )
            for line in now.lines
        ),
        consents=tuple(
            ConsentRow(each, _CONSENTS[each.kind], HOWS.get(each.how, ""), amount(each.amount_fen))
            for each in now.consents
        ),
        photos=now.photos,
        total=amount(now.total_fen),
        due=amount(now.due_fen),
        dialogs=dialogs,
        marks=HANDLE.id in held and not closed,
        reworks=REWORK.id in held and ticket.status in _DONE and all(each.status in _DONE for each in now.reworks),
    )


def _late(visit: Visit, grace: int) -> int | None:
    if visit.arrived_at is None:
        return None
    late = int((visit.arrived_at - visit.starts_at).total_seconds())
    return late if late > grace else None
