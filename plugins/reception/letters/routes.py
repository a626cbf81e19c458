"""Letters and complaint boxes over the JSON API, below /api/v1/sites/{site_id}/reception."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import UPLOAD, Invalid, Platform, Site, Work
from plugins.reception.letters import boxes, service
from plugins.reception.letters.model import (
    Emptying,
    LetterDetail,
    LetterFilter,
    LetterPage,
    NewAnswer,
    NewEmptying,
    NewLetter,
    NewSlip,
    Registered,
    Side,
    Slip,
    Which,
)
from plugins.reception.permissions import BOX, LETTER, LETTER_ANSWER, LETTER_VIEW
from plugins.reception.schemas import MOST, Instant


class NewScan(msgspec.Struct, frozen=True):
    """A picture or a PDF of the letter, or of its answer."""

    side: Side = "letter"
    file: UploadFile | None = None


@get("/letters", permission=LETTER_VIEW.id)
async def list_letters(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    which: FromQuery[Which] = "open",
    mine: FromQuery[bool] = False,
    since: FromQuery[Instant | None] = None,
    until: FromQuery[Instant | None] = None,
    q: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> LetterPage:
    """The register of letters, latest first, page by page."""
    asked = {"which": which, "mine": mine, "since": since, "until": until, "text": q, "cursor": cursor, "limit": limit}
    return await service.listed(work, site, msgspec.convert(asked, LetterFilter))


@post("/letters", permission=LETTER.id)
async def register_letter(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[NewLetter],
) -> Registered:
    """Register a letter; it becomes a ticket that owes a written answer."""
    return await service.register(platform, work, site, data)


@get("/letters/{ticket_id:uuid}", permission=LETTER_VIEW.id)
async def get_letter(
    work: NamedDependency[Work], site: NamedDependency[Site], ticket_id: FromPath[UUID]
) -> LetterDetail:
    """A letter with its answer and scans. The files themselves are read at the ticket."""
    return await service.detail(work, site, ticket_id)


@post("/letters/{ticket_id:uuid}/answer", permission=LETTER_ANSWER.id, status_code=200)
async def answer_letter(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[NewAnswer],
) -> None:
    """Record the answer that went out."""
    await service.answer(platform, work, site, ticket_id, data)


@post("/letters/{ticket_id:uuid}/scans", permission=LETTER.id, request_max_body_size=UPLOAD)
async def add_scan(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: Annotated[NewScan, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> None:
    """Keep a scan with the letter or with its answer."""
    if data.file is None:
        raise Invalid.field("file", "Choose a file.")
    await service.scan(platform, work, site, ticket_id, data.side, [(data.file.filename, await data.file.read())])


@get("/boxes", permission=BOX.id)
async def list_boxes(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[Emptying]:
    """The last hundred emptyings of complaint boxes, the latest first."""
    return await boxes.emptied(work, site)


@post("/boxes", permission=BOX.id)
async def empty_box(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[NewEmptying],
) -> Emptying:
    """Record that a box was emptied, and how many slips were in it."""
    return await boxes.empty(platform, work, site, data)


@get("/boxes/{box_id:uuid}", permission=BOX.id)
async def get_box(work: NamedDependency[Work], site: NamedDependency[Site], box_id: FromPath[UUID]) -> Emptying:
    """An emptying with the slips that have become tickets."""
    return await boxes.get(work, site, box_id)


@post("/boxes/{box_id:uuid}/slips", permission=BOX.id)
async def enter_slip(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    box_id: FromPath[UUID],
    data: JSONBody[NewSlip],
) -> Slip:
    """Make a ticket of the next slip."""
    return await boxes.enter_slip(platform, work, site, box_id, data)


HANDLERS: list[HTTPRouteHandler] = [
    list_letters,
    register_letter,
    get_letter,
    answer_letter,
    add_scan,
    list_boxes,
    empty_box,
    get_box,
    enter_slip,
]
