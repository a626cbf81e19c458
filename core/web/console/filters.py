"""Keeping a list of tickets: the dialogs in which it gets its name, and what they send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Invalid, LodgeError, Malformed, NotFound, PreconditionFailed
from core.i18n import msgid
from core.tenancy.directory import Site
from core.tickets import filters
from core.tickets.filters import SHARE, NewFilter, SavedFilter
from core.web import views
from core.web.console import listing, queue
from core.web.view import View
from core.web.views import Field
from core.work import Work


@get("/tickets/filters/new", permission="ticket.view")
async def filter_form(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The dialog that keeps what the list shows now."""
    return await _dialog(view, work, site, None, {"list": _now(view.query)})


@get("/tickets/filters/{filter_id:uuid}", permission="ticket.view")
async def filter_edit(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], filter_id: FromPath[UUID]
) -> Response[str]:
    """The dialog that changes a kept list."""
    saved = await _saved(work, site, filter_id)
    form = {
        "name": saved.name,
        "shared": str(saved.shared).lower(),
        "preferred": str(saved.preferred).lower(),
        "was_preferred": str(saved.preferred).lower(),
        "version": str(saved.version),
        "list": listing.address(saved.wanted, saved.columns),
        "now": _now(view.query),
    }
    return await _dialog(view, work, site, saved.id, form, editable=not saved.shared or SHARE in work.ctx.permissions)


@post("/tickets/filters", permission="ticket.view", status_code=200)
async def filter_keep(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    form = await view.form()
    try:
        made = await filters.keep(work, site, _read(form))
    except Invalid as refused:
        return await _dialog(view, work, site, None, form, refused)
    if form.get("preferred"):
        await filters.prefer(work, site, made.id)
    return _opened(view, site, made)


@post("/tickets/filters/{filter_id:uuid}", permission="ticket.view", status_code=200)
async def filter_change(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], filter_id: FromPath[UUID]
) -> Response[Any]:
    """Change a kept list, or only whether one's own opens with it, which everybody may."""
    form = await view.form()
    preferred, before = bool(form.get("preferred")), form.get("was_preferred") == "true"
    try:
        version = int(form.get("version", ""))
        if "name" in form:
            changed = await filters.change(work, site, filter_id, _read(form), version)
        else:
            changed, _ = None, await _saved(work, site, filter_id)
    except (Invalid, PreconditionFailed) as refused:
        return await _dialog(view, work, site, filter_id, form, refused)
    except ValueError as error:
        raise Malformed from error
    if preferred != before:
        await filters.prefer(work, site, filter_id if preferred else None)
    return (
        view.redirect(f"/s/{site.slug}/tickets?{form.get('now') or 'tab=all'}")
        if changed is None
        else _opened(view, site, changed)
    )


@post("/tickets/filters/{filter_id:uuid}/delete", permission="ticket.view", status_code=200)
async def filter_drop(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], filter_id: FromPath[UUID]
) -> Response[Any]:
    await filters.drop(work, site, filter_id)
    return view.redirect(f"/s/{site.slug}/tickets?tab=all")


async def _saved(work: Work, site: Site, filter_id: UUID) -> SavedFilter:
    """A kept list that the reader may see. Raises NotFound."""
    for saved in await filters.saved(work, site):
        if saved.id == filter_id:
            return saved
    raise NotFound


def _read(form: Mapping[str, str]) -> NewFilter:
    """What the dialog sent. Raises Malformed."""
    query = dict(parse_qsl(form.get("now" if form.get("retake") else "list", "")))
    try:
        return msgspec.convert(
            {
                "name": form.get("name", ""),
                "shared": bool(form.get("shared")),
                "wanted": listing.wanted(query),
                "columns": listing.columns(query),
            },
            NewFilter,
        )
    except msgspec.ValidationError as error:
        raise Malformed from error


def _now(query: Mapping[str, str]) -> str:
    """What the list shows, as an address."""
    return listing.address(listing.wanted(query), listing.columns(query))


def _opened(view: View, site: Site, saved: SavedFilter) -> Response[Any]:
    return view.redirect(f"/s/{site.slug}/tickets?{queue.opened(saved)}")


async def _dialog(
    view: View,
    work: Work,
    site: Site,
    filter_id: UUID | None,
    form: Mapping[str, str],
    refused: LodgeError | None = None,
    *,
    editable: bool = True,
) -> Response[str]:
    error = refused.fields[0] if refused and refused.fields else None

    def ticked(name: str, label: str) -> Field:
        return Field(name, label, "checkbox", "true" if form.get(name) == "true" else "")

    named = Field(
        "name",
        msgid("Name"),
        value=form.get("name", ""),
        required=True,
        maximum=40,
        error=error.message if error else "",
        params=error.params if error else {},
    )
    fields = (
        *((named,) if editable else ()),
        *((ticked("shared", msgid("For everybody at this site")),) if SHARE in work.ctx.permissions else ()),
        *((ticked("retake", msgid("Take over what the list shows now")),) if editable and filter_id else ()),
        ticked("preferred", msgid("Open my list with it")),
    )
    base = f"/s/{site.slug}/tickets/filters"
    hidden = {name: form[name] for name in ("list", "now", "version", "was_preferred") if form.get(name)}
    shown = views.FilterDialog(
        title=msgid("Keep this list") if filter_id is None else msgid("Change the kept list"),
        action=base if filter_id is None else f"{base}/{filter_id}",
        fields=fields,
        hidden=tuple(hidden.items()),
        drop=f"{base}/{filter_id}/delete" if filter_id and editable else "",
    )
    toast = view.say(refused.message, **refused.params) if refused and not error else None
    status = int(refused.status) if refused else 200
    return await view.html("tickets/_filter.html", status=status, toast=toast, dialog=shown)


HANDLERS = [filter_form, filter_edit, filter_keep, filter_change, filter_drop]
