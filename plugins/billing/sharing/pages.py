"""Shared costs in the console, below /s/{site_id}/billing/shared-costs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Conflict,
    FieldError,
    Invalid,
    Malformed,
    Platform,
    ReportTable,
    Site,
    View,
    Work,
    amount_for,
    local_month,
    msgid,
    read_form,
    report,
    sees_amounts,
    views,
)
from plugins.billing.marks import id_or_none
from plugins.billing.meters import service as meters
from plugins.billing.permissions import COST_MANAGE, RUN_VIEW
from plugins.billing.places import places
from plugins.billing.sharing import service
from plugins.billing.sharing.model import METHODS, NewCost
from plugins.billing.tariffs import forms
from plugins.billing.tariffs import repository as tariffs
from plugins.billing.tariffs.screens import building, choices, fields
from plugins.billing.telling import yuan

_ROWS: Final = 50
_SHARES: Final = 100
_HEADINGS: Final = (msgid("Unit"), msgid("Share of"), msgid("Amount (yuan)"))


@get("/shared-costs", permission=RUN_VIEW.id)
async def cost_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The costs of the site, and a form for another."""
    return await _list(platform, work, site, view)


@post("/shared-costs", permission=COST_MANAGE.id, status_code=200)
async def cost_add(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Settle a month's cost."""
    values = await view.form()
    try:
        async with work.savepoint():
            cost = await service.add(work, site, read_form(_filled(values), NewCost))
    except Invalid as refused:
        return await _list(platform, work, site, view, values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/shared-costs/{cost.id}")


@get("/shared-costs/{billing_cost_id:uuid}", permission=RUN_VIEW.id)
async def cost_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_cost_id: FromPath[UUID],
) -> Response[str]:
    """A cost with what each unit has of it, to be printed and hung up."""
    return await _cost(work, site, view, billing_cost_id)


@post("/shared-costs/{billing_cost_id:uuid}", permission=COST_MANAGE.id, status_code=200)
async def cost_remove(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_cost_id: FromPath[UUID],
) -> Response[Any]:
    """Take away a cost that was entered wrongly."""
    try:
        async with work.savepoint():
            await service.remove(work, site, billing_cost_id)
    except Conflict as refused:
        return await _cost(work, site, view, billing_cost_id, view.reason(refused))
    return view.redirect(f"/s/{site.slug}/billing/shared-costs")


@get("/shared-costs/{billing_cost_id:uuid}/export", permission=RUN_VIEW.id)
async def cost_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_cost_id: FromPath[UUID],
) -> Response[bytes]:
    """What each unit has of a cost, as a workbook."""
    found = await service.detail(work, site, billing_cost_id, limit=service.EXPORTED)
    sees = sees_amounts(work.ctx.permissions)
    rows: list[list[Any]] = [[s.unit, float(s.weight), s.amount_fen / 100 if sees else None] for s in found.shares]
    table = ReportTable(found.cost.item, [view.say(heading) for heading in _HEADINGS], rows)
    return await asyncio.to_thread(report, f"{found.cost.item}-{found.cost.month:%Y%m}-{site.name}", [table], work.now)


async def _list(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    may, after = COST_MANAGE.id in work.ctx.permissions, view.query.get("after", "") if values is None else ""
    found = await service.page(work, site, id_or_none(after), _ROWS)
    items = [item for item in await tariffs.items(work.uow, site.id) if item.basis == "shared"]
    asked: tuple[views.Field, ...] = ()
    if may and items:
        buildings = await platform.estate.buildings(work, site)
        counted = await meters.shared(work, site)
        given = values or {"month": f"{site.today(work.now):%Y-%m}", "method": "charged"}
        field = fields(given, _renamed(errors))
        everywhere = views.Choice("", msgid("All units where it is charged"))
        none = views.Choice("", msgid("None: the amount of a bill"))
        named = [views.Choice(str(m.id), m.label or m.number or m.item) for m in counted]
        asked = (
            field("item_id", msgid("Fee item"), "select",
                  choices=tuple(views.Choice(str(item.id), item.title) for item in items)),
            field("month", msgid("Month"), "month", required=True),
            field("building", msgid("Over"), "select",
                  choices=(everywhere, *(views.Choice(each, building(each)) for each in buildings))),
            field("method", msgid("Shared by"), "select", choices=choices(METHODS)),
            field("yuan", msgid("Amount of the bill (yuan)"), maximum=16,
                  help=msgid("Leave empty where a meter says it.")),
            field("bill", msgid("Number of the bill"), maximum=60),
            field("meter_id", msgid("Meter"), "select", choices=(none, *named)),
            field("price", msgid("Price of each unit counted (yuan)"), maximum=16),
        )  # fmt: skip
    here = f"/s/{site.slug}/billing/shared-costs"
    return await view.html(
        "billing/costs.html",
        status=422 if values is not None else 200,
        costs=found.items,
        building=building,
        methods=METHODS,
        fields=asked,
        items=bool(items),
        show=values is not None,
        places=places(work),
        money=_money(work),
        pager_view=views.Pager(
            len(found.items),
            "",
            f"{here}?{urlencode({'after': str(found.cursor)})}" if found.cursor else None,
            here if after else None,
        ),
    )


async def _cost(work: Work, site: Site, view: View, cost_id: UUID, refused: str = "") -> Response[str]:
    after = view.query.get("after", "")
    found = await service.detail(work, site, cost_id, id_or_none(after), _SHARES)
    here = f"/s/{site.slug}/billing/shared-costs/{cost_id}"
    return await view.html(
        "billing/cost.html",
        status=409 if refused else 200,
        refused=refused,
        cost=found.cost,
        shares=found.shares,
        where=building(found.cost.building),
        method=METHODS[found.cost.method],
        manages=COST_MANAGE.id in work.ctx.permissions and not found.cost.billed,
        money=_money(work),
        pager_view=views.Pager(
            len(found.shares),
            f"{found.cost.units:,}",
            f"{here}?{urlencode({'after': str(found.cursor)})}" if found.cursor else None,
            here if after else None,
        ),
    )


def _filled(values: Mapping[str, str]) -> dict[str, object]:
    try:
        month = local_month(values.get("month", ""))
    except Malformed:
        month = None
    if month is None:
        raise Invalid.field("month", "Choose a month.")
    fen = None
    if values.get("yuan", "").strip():
        exact = Decimal(forms.decimal(values, "yuan")) * 100
        if exact != exact.to_integral_value():
            raise Invalid.field("yuan", "Give at most two places: fen.")
        fen = int(exact)
    price = forms.decimal(values, "price") if values.get("price", "").strip() else None
    return {
        **{name: values.get(name, "").strip() for name in ("item_id", "building", "method", "bill")},
        "month": month,
        "total_fen": fen,
        "meter_id": values.get("meter_id", "").strip() or None,
        "price": price,
    }


def _renamed(errors: Iterable[FieldError]) -> list[FieldError]:
    return [FieldError({"total_fen": "yuan"}.get(e.field, e.field), e.message, e.params) for e in errors]


def _money(work: Work) -> Callable[[int], str]:
    held = work.ctx.permissions
    return lambda fen: amount_for(held, yuan(fen))


HANDLERS: list[HTTPRouteHandler] = [cost_list, cost_add, cost_page, cost_remove, cost_export]
