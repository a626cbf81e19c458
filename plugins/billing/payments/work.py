"""The work behind orders: providers are asked about those that wait, for a callback may be lost; what has expired is
closed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final
from uuid import UUID

import structlog

from core.sdk import Conflict, JobSpec, Platform, Site, TenantContext, Work
from plugins.billing.payments import repository, service

ORDERS: Final = 100  # of a company at once
SECONDS: Final = 45  # in which they are asked about; the next time goes on
log = structlog.get_logger(__name__)


async def ask(work: Work, ctx: TenantContext, ids: Mapping[str, str], platform: Platform) -> None:
    """A job: ask about orders that wait. It holds no transaction meanwhile: what it finds has others."""
    found = await repository.waiting(work.uow, sorted(ctx.site_ids), work.now, ORDERS)
    await work.leave()
    company = await platform.directory.company(ctx.company_id)
    sites = {site.id: site for site in company.sites} if company else {}
    silent: set[UUID] = set()
    try:
        async with asyncio.timeout(SECONDS):
            for site_id, order_id in found:
                if site_id not in silent and not await _ask(platform, ctx, sites[site_id], order_id):
                    silent.add(site_id)  # whoever does not answer is not asked about each
    except TimeoutError:
        log.info("providers are slow", company_id=str(ctx.company_id))


async def _ask(platform: Platform, ctx: TenantContext, site: Site, order_id: UUID) -> bool:
    """Whether the provider of an order answered."""
    async with platform.work(ctx) as work:
        try:
            order = await service.get(work, site, order_id)
            if order.expires_at <= work.now:
                await service.cancel(platform, work, site, order_id, "expired")
            else:
                await service.check(platform, work, site, order_id)
        except Conflict as refused:
            log.info("order was not asked about", order_id=str(order_id), why=refused.message)
            return False
    return True


JOBS = (JobSpec("billing.orders", ask, every=30),)
