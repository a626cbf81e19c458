"""Ties, merges, tags and watchers on the ticket page, and one action on the tickets that are selected in a list."""

from __future__ import annotations

import re
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Invalid, Malformed
from core.i18n import msgid
from core.platform import Platform
from core.tenancy.directory import Site
from core.tickets import bulk, numbers, relations, tags, watchers
from core.tickets.bulk import Bulk
from core.tickets.merging import Merge, Part, Unmerge
from core.tickets.relations import NewRelation
from core.tickets.tags import TagChange
from core.web.view import View
from core.web.views import BulkRefusal
from core.work import Work

_T = TypeVar("_T")
_BETWEEN = re.compile(r"[,，、;；\s]+")


@post("/tickets/{ticket_id:uuid}/relations", permission="ticket.relate", status_code=200)
async def relate(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], ticket_id: FromPath[UUID]
) -> Response[Any]:
    form = await view.form()
    other = await _other(work, site, form)
    await relations.relate(work, site, ticket_id, _read({"kind": form.get("kind"), "ticket_id": other}, NewRelation))
    return _done(site, view, ticket_id)


@post("/tickets/{ticket_id:uuid}/relations/{relation_id:uuid}/remove", permission="ticket.relate", status_code=200)
async def unrelate(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    relation_id: FromPath[UUID],
) -> Response[Any]:
    await relations.unrelate(work, site, ticket_id, relation_id)
    return _done(site, view, ticket_id)


@post("/tickets/{ticket_id:uuid}/merge", permission="ticket.relate", status_code=200)
async def merge(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    form = await view.form()
    wanted = {"ticket_id": await _other(work, site, form), "answer": form.get("answer", "")}
    merged = _read({**wanted, "channel": form.get("channel") or "call"}, Merge)
    await platform.merging.merge(work, site, ticket_id, merged, _version(form))
    return _done(site, view, ticket_id)


@post("/tickets/{ticket_id:uuid}/unmerge", permission="ticket.relate", status_code=200)
async def unmerge(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    form = await view.form()
    await platform.merging.unmerge(
        work, site, ticket_id, _read({"text": form.get("text", "")}, Unmerge), _version(form)
    )
    return _done(site, view, ticket_id)


@post("/tickets/{ticket_id:uuid}/split", permission="ticket.relate", status_code=200)
async def split(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """On to the part that has become a ticket."""
    form = await view.form()
    matter = {name: form.get(name, "") for name in ("description", "category")}
    part = _read({**matter, "severity": form.get("severity") or "routine"}, Part)
    made = await platform.merging.split(work, site, ticket_id, part)
    return view.redirect(f"/s/{site.slug}/tickets/{made.id}")


@post("/tickets/{ticket_id:uuid}/tags", permission="ticket.tag", status_code=200)
async def tag(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], ticket_id: FromPath[UUID]
) -> Response[Any]:
    await tags.change(work, site, ticket_id, _tags(await view.form()))
    return _done(site, view, ticket_id, toast=False)


@post("/tickets/{ticket_id:uuid}/watch", permission="ticket.view", status_code=200)
async def watch(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], ticket_id: FromPath[UUID]
) -> Response[Any]:
    await watchers.watch(work, site, ticket_id)
    return _done(site, view, ticket_id, toast=False)


@post("/tickets/{ticket_id:uuid}/unwatch", permission="ticket.view", status_code=200)
async def unwatch(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], ticket_id: FromPath[UUID]
) -> Response[Any]:
    await watchers.unwatch(work, site, ticket_id)
    return _done(site, view, ticket_id, toast=False)


@post("/tickets/bulk", permission="ticket.view", status_code=200)
async def act_on_selected(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """Each `ticket` of the form is an id and the version that the list showed, with a colon between."""
    form, lists = await view.form(), await view.form_lists()
    chosen = [each.partition(":") for each in lists.get("ticket", ())]
    wanted = _read(
        {
            "action": form.get("action"),
            "tickets": [{"ticket_id": id, "version": int(v) if v.isdecimal() else None} for id, _, v in chosen],
            "assignee_id": form.get("assignee") or None,
            "team_id": form.get("team") or None,
            "text": form.get("text", ""),
            "visibility": form.get("visibility") or "internal",
            "tags": {"add": _words(form.get("add", "")), "remove": _words(form.get("remove", ""))},
        },
        Bulk,
    )
    outcomes = await bulk.carry_out(work, site, platform.tickets, wanted)
    refused = [each for each in outcomes if each.refusal is not None]
    known = await numbers.of(work, site, [each.ticket_id for each in refused])
    return await view.html(
        "tickets/_bulk_outcome.html",
        done=len(outcomes) - len(refused),
        refused=[
            BulkRefusal(
                known.get(each.ticket_id, ""), f"/s/{site.slug}/tickets/{each.ticket_id}", view.reason(each.refusal)
            )
            for each in refused
            if each.refusal is not None
        ],
    )


async def _other(work: Work, site: Site, form: dict[str, str]) -> UUID:
    found = await numbers.find(work, site, form.get("other", ""))
    if found is None:
        raise Invalid.field("other", "There is no ticket with this number at this site.")
    return found


def _tags(form: dict[str, str]) -> TagChange:
    return _read({"add": _words(form.get("add", "")), "remove": _words(form.get("remove", ""))}, TagChange)


def _words(text: str) -> list[str]:
    return [word for word in _BETWEEN.split(text) if word]


def _read(given: dict[str, Any], shape: type[_T]) -> _T:
    try:
        return msgspec.convert(given, shape)
    except msgspec.ValidationError as error:
        raise Malformed from error


def _version(form: dict[str, str]) -> int:
    if not form.get("version", "").isdecimal():
        raise Malformed
    return int(form["version"])


def _done(site: Site, view: View, ticket_id: UUID, *, toast: bool = True) -> Response[Any]:
    return view.refresh(f"/s/{site.slug}/tickets/{ticket_id}", view.say(msgid("Saved")) if toast else None)


HANDLERS = [relate, unrelate, merge, unmerge, split, tag, watch, unwatch, act_on_selected]
