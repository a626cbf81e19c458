"""Tickets in the JSON API."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core.platform import Platform
from core.tenancy.directory import Site
from core.tickets.callbacks import CallbackRow
from core.tickets.fields import AMEND
from core.tickets.model import FieldValue, Promise, Severity, Ticket, TicketDetail
from core.tickets.model import NewTicket as NewTicket
from core.tickets.ownership import OfferRow
from core.tickets.questions import QuestionRow
from core.tickets.service import Step
from core.web.rendering import masked
from core.work import Work


class Counts(msgspec.Struct, frozen=True):
    """Tickets of a site by state."""

    counts: dict[str, int]


class Promises(msgspec.Struct, frozen=True):
    promises: list[Promise]


class TicketPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fields of the ticket's type, by name."""

    fields: dict[str, FieldValue]


@get("/tickets/counts", permission="ticket.view")
async def count_tickets(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> Counts:
    """How many tickets are in which state."""
    return Counts(await platform.tickets.counts(work, site))


class Offers(msgspec.Struct, frozen=True):
    offers: list[OfferRow]


@get("/tickets/offers", permission="ticket.view")
async def list_offers(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> Offers:
    """Tickets offered to the caller, who may take over their ownership, and those the caller has offered (TKT-2)."""
    return Offers(await platform.tickets.offers(work, site))


class Callbacks(msgspec.Struct, frozen=True):
    callbacks: list[CallbackRow]


class Questions(msgspec.Struct, frozen=True):
    questions: list[QuestionRow]


@get("/tickets/callbacks", permission="ticket.view")
async def list_callbacks(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> Callbacks:
    """Callbacks promised to reporters and not made yet, the earliest first (TKT-4); telephone numbers are masked."""
    rows = await platform.tickets.callbacks(work, site)
    return Callbacks([msgspec.structs.replace(row, reporter_phone=masked(row.reporter_phone)) for row in rows])


@get("/tickets/questions", permission="ticket.view")
async def list_questions(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> Questions:
    """Questions passed up to the caller, and those the caller passed up, that wait for an answer (TKT-8)."""
    return Questions(await platform.tickets.questions(work, site))


@get("/tickets/promise", permission="ticket.create")
async def promise(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    category: FromQuery[str],
    severity: FromQuery[Severity] = "routine",
) -> Promises:
    """The deadlines that would be promised for a matter taken in now."""
    return Promises(await platform.tickets.promise(work, site, category, severity))


class OwnerInstead(msgspec.Struct, frozen=True):
    """Whose it will be; null: nobody else could own it."""

    owner_id: UUID | None
    owner_name: str


@get("/tickets/owner", permission="ticket.create")
async def owner_instead(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> OwnerInstead:
    """Who will own a complaint that concerns the caller, taken in by the caller (CMP-6)."""
    return OwnerInstead(*(await platform.tickets.owner_instead(work, site) or (None, "")))


@post("/tickets", permission="ticket.create")
async def create_ticket(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[NewTicket],
) -> Response[Ticket]:
    """Take a matter in. `Idempotency-Key` makes it safe to send again."""
    ticket = await platform.tickets.create(work, site, data)
    location = f"/api/v1/sites/{site.slug}/tickets/{ticket.id}"
    return Response(_shown(ticket), status_code=201, headers={"ETag": f'"{ticket.version}"', "Location": location})


@get("/tickets/{ticket_id:uuid}", permission="ticket.view")
async def get_ticket(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
) -> Response[TicketDetail]:
    """A ticket with its goals, its timeline and the actions that are possible now."""
    detail = await platform.tickets.detail(work, site, ticket_id)
    shown = msgspec.structs.replace(detail, ticket=_shown(detail.ticket))
    return Response(shown, headers={"ETag": f'"{detail.ticket.version}"'})


@post("/tickets/{ticket_id:uuid}/actions/{action:str}", permission="ticket.view", status_code=200)
async def act_on_ticket(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    ticket_id: FromPath[UUID],
    action: FromPath[str],
    data: JSONBody[Step],
) -> Response[Ticket]:
    """Take a step: accept, claim, arrive, pause, resume, resolve, answer, close, reopen, assign, concern, comment,
    tell_progress, promise_callback (`at`), keep_callback (`outcome`), escalate_question (to `colleague_id`),
    answer_question, offer (its ownership, to `colleague_id`), accept_offer, refuse_offer, withdraw_offer, reclassify
    (`category`, `severity`) or amend (`fields`). Needs If-Match.
    """
    ticket = await platform.tickets.act(work, site, ticket_id, action, data, if_match)
    return Response(_shown(ticket), headers={"ETag": f'"{ticket.version}"'})


@patch("/tickets/{ticket_id:uuid}", permission="ticket.amend")
async def patch_ticket(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    ticket_id: FromPath[UUID],
    data: JSONBody[TicketPatch],
) -> Response[Ticket]:
    """Change what the ticket's type asks for; fields that are left out stay as they are. Needs If-Match."""
    ticket = await platform.tickets.act(work, site, ticket_id, AMEND, Step(fields=data.fields), if_match)
    return Response(_shown(ticket), headers={"ETag": f'"{ticket.version}"'})


def _shown(ticket: Ticket) -> Ticket:
    """Telephone numbers are masked; a full one is revealed by its own, recorded, request (ARC-4)."""
    return msgspec.structs.replace(ticket, reporter_phone=masked(ticket.reporter_phone))


HANDLERS = [
    count_tickets,
    list_offers,
    list_callbacks,
    list_questions,
    promise,
    owner_instead,
    create_ticket,
    get_ticket,
    act_on_ticket,
    patch_ticket,
]
