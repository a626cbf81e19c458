"""Orders and providers over the JSON API, below /api/v1/sites/{site_id}/billing/payments. Amounts are whole fen."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Platform, Site, Work
from plugins.billing.counter.model import NewPayment
from plugins.billing.payments import providers, service, settling
from plugins.billing.payments.model import (
    ROWS,
    ChangedProvider,
    NewProvider,
    Order,
    OrderPage,
    OrderStatus,
    Provider,
    Settlement,
    Wanted,
)
from plugins.billing.permissions import COUNTER_TAKE, ORDER_SETTLE, PROVIDER_SET, RECEIPT_VIEW


@post("/payments/orders", permission=COUNTER_TAKE.id, personal=True)
async def make_order(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    data: JSONBody[NewPayment],
) -> Response[Order]:
    """Have a code made for a payment by `qr`, in fen (BIL-3). The same `key` again is the same order (MO-3). An order
    `failed` where the provider gave no code. 409 without a provider, and where the payment could not be posted now."""
    return _answer(await service.make(platform, work, site, data), 201)


@get("/payments/orders", permission=RECEIPT_VIEW.id)
async def list_orders(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    status: FromQuery[OrderStatus | None] = None,
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    text: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=ROWS)] = 50,
) -> OrderPage:
    """Orders, the newest first: of a state, of days (both included), with that text in number, name, unit."""
    return await service.page(work, site, Wanted(status, since, until, text), cursor, limit)


@get("/payments/orders/{billing_order_id:uuid}", permission=RECEIPT_VIEW.id)
async def get_order(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_order_id: FromPath[UUID]
) -> Response[Order]:
    """An order: its code while it waits, its receipt once it is paid."""
    return _answer(await service.get(work, site, billing_order_id))


@post("/payments/orders/{billing_order_id:uuid}/check", permission=COUNTER_TAKE.id, status_code=200, personal=True)
async def check_order(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_order_id: FromPath[UUID],
) -> Response[Order]:
    """Ask the provider now; what was paid is posted, once (MO-3). 409 where the provider cannot be asked."""
    return _answer(await service.check(platform, work, site, billing_order_id))


@post("/payments/orders/{billing_order_id:uuid}/cancel", permission=COUNTER_TAKE.id, status_code=200, personal=True)
async def cancel_order(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_order_id: FromPath[UUID],
) -> Response[Order]:
    """Close an order, with the provider first; one that has been paid is posted instead. 409 where the provider cannot
    be asked."""
    return _answer(await service.cancel(platform, work, site, billing_order_id))


@post("/payments/orders/{billing_order_id:uuid}/settlement", permission=ORDER_SETTLE.id, status_code=200)
async def settle_order(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_order_id: FromPath[UUID],
    data: JSONBody[Settlement],
    if_match: NamedDependency[int],
) -> Response[Order]:
    """Decide on money that came otherwise than asked for: booked as prepaid with a receipt, or settled elsewhere. Needs
    If-Match. 409 where there is nothing to decide."""
    return _answer(await settling.settle(work, site, billing_order_id, data, if_match))


@get("/payments/providers", permission=PROVIDER_SET.id)
async def list_providers(
    platform: NamedDependency[Platform], work: NamedDependency[Work], site: NamedDependency[Site]
) -> list[Provider]:
    """Payment providers of the site; secrets are named and never told."""
    return await providers.listed(platform, work, site)


@post("/payments/providers", permission=PROVIDER_SET.id, personal=True)
async def add_provider(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    data: JSONBody[NewProvider],
) -> Response[Provider]:
    """Set up a provider that a plugin offers; others of the site are switched off where it is active. 409 where it is
    set up already."""
    made = await providers.add(platform, work, site, data)
    return Response(made, status_code=201, headers={"ETag": f'"{made.version}"'})


@put("/payments/providers/{billing_provider_id:uuid}", permission=PROVIDER_SET.id)
async def change_provider(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_provider_id: FromPath[UUID],
    data: JSONBody[ChangedProvider],
    if_match: NamedDependency[int],
) -> Response[Provider]:
    """Tell a provider something else, or switch it on or off; a secret that is left out stays. Needs If-Match."""
    made = await providers.change(platform, work, site, billing_provider_id, data, if_match)
    return Response(made, headers={"ETag": f'"{made.version}"'})


def _answer(order: Order, status: int = 200) -> Response[Order]:
    return Response(order, status_code=status, headers={"ETag": f'"{order.version}"'})


HANDLERS: list[HTTPRouteHandler] = [
    make_order,
    list_orders,
    get_order,
    check_order,
    cancel_order,
    settle_order,
    list_providers,
    add_provider,
    change_provider,
]
