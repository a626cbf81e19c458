"""The technician's page on a phone, its worker, and what both ask and send, below /s/{site_id}/repairs/mobile."""

from __future__ import annotations

from pathlib import Path
from typing import cast
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from core.sdk import UPLOAD, Invalid, Platform, Site, View, Work, msgid
from plugins.repairs.charges import service as charges
from plugins.repairs.charges.model import SIGNED_FOR, NewLine
from plugins.repairs.mobile import service
from plugins.repairs.mobile.model import Act, Answer, NewAct, NewPause, Orders, Phone, PhoneSigning
from plugins.repairs.orders.state import Moment
from plugins.repairs.permissions import CHARGE, HANDLE

_WORKER = (Path(__file__).parent / "worker.js").read_bytes()
# What each action makes of an order until the server has answered: state, stage, its words, what the button says.
ACTS: dict[Act, tuple[str, str, str, str, str]] = {
    "accept": ("accepted", "accepted", msgid("Accepted"), msgid("Accept"), "hand-grab"),
    "set_off": ("accepted", "on_way", msgid("On the way"), msgid("Set off"), "walk"),
    "arrive": ("arrived", "arrived", msgid("On site"), msgid("Arrived"), "map-pin-check"),
    "start_work": ("arrived", "working", msgid("Work under way"), msgid("Start work"), "tools"),
    "resume": ("", "", "", msgid("Go on"), "player-play"),
    "resolve": ("resolved", "resolved", msgid("Resolved"), msgid("Finish the work"), "checks"),
}


@get("/mobile", permission=HANDLE.id)
async def app(work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]) -> Response[str]:
    """The page without any order in it: it keeps what it has fetched, and works without a connection."""
    return await view.html("repairs/mobile.html", person=work.ctx.actor.id, site=site, acts=ACTS, signed_for=SIGNED_FOR)


@get("/mobile/worker.js", permission=HANDLE.id)
async def worker(site: NamedDependency[Site]) -> Response[bytes]:
    """The service worker, which may look after nothing but the page above."""
    allowed = {"Service-Worker-Allowed": f"/s/{site.slug}/repairs/mobile"}
    return Response(_WORKER, media_type="text/javascript", headers=allowed)


@get("/mobile/orders", permission=HANDLE.id)
async def orders(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Orders:
    """Everything the phone keeps."""
    return await service.mine(platform, work, site, view)


@post("/mobile/orders/{ticket_id:uuid}/act", permission="ticket.handle", status_code=200)
async def act(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    data: JSONBody[NewAct],
) -> Answer:
    """Accept, set off, arrive, start, go on, done."""
    await service.act(platform, work, site, ticket_id, data)
    return Answer(await service.one(platform, work, site, view, ticket_id))


@post("/mobile/orders/{ticket_id:uuid}/pause", permission="ticket.handle", status_code=200)
async def pause(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    data: JSONBody[NewPause],
) -> Answer:
    """The work waits."""
    await service.pause(platform, work, site, ticket_id, data)
    return Answer(await service.one(platform, work, site, view, ticket_id))


@post("/mobile/orders/{ticket_id:uuid}/lines", permission=HANDLE.id, status_code=200)
async def add_line(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    data: JSONBody[NewLine],
) -> Answer:
    """Materials or labour."""
    await charges.add(platform, work, site, ticket_id, data)
    return Answer(await service.one(platform, work, site, view, ticket_id))


@post(
    "/mobile/orders/{ticket_id:uuid}/photos", permission="ticket.attach", status_code=200, request_max_body_size=UPLOAD
)
async def add_photo(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Answer:
    """A photo before or after the work, as a form."""
    file = await view.file("file")
    moment = (await view.form()).get("moment", "")
    if file is None:
        raise Invalid.field("file", "Choose a file.")
    if moment not in ("before", "after"):
        raise Invalid.field("moment", "Say whether the photo was taken before or after the work.")
    await service.photo(platform, work, site, ticket_id, *file, cast(Moment, moment))
    return Answer(await service.one(platform, work, site, view, ticket_id))


@post("/mobile/orders/{ticket_id:uuid}/signature", permission=CHARGE.id, status_code=200)
async def sign(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    data: JSONBody[PhoneSigning],
) -> Answer:
    """The resident signs for what the phone has shown them."""
    await service.sign(platform, work, site, ticket_id, data)
    return Answer(await service.one(platform, work, site, view, ticket_id))


@post("/mobile/orders/{ticket_id:uuid}/phone", permission="estate.contact.reveal", status_code=200, personal=True)
async def phone(work: NamedDependency[Work], site: NamedDependency[Site], ticket_id: FromPath[UUID]) -> Phone:
    """Whom to call; on record."""
    return Phone(await service.phone(work, site, ticket_id))


@get("/mobile/orders", permission=HANDLE.id)
async def api_orders(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Orders:
    """The caller's own orders with all that a phone keeps of them, for work without a connection."""
    return await service.mine(platform, work, site, view)


@post("/mobile/orders/{ticket_id:uuid}/phone", permission="estate.contact.reveal", status_code=200, personal=True)
async def api_phone(work: NamedDependency[Work], site: NamedDependency[Site], ticket_id: FromPath[UUID]) -> Phone:
    """The full number of whom to call about an order of one's own. Who asked goes on record (ARC-4)."""
    return Phone(await service.phone(work, site, ticket_id))


PAGES: list[HTTPRouteHandler] = [app, worker, orders, act, pause, add_line, add_photo, sign, phone]
API: list[HTTPRouteHandler] = [api_orders, api_phone]
