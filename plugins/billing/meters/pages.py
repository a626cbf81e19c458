"""Readings and meters in the console, below /s/{site_id}/billing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import FieldError, Invalid, Malformed, Site, View, Work, local_month, msgid, views
from plugins.billing.amounts.spans import Days, month_end
from plugins.billing.marks import id_or_none
from plugins.billing.meters import screens, service
from plugins.billing.meters.model import Fault
from plugins.billing.meters.routes import exported
from plugins.billing.permissions import METER_MANAGE, METER_VIEW, READING_ENTER
from plugins.billing.places import places
from plugins.billing.tariffs import repository as tariffs
from plugins.billing.tariffs.assignments import unit_named
from plugins.billing.tariffs.screens import version_seen

ROWS: Final = 100


@get("/readings", permission=METER_VIEW.id)
async def reading_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The meters of a month, each with a field for what it shows."""
    query = view.query
    month = _month(query.get("month", ""), site.today(work.now))
    text, missing, item = query.get("q", "")[:80], query.get("missing") == "true", query.get("item", "")
    found = await service.month(
        work,
        site,
        month,
        item_id=id_or_none(item),
        text=text,
        missing=missing,
        cursor=id_or_none(query.get("after", "")),
        limit=ROWS,
    )
    items = screens.items(await tariffs.items(work.uow, site.id), "meter", "shared")
    kept = {"month": f"{month:%Y-%m}", "item": item, "q": text, "missing": "true" if missing else ""}
    kept = {name: value for name, value in kept.items() if value}
    here = f"/s/{site.slug}/billing/readings"
    following = f"{here}?{urlencode({**kept, 'after': str(found.cursor)})}" if found.cursor else None
    return await view.html(
        "billing/readings.html",
        rows=[screens.row(each) for each in found.items],
        month=views.Field("month", msgid("Month"), "month", f"{month:%Y-%m}"),
        item=views.Field(
            "item", msgid("Fee item"), "select", item, choices=(views.Choice("", msgid("All items")), *items)
        ),
        missing=views.Field("missing", msgid("Not read yet"), "checkbox", "true" if missing else ""),
        text=text,
        day=views.Field("day", msgid("Read on"), "date", str(_day_in(month, site.today(work.now))), required=True),
        places=places(work),
        meters=found.meters,
        read=found.read,
        items=items,
        pager_view=views.Pager(
            len(found.items), "", following, f"{here}?{urlencode(kept)}" if query.get("after") else None
        ),
        export=f"{here}/export?month={month:%Y-%m}",
        enters=READING_ENTER.id in work.ctx.permissions,
        manages=METER_MANAGE.id in work.ctx.permissions,
    )


@post("/readings/{billing_meter_id:uuid}", permission=READING_ENTER.id, status_code=200)
async def reading_enter(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_meter_id: FromPath[UUID],
) -> Response[Any]:
    """What a meter shows: the row as it is then, or with what is wrong at its field."""
    values = await view.form()
    today = site.today(work.now)
    month = _month(values.get("month", ""), today)
    fault = None
    try:
        new = screens.reading({"day": str(_day_in(month, today)), **values})
        if new.day.replace(day=1) != month:
            raise Invalid.field("day", "This day is not in the month that is shown.")
        async with work.savepoint():
            await service.enter(work, site, billing_meter_id, new)
    except Invalid as refused:
        said = refused.fields[0]
        fault = Fault(said.field, said.message, {name: str(value) for name, value in said.params.items()})
    if not view.htmx and fault is None:
        return view.redirect(f"/s/{site.slug}/billing/readings?month={month:%Y-%m}")
    state = await service.state(work, site, billing_meter_id, month)
    shown = service.in_month(state, Days(month, month_end(month)))
    typed = values.get("value", "") if fault else None
    return await view.html(
        "billing/_reading.html",
        status=422 if fault else 200,
        row=screens.row(shown, typed, fault, done=fault is None),
        month=f"{month:%Y-%m}",
        enters=True,
    )


