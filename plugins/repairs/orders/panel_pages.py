"""What is done on an order's panel, below /s/{site_id}/repairs/orders/{ticket_id}."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    UPLOAD,
    Conflict,
    Invalid,
    Malformed,
    Platform,
    Site,
    View,
    Work,
    local_instant,
    msgid,
    read_form,
    signature_of,
)
from plugins.repairs.charges import service as charges
from plugins.repairs.charges.model import Counter, NewConsent, NewLine, Pause, PhotoMark, Shown, Signing, Waiver
from plugins.repairs.forms import scaled
from plugins.repairs.orders import rework
from plugins.repairs.orders.panel import panel
from plugins.repairs.orders.rework import NewRework
from plugins.repairs.permissions import CHARGE, HANDLE, REWORK, VIEW, VISIT, WAIVE, WARRANTY
from plugins.repairs.visits import service as visits
from plugins.repairs.visits.model import Cancel, NewVisit
from plugins.repairs.warranty import service as warranty
from plugins.repairs.warranty.model import Decision


class Posted(NamedTuple):
    """A dialog as it was sent, for the order of that ticket."""

    platform: Platform
    work: Work
    site: Site
    view: View
    ticket_id: UUID
    values: Mapping[str, str]

    def texts(self, *names: str) -> dict[str, str]:
        """Those of its fields, empty where they were not sent."""
        return {name: self.values.get(name, "") for name in names}


Step = Callable[[Posted], Awaitable[None]]


@get("/orders/{ticket_id:uuid}/slots", permission=VISIT.id)
async def slot_options(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[str]:
    """The times that can be offered, and who could come, for the dialog in which a visit is agreed."""
    ticket = await platform.tickets.get(work, site, ticket_id)
    found = await visits.slots(platform, work, site, ticket)
    people = {who.membership_id: who.name for slot in found for who in slot.technicians}
    if not people:
        people = {each.membership_id: each.name for each in await visits.technicians(work, site)}
    return await view.html("repairs/_slots.html", slots=found[:80], people=people)


@get("/orders/{ticket_id:uuid}/panel", permission=VIEW.id)
async def order_panel(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[str]:
    """The order as it stands, for its ticket's page."""
    ticket = await platform.tickets.get(work, site, ticket_id)
    return await view.html("repairs/order_panel.html", panel=await panel(platform, work, site, ticket))


async def _do(said: Posted, what: str, step: Step) -> Response[Any]:
    """Do it, and have the page fetch itself anew; a refusal comes back with the dialog as it was filled in."""
    work, site, view = said.work, said.site, said.view
    try:
        async with work.savepoint():
            await step(said)
    except (Invalid, Conflict) as refused:
        if not view.htmx:
            raise
        ticket = await said.platform.tickets.get(work, site, said.ticket_id)
        shown = await panel(said.platform, work, site, ticket, what, said.values, refused.fields)
        return await view.html(
            "repairs/order_panel.html", status=int(refused.status), toast=view.reason(refused), panel=shown
        )
    return view.refresh(f"/s/{site.slug}/tickets/{said.ticket_id}", view.say(msgid("Saved")))


def _form(what: str, permission: str, step: Step, **limits: Any) -> HTTPRouteHandler:
    """The route that a dialog of the panel posts to."""

    @post(f"/orders/{{ticket_id:uuid}}/{what}", permission=permission, status_code=200, **limits)
    async def on_panel(
        work: NamedDependency[Work],
        site: NamedDependency[Site],
        platform: NamedDependency[Platform],
        view: NamedDependency[View],
        ticket_id: FromPath[UUID],
    ) -> Response[Any]:
        """Do what the dialog says."""
        return await _do(Posted(platform, work, site, view, ticket_id, await view.form()), what, step)

    return on_panel


async def _decide(said: Posted) -> None:
    given = said.texts("warranty", "reason")
    until = {"until": said.values["until"]} if said.values.get("until") else {}
    await warranty.decide(said.platform, said.work, said.site, said.ticket_id, read_form({**given, **until}, Decision))


