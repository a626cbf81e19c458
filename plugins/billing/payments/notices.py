"""Where providers tell that an order was paid: nobody is signed in, the signature is the guard (BIL-3, MO-3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import Conflict, NotFound, PaymentNotice, PaymentUntrue, Platform, Site, TenantContext, Work
from plugins.billing.payments import repository, settling
from plugins.billing.payments.providers import Ready, ready
from plugins.billing.payments.service import PURPOSE

_MOST = 64 << 10  # bytes


@post("/payments/notices/{token:str}", public=True, status_code=200, request_max_body_size=_MOST)
async def payment_notice(
    request: Request[Any, Any, Any], platform: NamedDependency[Platform], token: FromPath[str]
) -> Response[bytes]:
    """A provider tells that an order was paid; told again it is the same. 401 where the signature does not hold, 404
    for orders that this provider of this site has none of, both on record; 404 for other addresses."""
    named = platform.links.named(PURPOSE, token)
    if named is None:
        raise NotFound
    company_id, provider_id = named
    ctx = await platform.system_context(company_id, None, plugin="billing")
    if ctx is None:
        raise NotFound
    body = await request.body()
    headers = {name.lower(): text for name, text in request.headers.items()}
    async with platform.work(ctx, read_only=True) as work:
        by, site = await _addressed(platform, work, ctx, provider_id)
        heard = _read(by, headers, body)
        order = await repository.of_number(work.uow, site.id, by.known.id, heard.number) if heard else None
    if heard is None or order is None:
        action = "billing.notice.unknown" if heard else "billing.notice.refused"
        async with platform.work(ctx) as work:
            work.audit(action, "billing_provider", by.known.id, site_id=site.id)
        return Response(b"", status_code=404 if heard else 401)
    order_id, maker, name = order
    async with platform.work(settling.acting(ctx, maker, name)) as work:
        await settling.paid(work, site, order_id, heard.amount_fen, heard.reference)
    media_type, thanks = by.provider.thanks
    return Response(thanks, media_type=media_type)


async def _addressed(platform: Platform, work: Work, ctx: TenantContext, provider_id: UUID) -> tuple[Ready, Site]:
    """The provider that an address was given to, and its site. Raises NotFound."""
    known = await repository.provider(work.uow, provider_id)
    company = await platform.directory.company(ctx.company_id)
    site = company.site(str(known.site_id)) if known and company else None
    if known is None or site is None or site.id not in ctx.site_ids:
        raise NotFound
    try:
        return ready(platform, ctx, known), site
    except Conflict:
        raise NotFound from None


def _read(by: Ready, headers: dict[str, str], body: bytes) -> PaymentNotice | None:
    """What it says; None where that is not proven."""
    try:
        return by.provider.read(by.settings, headers, body)
    except PaymentUntrue:
        return None


HANDLERS: list[HTTPRouteHandler] = [payment_notice]
