"""The JSON API, mounted below /api/v1/sites/{site_id}/reception."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Platform, Principal, Site, Work
from plugins.reception import cards, service
from plugins.reception.cards import CallCard
from plugins.reception.identity import service as identity
from plugins.reception.identity.service import Confirm
from plugins.reception.permissions import REPORT, TAKE, VIEW
from plugins.reception.schemas import (
    MOST,
    CallPage,
    Channel,
    End,
    Filter,
    Instant,
    Link,
    LoggedCall,
    Noted,
    Report,
    Reported,
    Status,
)


@post("/calls", permission=REPORT.id, status_code=200)
async def report_call(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[Report],
) -> Reported:
    """For the telephone exchange: a call rings, is answered or ends. Send each event when it happens, and again if in
    doubt: the same event of the same call counts once, in whatever order they arrive."""
    call = await service.report(platform, work, site, data)
    return Reported(call.id, data.external_id, call.status, call.ringing_at, call.answered_at, call.ended_at)


@get("/calls", permission=VIEW.id)
async def list_calls(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    status: FromQuery[Status | None] = None,
    channel: FromQuery[Channel | None] = None,
    since: FromQuery[Instant | None] = None,
    until: FromQuery[Instant | None] = None,
    q: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> CallPage:
    """The log of calls, visits and letters, latest first, page by page."""
    wanted = msgspec.convert(
        {
            "status": status,
            "channel": channel,
            "since": since,
            "until": until,
            "text": q,
            "cursor": cursor,
            "limit": limit,
        },
        Filter,
    )
    found, following = await service.calls(work, site, wanted)
    return CallPage([cards.logged(call) for call in found], following)


@get("/calls/{call_id:uuid}/card", permission=TAKE.id)
async def call_card(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    call_id: FromPath[UUID],
) -> CallCard:
    """A call with the household that is calling, its open tickets and the greeting script, filled in."""
    call = await service.get(work, site, call_id)
    return await cards.build(platform, work, site, principal, call, await cards.find(platform, work, site, call))


@post("/calls/{call_id:uuid}/answer", permission=TAKE.id, status_code=200)
async def answer_call(work: NamedDependency[Work], site: NamedDependency[Site], call_id: FromPath[UUID]) -> LoggedCall:
    """Take a call that nobody else has taken."""
    return cards.logged(await service.answer(work, site, call_id))


@post("/calls/{call_id:uuid}/end", permission=TAKE.id, status_code=200)
async def end_call(
    work: NamedDependency[Work], site: NamedDependency[Site], call_id: FromPath[UUID], data: JSONBody[End]
) -> LoggedCall:
    """End a call. One that is over stays as it is."""
    return cards.logged(await service.end(work, site, call_id, abandoned=data.abandoned))


@post("/calls/{call_id:uuid}/link", permission=TAKE.id, status_code=200)
async def link_call(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    call_id: FromPath[UUID],
    data: JSONBody[Link],
) -> LoggedCall:
    """Say who called, and which ticket it was about."""
    return cards.logged(await service.link(platform, work, site, call_id, data))


@post("/calls/{call_id:uuid}/identity", permission=TAKE.id, status_code=200)
async def confirm_identity(
    work: NamedDependency[Work], site: NamedDependency[Site], call_id: FromPath[UUID], data: JSONBody[Confirm]
) -> LoggedCall:
    """Record which of name, address and phone the caller has confirmed."""
    return cards.logged(await identity.confirm(work, site, call_id, data))


@post("/calls/{call_id:uuid}/note", permission=TAKE.id, status_code=200)
async def note_call(
    work: NamedDependency[Work], site: NamedDependency[Site], call_id: FromPath[UUID], data: JSONBody[Noted]
) -> LoggedCall:
    """Write down what a call was about and what the caller was told."""
    return cards.logged(await service.note(work, site, call_id, data))


@post("/calls/{call_id:uuid}/called-back", permission=TAKE.id, status_code=200)
async def call_back(work: NamedDependency[Work], site: NamedDependency[Site], call_id: FromPath[UUID]) -> LoggedCall:
    """Say that a call nobody answered was called back."""
    return cards.logged(await service.call_back(work, site, call_id))


HANDLERS: list[HTTPRouteHandler] = [
    report_call,
    list_calls,
    call_card,
    answer_call,
    end_call,
    link_call,
    confirm_identity,
    note_call,
    call_back,
]
