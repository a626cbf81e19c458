"""What is done on an order's panel, below /s/{site_id}/repairs/orders/{ticket_id}."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import Conflict, Invalid, Malformed, NotFound, Platform, Site, View, Work, msgid, read_form
from plugins.repairs.charges import service as charges
from plugins.repairs.charges.model import Counter, NewConsent, NewLine, Pause, PhotoMark, Waiver
from plugins.repairs.forms import local_instant, scaled
from plugins.repairs.orders.panel import panel
from plugins.repairs.permissions import CHARGE, HANDLE, VIEW, VISIT, WAIVE, WARRANTY
from plugins.repairs.visits import service as visits
from plugins.repairs.visits.model import Cancel, NewVisit
from plugins.repairs.warranty import service as warranty
from plugins.repairs.warranty.model import Decision

Step = Callable[[Mapping[str, str]], Awaitable[object]]


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


async def _do(
    platform: Platform, work: Work, site: Site, view: View, ticket_id: UUID, what: str, step: Step
) -> Response[Any]:
    """Do it, and have the page fetch itself anew; a refusal comes back with the dialog as it was filled in."""
    values = await view.form()
    try:
        async with work.savepoint():
            await step(values)
    except (Invalid, Conflict) as refused:
        if not view.htmx:
            raise
        ticket = await platform.tickets.get(work, site, ticket_id)
        shown = await panel(platform, work, site, ticket, what, values, refused.fields)
        return await view.html(
            "repairs/order_panel.html", status=int(refused.status), toast=view.reason(refused), panel=shown
        )
    return view.refresh(f"/s/{site.slug}/tickets/{ticket_id}", view.say(msgid("Saved")))


@post("/orders/{ticket_id:uuid}/warranty", permission=WARRANTY.id, status_code=200)
async def decide_on_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Decide on the warranty."""

    async def step(values: Mapping[str, str]) -> None:
        given = {"warranty": values.get("warranty", ""), "reason": values.get("reason", "")}
        until = {"until": values["until"]} if values.get("until") else {}
        await warranty.decide(platform, work, site, ticket_id, read_form({**given, **until}, Decision))

    return await _do(platform, work, site, view, ticket_id, "warranty", step)


@post("/orders/{ticket_id:uuid}/visits", permission=VISIT.id, status_code=200)
async def book_on_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Agree on a visit at one of the offered times, or at another; or move the one that is agreed."""

    async def step(values: Mapping[str, str]) -> None:
        offered, _, best = values.get("slot", "").partition("|")
        starts = local_instant(site, values.get("starts_at", ""), "starts_at") or _instant(offered)
        who = values.get("technician", "") or best
        if starts is None:
            raise Invalid.field("starts_at", "Choose a time.")
        if not who:
            raise Invalid.field("technician", "Choose who comes.")
        new = NewVisit(_id(who), starts, reason=values.get("reason", "")[:200])
        await visits.book(platform, work, site, ticket_id, new)

    return await _do(platform, work, site, view, ticket_id, "visits", step)


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

    async def step(values: Mapping[str, str]) -> None:
        said = read_form({"reason": values.get("reason", "")}, Cancel)
        visit = await visits.cancel(platform, work, site, visit_id, said.reason)
        if visit.ticket_id != ticket_id:
            raise NotFound

    return await _do(platform, work, site, view, ticket_id, f"visits/{visit_id}/cancel", step)


@post("/orders/{ticket_id:uuid}/lines", permission=HANDLE.id, status_code=200)
async def add_on_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Write down materials or labour."""

    async def step(values: Mapping[str, str]) -> None:
        quantity = scaled(values.get("quantity", ""), 1000, "quantity")
        texts = {name: values.get(name, "") for name in ("code", "note")}
        await charges.add(platform, work, site, ticket_id, read_form({**texts, "quantity": quantity}, NewLine))

    return await _do(platform, work, site, view, ticket_id, "lines", step)


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

    async def step(values: Mapping[str, str]) -> None:
        said = read_form({"note": values.get("note", "")}, Counter)
        await charges.counter(platform, work, site, ticket_id, line_id, said.note)

    return await _do(platform, work, site, view, ticket_id, f"lines/{line_id}/counter", step)


@post("/orders/{ticket_id:uuid}/estimate", permission=CHARGE.id, status_code=200)
async def estimate_on_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Record that the resident agrees to the estimate."""
    return await _agree(platform, work, site, view, ticket_id, "estimate")


@post("/orders/{ticket_id:uuid}/charge", permission=CHARGE.id, status_code=200)
async def charge_on_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Record that the resident confirms the charge."""
    return await _agree(platform, work, site, view, ticket_id, "charge")


async def _agree(platform: Platform, work: Work, site: Site, view: View, ticket_id: UUID, kind: str) -> Response[Any]:
    async def step(values: Mapping[str, str]) -> None:
        given = {name: values.get(name, "") for name in ("amount_fen", "how", "resident_name")}
        await charges.agree(platform, work, site, ticket_id, read_form({**given, "kind": kind}, NewConsent))

    return await _do(platform, work, site, view, ticket_id, kind, step)


@post("/orders/{ticket_id:uuid}/waiver", permission=WAIVE.id, status_code=200)
async def waive_on_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Waive what is due."""

    async def step(values: Mapping[str, str]) -> None:
        given = {name: values.get(name, "") for name in ("amount_fen", "reason")}
        await charges.waive(platform, work, site, ticket_id, read_form(given, Waiver))

    return await _do(platform, work, site, view, ticket_id, "waiver", step)


@post("/orders/{ticket_id:uuid}/photos", permission=HANDLE.id, status_code=200)
async def mark_on_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Say which moment a picture shows."""

    async def step(values: Mapping[str, str]) -> None:
        given = {name: values.get(name, "") for name in ("attachment_id", "moment")}
        await charges.mark(work, site, ticket_id, read_form(given, PhotoMark))

    return await _do(platform, work, site, view, ticket_id, "photos", step)


@post("/orders/{ticket_id:uuid}/pause", permission="ticket.handle", status_code=200)
async def pause_on_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Have the work wait, for one of the site's reasons."""

    async def step(values: Mapping[str, str]) -> None:
        said = read_form({name: values.get(name, "") for name in ("reason", "note")}, Pause)
        await charges.pause(platform, work, site, ticket_id, said, None)

    return await _do(platform, work, site, view, ticket_id, "pause", step)


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
    decide_on_page,
    book_on_page,
    cancel_on_page,
    add_on_page,
    counter_on_page,
    estimate_on_page,
    charge_on_page,
    waive_on_page,
    mark_on_page,
    pause_on_page,
]
