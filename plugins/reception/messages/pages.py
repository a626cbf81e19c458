"""Messages in the console, below /s/{site_id}/reception/messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from core.sdk import FieldError, Invalid, Platform, Site, View, Work, local_instant, msgid, read_form, views
from plugins.reception.messages import service
from plugins.reception.messages.model import Done, Message, NewMessage, Which
from plugins.reception.permissions import MESSAGE, MESSAGE_VIEW


class MessageRow(msgspec.Struct, frozen=True):
    """A message as a row; its clock runs to the promised callback. `fields` are those of the form that ends it."""

    message: Message
    clock: views.Clock | None
    fields: tuple[views.Field, ...]


@get("/messages", permission=MESSAGE_VIEW.id)
async def message_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    which: FromQuery[Which] = "open",
    mine: FromQuery[bool] = False,
) -> Response[str]:
    """The messages that wait, and the form for the next one (REC-6)."""
    return await _page(platform, work, site, view, which, {}, mine=mine)


@post("/messages", permission=MESSAGE.id, status_code=200)
async def take(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Take a message down. A refusal comes back with the form as it was filled in."""
    values = await view.form()
    texts = {name: values.get(name, "") for name in ("caller_name", "matter", "phone", "place")}
    due = local_instant(site, values.get("call_back_by", ""))
    try:
        new = read_form({**texts, "colleague_id": values.get("colleague_id", ""), "call_back_by": due}, NewMessage)
        await service.take(platform, work, site, new)
    except Invalid as refused:
        return await _page(platform, work, site, view, "open", values, refused.fields)
    return view.redirect(f"/s/{site.slug}/reception/messages")


@get("/messages/count", permission=MESSAGE_VIEW.id)
async def message_count(work: NamedDependency[Work], site: NamedDependency[Site]) -> Response[str]:
    """The number beside the entry in the navigation: what waits for the reader; nothing for none."""
    return Response(str(await service.waiting(work, site) or ""), media_type="text/html")


@post("/messages/{message_id:uuid}/done", permission=MESSAGE_VIEW.id, status_code=200)
async def finish(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], message_id: FromPath[UUID]
) -> Response[Any]:
    """Called back."""
    outcome = (await view.form()).get("outcome", "")
    await service.finish(work, site, message_id, read_form({"outcome": outcome}, Done))
    return view.redirect(f"/s/{site.slug}/reception/messages")


async def _page(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    which: Which,
    values: Mapping[str, str],
    errors: Iterable[FieldError] = (),
    *,
    mine: bool = False,
) -> Response[str]:
    faults = {error.field: error for error in errors}
    takes = MESSAGE.id in work.ctx.permissions
    staff = platform.directory.colleagues(work.ctx.company_id, site) if takes else []
    people = (views.Choice("", msgid("Choose")), *(views.Choice(str(c.id), c.name) for c in staff))

    def field(name: str, label: str, kind: Any = "text", **more: Any) -> views.Field:
        error = faults.get(name)
        said = {"error": error.message, "params": error.params} if error else {}
        return views.Field(name, label, kind, values.get(name, ""), **{**more, **said})

    fields = (
        field("colleague_id", msgid("For"), "select", choices=people, required=True),
        field("caller_name", msgid("Caller"), maximum=60, required=True),
        field("phone", msgid("Number to call back"), "tel", maximum=30),
        field("place", msgid("Unit or company"), maximum=100),
        field("matter", msgid("Matter"), "textarea", maximum=1000, required=True),
        field("call_back_by", msgid("Call back by"), "datetime-local"),
    )
    shown = await service.listed(work, site, which, mine=mine)
    return await view.html(
        "reception/messages.html",
        status=422 if faults else 200,
        rows=tuple(row(work, message) for message in shown),
        fields=fields if takes else (),
        which=which,
        mine=mine,
    )


def row(work: Work, message: Message) -> MessageRow:
    """As a row for whoever looks."""
    outcome = views.Field("outcome", msgid("What came of it"), "textarea", maximum=1000)
    return MessageRow(service.shown(work, message), _clock(message), (outcome,) if not message.done_at else ())


def _clock(message: Message) -> views.Clock | None:
    if message.call_back_by is None:
        return None
    span = int((message.call_back_by - message.taken_at).total_seconds())
    return views.Clock(message.call_back_by, max(1, span), met=message.done_at is not None)


HANDLERS: list[HTTPRouteHandler] = [message_list, take, message_count, finish]
