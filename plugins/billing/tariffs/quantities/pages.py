"""Quantities in the console, below /s/{site_id}/billing/quantities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import FieldError, Invalid, Malformed, Site, View, Work, local_day, msgid, read_form, views
from plugins.billing.permissions import CORRECTION_CREATE, CORRECTION_VIEW, QUANTITY_MANAGE, RENT_VIEW, TARIFF_VIEW
from plugins.billing.tariffs import forms, screens
from plugins.billing.tariffs.model import MEASURED
from plugins.billing.tariffs.quantities import service
from plugins.billing.tariffs.quantities.model import NewQuantity, QuantityChange
from plugins.billing.tariffs.quantities.routes import FROM_ROLL, exported

SHOWN: Final = 100  # units of a page, and of those that lack something


@get("/quantities", permission=TARIFF_VIEW.id)
async def quantity_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """What each unit has today, and which lack what is charged by."""
    return await _list(work, site, view)


@get("/quantities/export", permission=TARIFF_VIEW.id)
async def quantity_export(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """Areas and spaces of all units, and what is missing, as a workbook."""
    return await exported(work, site, view)


@post("/quantities/take-over", permission=QUANTITY_MANAGE.id, status_code=200)
async def quantity_take_over(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Take the roll's areas where a unit has none yet, and tell how many these were."""
    values = await view.form()
    try:
        day = local_day(values.get("valid_from", "").strip())
        if day is None:
            raise Invalid.field("valid_from", "Give a day.")
        taken = await service.take_over(work, site, day, view.say(FROM_ROLL))
    except Invalid as refused:
        return await _list(work, site, view, values, refused.fields)
    told = views.Notice("ok", msgid("Areas taken over: {n}."), {"n": taken.taken})
    if taken.without:
        message = msgid("Areas taken over: {n}. Units for which the roll has no area: {without}.")
        told = views.Notice("warn", message, {"n": taken.taken, "without": taken.without})
    return await _list(work, site, view, told=told)


@get("/quantities/units/{unit_id:uuid}", permission=TARIFF_VIEW.id)
async def unit_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[str]:
    """A unit's areas and spaces with reasons."""
    return await _unit(work, site, view, unit_id)


