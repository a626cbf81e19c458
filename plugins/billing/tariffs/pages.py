"""Fee items in the console, below /s/{site_id}/billing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import FieldError, Invalid, Platform, Site, View, Work, read_form
from plugins.billing.permissions import RENT_VIEW, TARIFF_MANAGE, TARIFF_VIEW
from plugins.billing.tariffs import assignments, forms, screens, service
from plugins.billing.tariffs.model import AssignmentChange, ItemChange, NewAssignment, NewItem, NewVersion


@get("/", permission=TARIFF_VIEW.id)
async def item_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """What the site charges for, and what that costs today."""
    return await _list(work, site, view)


@post("/items", permission=TARIFF_MANAGE.id, status_code=200)
async def item_add(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """A new fee item."""
    values = await view.form()
    try:
        item = await service.add(work, site, read_form(forms.item(values, new=True), NewItem))
    except Invalid as refused:
        return await _list(work, site, view, values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/items/{item.id}")


@get("/items/{billing_item_id:uuid}", permission=TARIFF_VIEW.id)
async def item_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_item_id: FromPath[UUID],
) -> Response[str]:
    """An item: what it costs, since when, and where it is charged."""
    return await _item(platform, work, site, view, billing_item_id)


@post("/items/{billing_item_id:uuid}", permission=TARIFF_MANAGE.id, status_code=200)
async def item_act(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_item_id: FromPath[UUID],
) -> Response[Any]:
    """Change an item, set a price, or say where it is charged: `kind` says which."""
    values = await view.form()
    kind = values.get("kind", "")
    try:
        if kind == "version":
            new = read_form(forms.version(values), NewVersion)
            await service.add_version(work, site, billing_item_id, new)
        elif kind == "assign":
            filled = forms.assignment(values)
            if values.get("unit", "").strip():
                filled["unit_id"] = await assignments.unit_named(work, site, values["unit"])
            await assignments.add(platform, work, site, billing_item_id, read_form(filled, NewAssignment))
        else:
            entry = read_form(forms.item(values), ItemChange)
            await service.change(work, site, billing_item_id, entry, screens.version_seen(values))
    except Invalid as refused:
        errors = screens.expected_in_words(view, refused.fields)
        return await _item(platform, work, site, view, billing_item_id, kind or "change", values, errors)
    return view.redirect(f"/s/{site.slug}/billing/items/{billing_item_id}")


@post("/assignments/{billing_assignment_id:uuid}", permission=TARIFF_MANAGE.id, status_code=200)
async def assignment_act(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_assignment_id: FromPath[UUID],
) -> Response[Any]:
    """Change a line, or take it away."""
    values = await view.form()
    line = await assignments.find(work, site, billing_assignment_id)
    seen = screens.version_seen(values)
    try:
        if values.get("kind") == "remove":
            await assignments.remove(work, site, line.id, seen)
        else:
            entry = read_form(forms.assignment_change(values), AssignmentChange)
            await assignments.change(work, site, line.id, entry, seen)
    except Invalid as refused:
        return await _item(platform, work, site, view, line.item_id, str(line.id), values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/items/{line.item_id}")


async def _list(
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    today = site.today(work.now)
    rows = [
        forms.ItemRow(
            each.item,
            screens.price(each.item, each.in_force) if each.in_force else None,
            each.in_force.valid_from if each.in_force else None,
            screens.price(each.item, each.coming) if each.coming else None,
            each.coming.valid_from if each.coming else None,
            each.item.ended(today),
        )
        for each in await service.listed(work, site)
    ]
    given = values or {"due_days": "10", "cycle": "month", "basis": "built"}
    return await view.html(
        "billing/items.html",
        status=200 if values is None else 422,
        rows=rows,
        words=screens.WORDS_OF,
        fields=forms.item_fields(given, errors, new=True) if TARIFF_MANAGE.id in work.ctx.permissions else (),
        show=values is not None,
        rents=RENT_VIEW.id in work.ctx.permissions,
    )


async def _item(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    item_id: UUID,
    taken: str = "",
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    detail = await service.detail(work, site, item_id)
    may = TARIFF_MANAGE.id in work.ctx.permissions
    buildings = await platform.estate.buildings(work, site) if may else []
    wrong = tuple(errors)
    today = site.today(work.now)

    def filled(kind: str, default: Mapping[str, str]) -> tuple[Mapping[str, str], Iterable[FieldError]]:
        return (values, wrong) if kind == taken and values is not None else (default, ())

    current = forms.as_version(detail.in_force, today)
    dialogs = [
        forms.Dialog("version", forms.version_fields(*filled("version", current), basis=detail.item.basis)),
        forms.Dialog("assign", forms.assignment_fields(buildings, *filled("assign", {"since": str(today)}))),
        forms.Dialog("change", forms.item_fields(*filled("change", forms.as_item(detail.item)))),
    ]
    return await view.html(
        "billing/item.html",
        status=422 if taken else 200,
        item=detail.item,
        ended=detail.item.ended(today),
        words=screens.WORDS_OF,
        current=detail.in_force,
        price=detail.in_force and screens.price(detail.item, detail.in_force),
        example=detail.example and screens.worked(view, work.ctx.permissions, detail.example),
        versions=forms.history(detail, today),
        building=screens.building,
        lines=[
            (line, forms.line_fields(*filled(str(line.id), forms.as_line(line))), str(line.id) == taken)
            for line in detail.assignments
        ],
        dialogs={dialog.name: dialog for dialog in dialogs} if may else {},
        taken=taken,
        rents=RENT_VIEW.id in work.ctx.permissions,
    )


HANDLERS: list[HTTPRouteHandler] = [item_list, item_add, item_page, item_act, assignment_act]
