"""A work order on its ticket's page: what is shown, and the dialogs that change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import msgspec

from core.sdk import FieldError, Fragment, Platform, Site, Ticket, Work, msgid, views
from plugins.repairs import screens
from plugins.repairs.charges.model import HOWS
from plugins.repairs.charges.service import thousandths, yuan
from plugins.repairs.kinds import ORDER
from plugins.repairs.orders import order
from plugins.repairs.orders.order import Order
from plugins.repairs.orders.state import Consent, Photo, Visit
from plugins.repairs.permissions import CHARGE, HANDLE, VIEW, VISIT, WAIVE, WARRANTY
from plugins.repairs.policies import WORK
from plugins.repairs.prices import service as prices
from plugins.repairs.visits import service as visits
from plugins.repairs.warranty.model import BASES, WARRANTIES

_CLOSED: Final = "closed"
_CONSENTS: Final = {
    "estimate": msgid("Estimate agreed"),
    "charge": msgid("Charge confirmed"),
    "waiver": msgid("Charge waived"),
}


class Dialog(msgspec.Struct, frozen=True):
    """A form that opens over the page; `what` is the last part of the address it posts to."""

    what: str
    title: str
    icon: str
    fields: tuple[views.Field, ...]
    show: bool = False
    slots: bool = False
    tone: str = ""


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
    dialogs = await _dialogs(platform, work, site, ticket, now)
    if what in dialogs:
        dialogs[what] = _filled(dialogs[what], values, errors)
    limits = await visits.rules(platform, work, site)
    titles = {trade.key: trade.title(work.ctx.locale) for trade in limits.trades}
    held = work.ctx.permissions
    closed = ticket.status == _CLOSED
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
                _reasoned(
                    f"visits/{visit.id}/cancel", msgid("Call the visit off"), "calendar-off", what, values, errors
                )
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
                yuan(line.price_fen),
                yuan(line.amount_fen),
                line.note,
                line.by_name,
                line.id in taken_back,
                _reasoned(f"lines/{line.id}/counter", msgid("Take back"), "arrow-back-up", what, values, errors, "note")
                if HANDLE.id in held and not closed and line.counters_id is None and line.id not in taken_back
                else None,
            )
            for line in now.lines
        ),
        consents=tuple(
            ConsentRow(each, _CONSENTS[each.kind], HOWS.get(each.how, ""), yuan(each.amount_fen))
            for each in now.consents
        ),
        photos=now.photos,
        total=yuan(now.total_fen),
        due=yuan(now.due_fen),
        dialogs=dialogs,
        marks=HANDLE.id in held and not closed,
    )


async def _dialogs(platform: Platform, work: Work, site: Site, ticket: Ticket, now: Order) -> dict[str, Dialog]:
    """What the reader may do with the order as it is."""
    held = work.ctx.permissions
    if ticket.status == _CLOSED:
        return {}
    found = []
    if WARRANTY.id in held:
        choices = tuple(views.Choice(key, label) for key, label in WARRANTIES.items())
        found.append(
            Dialog(
                "warranty",
                msgid("Decide on the warranty"),
                "shield-check",
                (
                    views.Field("warranty", msgid("Warranty"), "select", now.warranty.warranty, choices=choices),
                    views.Field("until", msgid("Until"), "date", str(now.warranty.until or "")),
                    views.Field("reason", msgid("Reason"), "textarea", maximum=400, required=True),
                ),
            )
        )
    if VISIT.id in held and ticket.status not in ("resolved", _CLOSED):
        moved = now.visit is not None
        found.append(
            Dialog(
                "visits",
                msgid("Move the visit") if moved else msgid("Agree on a visit"),
                "calendar-event",
                (
                    views.Field("starts_at", msgid("Or another time"), "datetime-local"),
                    views.Field("reason", msgid("Why it is moved") if moved else msgid("Remark"), maximum=200),
                ),
                slots=True,
            )
        )
    if HANDLE.id in held:
        listed = await prices.in_force(work, site)
        choices = tuple(views.Choice(p.code, f"{p.code} {p.name} · {yuan(p.price_fen)} / {p.unit}") for p in listed)
        found.append(
            Dialog(
                "lines",
                msgid("Materials and labour"),
                "shopping-cart-plus",
                (
                    views.Field("code", msgid("From the price list"), "select", choices=choices),
                    views.Field("quantity", msgid("Quantity"), value="1", maximum=12, required=True),
                    views.Field("note", msgid("Remark"), maximum=200),
                ),
            )
        )
        if ticket.status in ("accepted", "arrived"):
            rules = await platform.policies.value(work, WORK, site.id)
            reasons = tuple(views.Choice(reason, reason) for reason in rules.pause_reasons)
            found.append(
                Dialog(
                    "pause",
                    msgid("Pause the work"),
                    "player-pause",
                    (
                        views.Field("reason", msgid("What the work waits for"), "select", choices=reasons),
                        views.Field("note", msgid("Remark"), maximum=400),
                    ),
                )
            )
    if now.due_fen and now.settled is None:
        if CHARGE.id in held:
            found += [_consent("estimate", now), _consent("charge", now)]
        if WAIVE.id in held:
            found.append(
                Dialog(
                    "waiver",
                    msgid("Waive the charge"),
                    "rosette-discount-check",
                    (
                        _amount(now),
                        views.Field("reason", msgid("Reason"), "textarea", maximum=400, required=True),
                    ),
                    tone="danger",
                )
            )
    return {dialog.what: dialog for dialog in found}


def _consent(kind: str, now: Order) -> Dialog:
    title = msgid("The estimate is agreed to") if kind == "estimate" else msgid("The charge is confirmed")
    signed = next(iter(now.signatures), None)
    choices = tuple(views.Choice(key, label) for key, label in HOWS.items() if key != "signature" or signed)
    return Dialog(
        kind,
        title,
        "writing-sign",
        (
            _amount(now),
            views.Field("resident_name", msgid("Who agrees"), value=signed.signed_by if signed else "", maximum=60),
            views.Field("how", msgid("How"), "select", choices=choices),
        ),
        tone="primary" if kind == "charge" else "",
    )


def _amount(now: Order) -> views.Field:
    choice = views.Choice(str(now.due_fen), f"¥ {yuan(now.due_fen)}")
    return views.Field("amount_fen", msgid("Amount due"), "select", str(now.due_fen), choices=(choice,))


def _reasoned(
    what: str,
    title: str,
    icon: str,
    shown: str,
    values: Mapping[str, str],
    errors: Iterable[FieldError],
    name: str = "reason",
) -> Dialog:
    """A dialog that asks for nothing but why."""
    dialog = Dialog(what, title, icon, (views.Field(name, msgid("Reason"), maximum=200, required=True),))
    return _filled(dialog, values, errors) if what == shown else dialog


def _filled(dialog: Dialog, values: Mapping[str, str], errors: Iterable[FieldError]) -> Dialog:
    wrong = {error.field: error for error in errors}
    fields = tuple(
        msgspec.structs.replace(
            field,
            value=values.get(field.name, field.value),
            error=wrong[field.name].message if field.name in wrong else "",
            params=wrong[field.name].params if field.name in wrong else {},
        )
        for field in dialog.fields
    )
    return msgspec.structs.replace(dialog, fields=fields, show=True)


def _late(visit: Visit, grace: int) -> int | None:
    if visit.arrived_at is None:
        return None
    late = int((visit.arrived_at - visit.starts_at).total_seconds())
    return late if late > grace else None