@post("/quantities/units/{unit_id:uuid}", permission=QUANTITY_MANAGE.id, status_code=200)
async def unit_add(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[Any]:
    """How much a unit has from a day on."""
    values = await view.form()
    try:
        day = local_day(values.get("valid_from", "").strip())
        if day is None:
            raise Invalid.field("valid_from", "Give a day.")
        filled = {"basis": values.get("basis", ""), "reason": values.get("reason", ""), "valid_from": day}
        value = forms.decimal(values, "value")
        await service.add(work, site, read_form({**filled, "unit_id": unit_id, "value": value}, NewQuantity))
    except Invalid as refused:
        return await _unit(work, site, view, unit_id, "add", values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/quantities/units/{unit_id}")


@post("/quantities/{billing_quantity_id:uuid}", permission=QUANTITY_MANAGE.id, status_code=200)
async def quantity_act(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_quantity_id: FromPath[UUID],
) -> Response[Any]:
    """Correct a value, or take it away."""
    values = await view.form()
    found = await service.find(work, site, billing_quantity_id)
    seen = screens.version_seen(values)
    try:
        if values.get("kind") == "remove":
            await service.remove(work, site, found.id, seen)
        else:
            filled = {"value": forms.decimal(values, "value"), "reason": values.get("reason", "").strip()}
            if not filled["reason"]:
                raise Invalid.field("reason", "Say why it changes.")
            await service.change(work, site, found.id, read_form(filled, QuantityChange), seen)
            told = urlencode({"basis": found.basis, "since": found.valid_from, "was": found.value})
            return view.redirect(f"/s/{site.slug}/billing/quantities/units/{found.unit_id}?{told}")
    except Invalid as refused:
        return await _unit(work, site, view, found.unit_id, str(found.id), values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/quantities/units/{found.unit_id}")


async def _list(
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
    told: views.Notice | None = None,
) -> Response[str]:
    text, after = view.query.get("q", "").strip()[:80], view.query.get("after", "")
    try:
        cursor = UUID(after) if after else None
    except ValueError:
        raise Malformed from None
    units = await service.every(work, site)
    lacking = await service.missing(work, site, units)
    found = [unit for unit in units if text.lower() in unit.label.lower()]
    begin = next((n + 1 for n, unit in enumerate(found) if unit.id == cursor), 0) if cursor else 0
    rows = found[begin : begin + SHOWN]
    here = f"/s/{site.slug}/billing/quantities"
    query = {"q": text} if text else {}
    more = f"{here}?{urlencode({**query, 'after': str(rows[-1].id)})}" if begin + SHOWN < len(found) else None
    pager = views.Pager(len(rows), f"{len(found):,}", more, f"{here}?{urlencode(query)}" if begin else None)
    may = QUANTITY_MANAGE.id in work.ctx.permissions
    field = screens.fields(values or {"valid_from": str(site.today(work.now))}, errors)
    return await view.html(
        "billing/quantities.html",
        status=200 if values is None else 422,
        units=rows,
        bases=MEASURED,
        missing=lacking[:SHOWN],
        lacking=len(lacking),
        text=text,
        pager_view=pager,
        told=told,
        take_over=(field("valid_from", msgid("From"), "date", required=True),) if may else (),
        show=values is not None,
        rents=RENT_VIEW.id in work.ctx.permissions,
        roll=any(unit.area_m2 and "built" not in unit.quantities for unit in units),
    )


async def _unit(
    work: Work,
    site: Site,
    view: View,
    unit_id: UUID,
    taken: str = "",
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    history = await service.history(work, site, unit_id)
    wrong = tuple(errors)

    def field_of(kind: str, default: Mapping[str, str]) -> Any:
        return screens.fields(values, wrong) if kind == taken and values is not None else screens.fields(default, ())

    def corrected(kind: str, default: Mapping[str, str]) -> tuple[views.Field, ...]:
        field = field_of(kind, default)
        return (
            field("value", msgid("Value (m² or spaces)"), maximum=12, required=True),
            field("reason", msgid("Reason"), maximum=200, required=True),
        )

    field = field_of("add", {"valid_from": str(site.today(work.now))})
    add = (
        field("basis", msgid("Basis"), "select", choices=screens.choices(MEASURED)),
        field("valid_from", msgid("From"), "date", required=True),
        field("value", msgid("Value (m² or spaces)"), maximum=12, required=True),
        field("reason", msgid("Reason"), maximum=200, help=msgid("Such as the deed, or a measurement.")),
    )
    return await view.html(
        "billing/unit.html",
        status=422 if taken else 200,
        unit=history.unit,
        rows=[
            (each, MEASURED[each.basis], corrected(str(each.id), {"value": each.value}), str(each.id) == taken)
            for each in history.quantities
        ],
        add=add,
        keeps=QUANTITY_MANAGE.id in work.ctx.permissions,
        show=taken == "add",
        corrected=_corrected(view),
        corrects=CORRECTION_CREATE.id in work.ctx.permissions,
        compares=CORRECTION_VIEW.id in work.ctx.permissions,
    )


def _corrected(view: View) -> dict[str, str] | None:
    """What has just been corrected, if something has: its basis, from when it held, what it was (BIL-7)."""
    told = {name: view.query.get(name, "")[:20] for name in ("basis", "since", "was")}
    return told if told["basis"] in MEASURED and all(told.values()) else None


HANDLERS: list[HTTPRouteHandler] = [
    quantity_list,
    quantity_export,
    quantity_take_over,
    unit_page,
    unit_add,
    quantity_act,
]
