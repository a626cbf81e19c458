"""Handover dates and warranty exceptions in the console, below /s/{site_id}/repairs/terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Conflict,
    FieldError,
    Invalid,
    Site,
    View,
    Work,
    cell_text,
    msgid,
    parse_date,
    read_form,
    views,
)
from plugins.repairs.books import rows_of
from plugins.repairs.kinds import ITEMS
from plugins.repairs.permissions import TERM, VIEW
from plugins.repairs.warranty import repository, service
from plugins.repairs.warranty.model import NewTerm

_COLUMNS: Final = {"unit": ("房号", "房屋", "Unit"), "day": ("交付日期", "Handed over")}
_LIABLE: Final = {"builder": msgid("Builder"), "own": msgid("We ourselves")}


@get("/terms", permission=VIEW.id)
async def term_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """When units were handed over, and what differs for some items (REP-1)."""
    return await _page(work, site, view, {})


@post("/terms", permission=TERM.id, status_code=200)
async def enter_term(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Enter a date of a unit, in the place of the one there is."""
    values = await view.form()
    try:
        label = values.get("unit", "").strip()
        unit_id = (await repository.units(work.uow, site.id, [label])).get(label)
        if unit_id is None:
            raise Invalid.field("unit", "There is no unit of this name: write it as the roll does.")
        texts = {name: values.get(name, "") for name in ("item", "starts_on", "liable", "note")}
        until = {"ends_on": values["ends_on"]} if values.get("ends_on") else {}
        await service.put(work, site, [read_form({**texts, **until, "unit_id": str(unit_id)}, NewTerm)])
    except (Invalid, Conflict) as refused:
        return await _page(work, site, view, values, refused.fields, view.reason(refused))
    return view.redirect(f"/s/{site.slug}/repairs/terms")


@post("/terms/import", permission=TERM.id, status_code=200)
async def import_terms(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Handover dates from a workbook: units as the roll names them, and the day of each; all, or none."""
    try:
        sent = await view.file("file")
        if sent is None:
            raise Invalid.field("file", "Choose a workbook.")
        terms = await _read(work, site, sent[1])
        await service.put(work, site, terms)
    except (Invalid, Conflict) as refused:
        return await _page(work, site, view, {}, refused.fields, view.reason(refused))
    return view.redirect(f"/s/{site.slug}/repairs/terms")


@post("/terms/{term_id:uuid}/remove", permission=TERM.id, status_code=200)
async def remove_on_page(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], term_id: FromPath[UUID]
) -> Response[Any]:
    """Take a date away."""
    await service.remove(work, site, term_id)
    return view.redirect(f"/s/{site.slug}/repairs/terms")


async def _read(work: Work, site: Site, data: bytes) -> list[NewTerm]:
    found: dict[str, date] = {}
    for number, row in await rows_of(data, _COLUMNS):
        label, day = cell_text(row["unit"]), parse_date(row["day"])
        if not label or day is None:
            raise Invalid.field("file", "Row {n} cannot be read: correct it.", n=number)
        found[label] = day
    units = await repository.units(work.uow, site.id, list(found))
    missing = [label for label in found if label not in units]
    if missing:
        raise Invalid.field(
            "file", "There is no unit {unit}: write it as the roll does ({n} in all).", unit=missing[0], n=len(missing)
        )
    return [NewTerm(units[label], day) for label, day in found.items()]


async def _page(
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str],
    errors: Iterable[FieldError] = (),
    told: str | None = None,
) -> Response[str]:
    faults = {error.field: error for error in errors}

    def field(name: str, label: str, kind: Any = "text", **more: Any) -> views.Field:
        error = faults.get(name)
        said = {"error": error.message, "params": error.params} if error else {}
        return views.Field(name, label, kind, values.get(name, ""), **{**more, **said})

    items = tuple(views.Choice(key, label if key else msgid("The whole unit")) for key, label in ITEMS.items())
    liable = tuple(views.Choice(key, label) for key, label in _LIABLE.items())
    may = TERM.id in work.ctx.permissions
    query = view.query.get("q", "")
    return await view.html(
        "repairs/terms.html",
        status=422 if told else 200,
        toast=told,
        rows=await service.listed(work, site, query),
        items=ITEMS,
        liable=_LIABLE,
        filters=views.Filters(text=query),
        fields=(
            field("unit", msgid("Unit of the estate"), maximum=60, required=True),
            field("item", msgid("For"), "select", choices=items),
            field("starts_on", msgid("From"), "date", required=True),
            field("ends_on", msgid("Until"), "date"),
            field("liable", msgid("Who mends it"), "select", choices=liable),
            field("note", msgid("Remark"), maximum=200),
        )
        if may
        else (),
        file=field("file", msgid("Workbook"), "file", accept=".xlsx") if may else None,
    )


HANDLERS: list[HTTPRouteHandler] = [term_list, enter_term, import_terms, remove_on_page]
