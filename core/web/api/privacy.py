"""What is held about people in the JSON API: finding them, requests for their data or its erasure, and the files."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.platform import Platform
from core.privacy.erasing import Kept
from core.privacy.people import Hit, Subject
from core.privacy.repository import Request
from core.privacy.retention import KeptKind
from core.privacy.service import NewRequest
from core.web.download import saved
from core.work import Work

PERMISSION = "privacy.export"


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name, a telephone number or a staff number, as a whole."""

    text: Annotated[str, msgspec.Meta(max_length=60)]


class People(msgspec.Struct, frozen=True):
    people: list[Hit]


class Requests(msgspec.Struct, frozen=True):
    requests: list[Request]


class Holds(msgspec.Struct, frozen=True):
    """What stands against an erasure."""

    kept: list[Kept]


class Outlook(msgspec.Struct, frozen=True):
    kinds: list[KeptKind]


@post("/privacy/search", permission=PERMISSION, status_code=200, personal=True)
async def search_people(
    work: NamedDependency[Work], platform: NamedDependency[Platform], data: JSONBody[Wanted]
) -> People:
    """Residents and colleagues of exactly that name or number; numbers are masked."""
    return People(await platform.data_requests.search(work, data.text))


@post("/privacy/holds", permission=PERMISSION, status_code=200, personal=True)
async def privacy_holds(
    work: NamedDependency[Work], platform: NamedDependency[Platform], data: JSONBody[Subject]
) -> Holds:
    """What would stand against erasing somebody now, and until when."""
    return Holds(await platform.data_requests.holds(work, data))


@get("/privacy/retention", permission=PERMISSION)
async def privacy_retention(work: NamedDependency[Work], platform: NamedDependency[Platform]) -> Outlook:
    """How long what is known of people is kept, by `core.privacy`, and what the next run takes away."""
    return Outlook(await platform.retention.outlook(work))


@get("/privacy/requests", permission=PERMISSION)
async def list_privacy_requests(work: NamedDependency[Work], platform: NamedDependency[Platform]) -> Requests:
    """The latest hundred requests, the newest first."""
    return Requests(await platform.data_requests.requests(work))


@post("/privacy/requests", permission=PERMISSION)
async def ask_privacy(
    work: NamedDependency[Work], platform: NamedDependency[Platform], data: JSONBody[NewRequest]
) -> Response[Request]:
    """Ask for somebody's data, or (with `privacy.erase`) that it be erased; it is done in the background. An erasure
    that something stands against is `refused` at once, and says what and until when."""
    asked = await platform.data_requests.ask(work, data)
    return Response(asked, status_code=201, headers={"Location": f"/api/v1/privacy/requests/{asked.id}"})


@get("/privacy/requests/{request_id:uuid}", permission=PERMISSION)
async def get_privacy_request(
    work: NamedDependency[Work], platform: NamedDependency[Platform], request_id: FromPath[UUID]
) -> Request:
    """A request and what came of it."""
    return await platform.data_requests.request(work, request_id)


@post(
    "/privacy/requests/{request_id:uuid}/file",
    permission=PERMISSION,
    status_code=200,
    personal=True,
    media_type="application/zip",
)
async def fetch_privacy_file(
    work: NamedDependency[Work], platform: NamedDependency[Platform], request_id: FromPath[UUID]
) -> Response[bytes]:
    """The ZIP of an export, for as many days as `core.privacy` says. Each time is on record."""
    return saved(await platform.data_requests.fetch(work, request_id))


HANDLERS = [
    search_people,
    privacy_holds,
    privacy_retention,
    list_privacy_requests,
    ask_privacy,
    get_privacy_request,
    fetch_privacy_file,
]
