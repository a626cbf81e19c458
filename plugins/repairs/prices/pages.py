"""The price list in the console, below /s/{site_id}/repairs/prices."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from core.sdk import (
    Conflict,
    FieldError,
    Invalid,
    Site,
    View,
    Work,
    amount_for,
    local_day,
    msgid,
    read_form,
    report,
    views,
)
from plugins.repairs.charges.service import yuan
from plugins.repairs.forms import scaled
from plugins.repairs.permissions import PRICE, VIEW
from plugins.repairs.prices import book, service
from plugins.repairs.prices.model import PRICE_KINDS, NewPrice, NewPrices, Price


class PriceRow(msgspec.Struct, frozen=True):
    """A price as shown; `kind` is its label, `price` yuan."""

    price: Price
    kind: str
    yuan: str


@get("/prices", permission=VIEW.id)
async def price_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """What materials and labour cost today, and what will change."""
    return await _page(work, site, view, {})


@post("/prices", permission=PRICE.id, status_code=200)
async def set_price(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """A new price, or another for what is there."""
    values = await view.form()
    try:
        texts = {name: values.get(name, "").strip() for name in ("code", "name", "kind", "unit")}
        days = values.get("warranty_days", "") or "0"
        fen = scaled(values.get("price", ""), 100, "price")
        retired = values.get("retired") == "true"
        new = read_form({**texts, "price_fen": fen, "warranty_days": days, "retired": retired}, NewPrice)
        day = local_day(values.get("valid_from", "")) or site.today(work.now)
        await service.put(work, site, NewPrices(day, (new,)))
    except (Invalid, Conflict) as refused:
        return await _page(work, site, view, values, refused.fields, view.reason(refused))
    return view.redirect(f"/s/{site.slug}/repairs/prices")


@post("/prices/import", permission=PRICE.id, status_code=200)
async def import_prices(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Prices from a workbook; those that are as they were change nothing."""
    values = await view.form()
    try:
        sent = await view.file("file")
        if sent is None:
            raise Invalid.field("file", "Choose a workbook.")
        day = local_day(values.get("valid_from", "")) or site.today(work.now)
        await service.put(work, site, NewPrices(day, await book.read(sent[1])))
    except (Invalid, Conflict) as refused:
        return await _page(work, site, view, values, refused.fields, view.reason(refused))
    return view.redirect(f"/s/{site.slug}/repairs/prices")


@get("/prices/export", permission=VIEW.id)
async def export_prices(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """The list as a workbook, to be changed and read in again."""
    listed = await service.in_force(work, site)
    name = f"{view.say(msgid('Price list'))}-{site.name}-{site.today(work.now):%Y%m%d}"
    return await asyncio.to_thread(report, name, [book.table(view, listed)], work.now)


async def _page(
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str],
    errors: Iterable[FieldError] = (),
    told: str | None = None,
) -> Response[str]:
    faults = {error.field: error for error in errors}
    kinds = tuple(views.Choice(key, label) for key, label in PRICE_KINDS.items())
    today = str(site.today(work.now))

    def field(name: str, label: str, kind: Any = "text", **more: Any) -> views.Field:
        error = faults.get({"price": "price_fen"}.get(name, name)) or faults.get(name)
        said = {"error": error.message, "params": error.params} if error else {}
        return views.Field(name, label, kind, **{"value": values.get(name, ""), **more, **said})

    may = PRICE.id in work.ctx.permissions
    fields = (
        field("code", msgid("Code"), maximum=20, required=True),
        field("name", msgid("Name"), maximum=60, required=True),
        field("kind", msgid("Kind of price"), "select", choices=kinds),
        field("unit", msgid("Unit"), maximum=10, required=True),
        field("price", msgid("Price (yuan)"), maximum=12, required=True),
        field("warranty_days", msgid("Warranty (days)"), "number", minimum=0, maximum=3650),
        field("valid_from", msgid("From"), "date", value=values.get("valid_from") or today),
        field("retired", msgid("Not charged any more"), "checkbox"),
    )

    def row(price: Price) -> PriceRow:
        return PriceRow(price, PRICE_KINDS[price.kind], amount_for(work.ctx.permissions, yuan(price.price_fen)))

    file = field("file", msgid("Workbook"), "file", accept=".xlsx")
    return await view.html(
        "repairs/prices.html",
        status=422 if told else 200,
        toast=told,
        rows=[row(price) for price in await service.in_force(work, site)],
        coming=[row(price) for price in await service.coming(work, site)],
        fields=fields if may else (),
        file=file if may else None,
        today=today,
    )


HANDLERS: list[HTTPRouteHandler] = [price_list, set_price, import_prices, export_prices]