async def _book(said: Posted) -> None:
    """At one of the offered times, or at another; or the visit that is agreed is moved."""
    offered, _, best = said.values.get("slot", "").partition("|")
    starts = local_instant(said.site, said.values.get("starts_at", ""), "starts_at") or _instant(offered)
    who = said.values.get("technician", "") or best
    if starts is None:
        raise Invalid.field("starts_at", "Choose a time.")
    if not who:
        raise Invalid.field("technician", "Choose who comes.")
    new = NewVisit(_id(who), starts, reason=said.values.get("reason", "")[:200])
    await visits.book(said.platform, said.work, said.site, said.ticket_id, new)


async def _add(said: Posted) -> None:
    quantity = scaled(said.values.get("quantity", ""), 1000, "quantity")
    new = read_form({**said.texts("code", "note"), "quantity": quantity}, NewLine)
    await charges.add(said.platform, said.work, said.site, said.ticket_id, new)


async def _agree(kind: str, said: Posted) -> None:
    new = read_form({**said.texts("amount_fen", "how", "resident_name"), "kind": kind}, NewConsent)
    await charges.agree(said.platform, said.work, said.site, said.ticket_id, new)


async def _sign(said: Posted) -> None:
    kind = {"kind": said.values.get("kind", "charge")}
    shown = read_form({**said.texts("amount_fen", "revision"), **kind}, Shown)
    signing = Signing(shown, await signature_of(said.view))
    await charges.sign(said.platform, said.work, said.site, said.ticket_id, signing)


async def _waive(said: Posted) -> None:
    waiver = read_form(said.texts("amount_fen", "reason"), Waiver)
    await charges.waive(said.platform, said.work, said.site, said.ticket_id, waiver)


async def _mark(said: Posted) -> None:
    mark = read_form(said.texts("attachment_id", "moment"), PhotoMark)
    await charges.mark(said.work, said.site, said.ticket_id, mark)


async def _pause(said: Posted) -> None:
    pause = read_form(said.texts("reason", "note"), Pause)
    await charges.pause(said.platform, said.work, said.site, said.ticket_id, pause, None)


@post("/orders/{ticket_id:uuid}/visits/{visit_id:uuid}/cancel", permission=VISIT.id, status_code=200)
async def cancel_on_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    visit_id: FromPath[UUID],
) -> Response[Any]:
    """Call the visit off."""

    async def step(said: Posted) -> None:
        reason = read_form(said.texts("reason"), Cancel).reason
        await visits.cancel(platform, work, site, ticket_id, visit_id, reason)

    posted = Posted(platform, work, site, view, ticket_id, await view.form())
    return await _do(posted, f"visits/{visit_id}/cancel", step)


@post("/orders/{ticket_id:uuid}/lines/{line_id:uuid}/counter", permission=HANDLE.id, status_code=200)
async def counter_on_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    line_id: FromPath[UUID],
) -> Response[Any]:
    """Take a line back."""

    async def step(said: Posted) -> None:
        note = read_form(said.texts("note"), Counter).note
        await charges.counter(platform, work, site, ticket_id, line_id, note)

    posted = Posted(platform, work, site, view, ticket_id, await view.form())
    return await _do(posted, f"lines/{line_id}/counter", step)


@post("/orders/{ticket_id:uuid}/rework", permission=REWORK.id, status_code=200)
async def rework_on_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Have the work done again, and go to the new order."""
    made = await rework.begin(platform, work, site, ticket_id, NewRework())
    return view.redirect(f"/s/{site.slug}/tickets/{made.id}")


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        raise Malformed from None


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Malformed from None


HANDLERS: list[HTTPRouteHandler] = [
    order_panel,
    slot_options,
    _form("warranty", WARRANTY.id, _decide),
    _form("visits", VISIT.id, _book),
    cancel_on_page,
    _form("lines", HANDLE.id, _add),
    counter_on_page,
    _form("estimate", CHARGE.id, partial(_agree, "estimate")),
    _form("charge", CHARGE.id, partial(_agree, "charge")),
    _form("signature", CHARGE.id, _sign, request_max_body_size=UPLOAD),
    _form("waiver", WAIVE.id, _waive),
    _form("photos", HANDLE.id, _mark),
    _form("pause", "ticket.handle", _pause),
    rework_on_page,
]