@get("/readings/export", permission=METER_VIEW.id)
async def reading_export(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """The meters of a month as a workbook, to be filled in and read back."""
    return await exported(work, site, view, _month(view.query.get("month", ""), site.today(work.now)))


@get("/meters", permission=METER_VIEW.id)
async def meter_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The meters of the site, and forms for new ones."""
    return await _meters(work, site, view)


@post("/meters", permission=METER_MANAGE.id, status_code=200)
async def meter_add(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """A new meter, or one for each unit where an item is charged: `kind` says which."""
    values = await view.form()
    many = values.get("kind") == "set-up"
    try:
        async with work.savepoint():
            if many:
                found = await service.set_up(work, site, screens.set_up(values))
                made = f"?added={found.added}"
            else:
                named = values.get("unit", "").strip()
                unit_id = await unit_named(work, site, named) if named else None
                made = f"/{(await service.add(work, site, screens.new_meter(values, unit_id))).id}"
    except Invalid as refused:
        return await _meters(work, site, view, "set-up" if many else "add", values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/meters{made}")


@get("/meters/{billing_meter_id:uuid}", permission=METER_VIEW.id)
async def meter_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_meter_id: FromPath[UUID],
) -> Response[str]:
    """A meter with all that was read of it."""
    return await _meter(work, site, view, billing_meter_id)


@post("/meters/{billing_meter_id:uuid}", permission=READING_ENTER.id, status_code=200)
async def meter_read(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_meter_id: FromPath[UUID],
) -> Response[Any]:
    """A reading of whatever day, a replacement, or that there is none on a day after all: `kind` says which."""
    values = await view.form()
    kind = values.get("kind", "")
    try:
        if kind not in screens.KINDS:
            raise Malformed
        async with work.savepoint():
            await service.enter(work, site, billing_meter_id, screens.reading(values, kind))
    except Invalid as refused:
        return await _meter(work, site, view, billing_meter_id, kind, values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/meters/{billing_meter_id}")


@post("/meters/{billing_meter_id:uuid}/change", permission=METER_MANAGE.id, status_code=200)
async def meter_change(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_meter_id: FromPath[UUID],
) -> Response[Any]:
    """Number, place, digits, what a unit is worth, and the last day."""
    values = await view.form()
    try:
        await service.change(work, site, billing_meter_id, screens.change(values), version_seen(values))
    except Invalid as refused:
        return await _meter(work, site, view, billing_meter_id, "change", values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/meters/{billing_meter_id}")


async def _meters(
    work: Work,
    site: Site,
    view: View,
    taken: str = "",
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    query = view.query if values is None else {}
    text, cursor, added = query.get("q", "")[:80], id_or_none(query.get("after", "")), query.get("added", "")[:6]
    found = await service.page(work, site, text=text, cursor=cursor, limit=ROWS)
    items = await tariffs.items(work.uow, site.id)
    here = f"/s/{site.slug}/billing/meters"
    kept = {"q": text} if text else {}
    following = f"{here}?{urlencode({**kept, 'after': str(found.cursor)})}" if found.cursor else None
    may, wrong, today = (
        METER_MANAGE.id in work.ctx.permissions,
        tuple(errors),
        {"installed_on": str(site.today(work.now))},
    )
    fresh = {**today, "multiplier": "1"}
    of_units = screens.items(items, "meter")

    def filled(kind: str, default: Mapping[str, str]) -> tuple[Mapping[str, str], Iterable[FieldError]]:
        return (values, wrong) if kind == taken and values is not None else (default, ())

    return await view.html(
        "billing/meters.html",
        status=422 if taken else 200,
        meters=found.items,
        text=text,
        pager_view=views.Pager(len(found.items), "", following, f"{here}?{urlencode(kept)}" if cursor else None),
        add=screens.meter_fields(*filled("add", fresh), screens.items(items, "meter", "shared"), new=True)
        if may
        else (),
        set_up=screens.set_up_fields(*filled("set-up", today), of_units) if may and of_units else (),
        taken=taken,
        told=views.Notice("ok", msgid("Meters set up: {n}."), {"n": added}) if added.isdecimal() else None,
    )


async def _meter(
    work: Work,
    site: Site,
    view: View,
    meter_id: UUID,
    taken: str = "",
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    found = await service.detail(work, site, meter_id)
    held, wrong = work.ctx.permissions, tuple(errors)
    today = {"day": str(site.today(work.now))}

    def filled(kind: str, default: Mapping[str, str]) -> tuple[Mapping[str, str], Iterable[FieldError]]:
        return (values, wrong) if kind == taken and values is not None else (default, ())

    entered = [
        (kind, title, screens.reading_fields(*filled(kind, today), kind))
        for kind, title in (("reading", msgid("Enter a reading")), ("replacement", msgid("The meter was replaced")))
    ]
    return await view.html(
        "billing/meter.html",
        status=422 if taken else 200,
        meter=found.meter,
        readings=found.readings,
        kinds=screens.KINDS,
        enter=entered if READING_ENTER.id in held else [],
        change=screens.meter_fields(*filled("change", screens.as_meter(found.meter)))
        if METER_MANAGE.id in held
        else (),
        taken=taken,
    )


def _month(text: str, today: date) -> date:
    try:
        return local_month(text) or today.replace(day=1)
    except Malformed:
        return today.replace(day=1)


def _day_in(month: date, today: date) -> date:
    """Today in the present month, else the last day of it."""
    return today if today.replace(day=1) == month else month_end(month)


HANDLERS: list[HTTPRouteHandler] = [
    reading_list,
    reading_enter,
    reading_export,
    meter_list,
    meter_add,
    meter_page,
    meter_read,
    meter_change,
]
