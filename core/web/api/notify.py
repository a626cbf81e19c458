"""A person's notifications, and how and where they want to be told, in the JSON API."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core.notify.confirmation import Way
from core.notify.model import Inbox, MyPreferences, NewPreferences, Notice
from core.platform import Platform
from core.web.rendering import masked
from core.work import Work


class Version(msgspec.Struct, frozen=True):
    """The version after the change, for the next If-Match."""

    version: int


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of one's addresses."""

    channel: Way


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that arrived at an address: six digits, or what follows `code=` in the link."""

    channel: Way
    code: Annotated[str, msgspec.Meta(max_length=100)]


class Confirmed(msgspec.Struct, frozen=True):
    """Whether the code was right. A wrong one is counted, and after ten the message is worth nothing."""

    confirmed: bool


class Count(msgspec.Struct, frozen=True):
    count: int


@get("/notifications", signed_in=True)
async def list_notifications(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    unread: FromQuery[bool] = False,
    after: FromQuery[UUID | None] = None,
) -> Inbox:
    """One's own notifications at the sites one may enter, the newest first; page by page."""
    return await platform.notify.notices.inbox(work, after=after, unread=unread)


@post("/notifications/{notification_id:uuid}/read", signed_in=True, status_code=200)
async def read_notification(
    work: NamedDependency[Work], platform: NamedDependency[Platform], notification_id: FromPath[UUID]
) -> Notice:
    """Mark one as read."""
    return await platform.notify.notices.read(work, notification_id)


@post("/notifications/read", signed_in=True, status_code=200)
async def read_notifications(work: NamedDependency[Work], platform: NamedDependency[Platform]) -> Count:
    """Mark all as read; how many were not."""
    return Count(await platform.notify.notices.read_all(work))


@get("/notifications/preferences", signed_in=True)
async def get_preferences(work: NamedDependency[Work], platform: NamedDependency[Platform]) -> Response[MyPreferences]:
    """How one is told, with the telephone number masked."""
    found = await platform.notify.notices.preferences(work)
    shown = msgspec.structs.replace(found, phone=masked(found.phone))
    return Response(shown, headers={"ETag": f'"{found.version}"'})


@put("/notifications/preferences", signed_in=True)
async def put_preferences(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    data: JSONBody[NewPreferences],
) -> Response[Version]:
    """Set how one is told. An address that is left out stays as it is, an empty one is forgotten; to a new one goes the
    request to confirm it, and nothing else before that is done."""
    return changed(await platform.notify.notices.set_preferences(work, data, if_match))


@post("/notifications/preferences/confirmation", signed_in=True, status_code=202)
async def ask_confirmation(
    work: NamedDependency[Work], platform: NamedDependency[Platform], data: JSONBody[Address]
) -> None:
    """Send the request to confirm one's address once more; five times a day at most."""
    await platform.notify.notices.ask_again(work, data.channel)


@post("/notifications/preferences/confirm", signed_in=True, personal=True, status_code=200)
async def confirm_address(
    work: NamedDependency[Work], platform: NamedDependency[Platform], data: JSONBody[Answer]
) -> Confirmed:
    """Confirm one's address with the code that arrived there."""
    return Confirmed(await platform.notify.notices.confirm(work, data.channel, data.code))


def changed(version: int) -> Response[Version]:
    """The version after a change, also as the ETag."""
    return Response(Version(version), headers={"ETag": f'"{version}"'})


HANDLERS = [
    list_notifications,
    read_notification,
    read_notifications,
    get_preferences,
    put_preferences,
    ask_confirmation,
    confirm_address,
]
