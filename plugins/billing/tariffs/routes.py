"""Tariffs over the JSON API, below /api/v1/sites/{site_id}/billing."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from core.sdk import Platform, Site, Work
from plugins.billing.permissions import TARIFF_MANAGE, TARIFF_VIEW
from plugins.billing.tariffs import assignments, service
from plugins.billing.tariffs.model import (
    Assignment,
    AssignmentChange,
    FeeItem,
    ItemChange,
    ItemDetail,
    ListedItem,
    NewAssignment,
    NewItem,
    NewVersion,
    TariffVersion,
)


@get("/items", permission=TARIFF_VIEW.id)
async def list_items(
    work: NamedDependency[Work], site: NamedDependency[Site], day: FromQuery[date | None] = None
) -> list[ListedItem]:
    """The fee items with what is in force on a day of the site, today without one (BIL-1); prices are yuan a month as
    exact decimals."""
    return await service.listed(work, site, day)


@post("/items", permission=TARIFF_MANAGE.id)
async def add_item(
    work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewItem]
) -> Response[FeeItem]:
    """A new fee item; its code and basis stay as they are."""
    return _answer(await service.add(work, site, data), 201)


@get("/items/{billing_item_id:uuid}", permission=TARIFF_VIEW.id)
async def get_item(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_item_id: FromPath[UUID]
) -> Response[ItemDetail]:
    """An item with its versions, where it is charged, and what today's version comes to as an example, in fen."""
    found = await service.detail(work, site, billing_item_id)
    return Response(found, headers={"ETag": f'"{found.item.version}"'})


@put("/items/{billing_item_id:uuid}", permission=TARIFF_MANAGE.id)
async def change_item(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_item_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[ItemChange],
) -> Response[FeeItem]:
    """Title, cycle, payer, days to pay, whom it is collected for, and the last day. Needs If-Match."""
    return _answer(await service.change(work, site, billing_item_id, data, if_match))


@post("/items/{billing_item_id:uuid}/versions", permission=TARIFF_MANAGE.id)
async def add_version(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_item_id: FromPath[UUID],
    data: JSONBody[NewVersion],
) -> TariffVersion:
    """A price or a formula from a day on. Versions are never changed; of two from one day the later one counts. A
    formula that is wrong is answered 422 with line, column and what was expected."""
    return await service.add_version(work, site, billing_item_id, data)


@post("/items/{billing_item_id:uuid}/assignments", permission=TARIFF_MANAGE.id)
async def assign_item(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    billing_item_id: FromPath[UUID],
    data: JSONBody[NewAssignment],
) -> Response[Assignment]:
    """Charge the item at the whole site, a building or a unit, or exempt it there; the narrower place counts."""
    return _line(await assignments.add(platform, work, site, billing_item_id, data), 201)


@put("/assignments/{billing_assignment_id:uuid}", permission=TARIFF_MANAGE.id)
async def change_assignment(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_assignment_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[AssignmentChange],
) -> Response[Assignment]:
    """Another last day, charged or exempt. Needs If-Match."""
    return _line(await assignments.change(work, site, billing_assignment_id, data, if_match))


@delete("/assignments/{billing_assignment_id:uuid}", permission=TARIFF_MANAGE.id)
async def remove_assignment(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_assignment_id: FromPath[UUID],
    if_match: NamedDependency[int],
) -> None:
    """Take a line away. Needs If-Match."""
    await assignments.remove(work, site, billing_assignment_id, if_match)


def _answer(item: FeeItem, status: int = 200) -> Response[FeeItem]:
    return Response(item, status_code=status, headers={"ETag": f'"{item.version}"'})


def _line(line: Assignment, status: int = 200) -> Response[Assignment]:
    return Response(line, status_code=status, headers={"ETag": f'"{line.version}"'})


HANDLERS: list[HTTPRouteHandler] = [
    list_items,
    add_item,
    get_item,
    change_item,
    add_version,
    assign_item,
    change_assignment,
    remove_assignment,
]
