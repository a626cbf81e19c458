"""The public page of a site's fees, without an account: prices (BIL-1), income and expenses as published (BIL-8).

What stands there hangs in the hall as well: nobody's name, no unit, no household's amount. The link says which site it
is under our signature, and is the same for everybody.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import NotFound, Platform, Site, View, Work, client_address, document
from plugins.billing.disclosure import paper, service
from plugins.billing.disclosure.model import EditionDetail
from plugins.billing.disclosure.policy import PUBLIC, PublicRules
from plugins.billing.disclosure.screens import WORDS, told
from plugins.billing.tariffs import price_list
from plugins.billing.telling import yuan

_LISTED: Final = 60  # disclosures: five years of months


class Door(msgspec.Struct, frozen=True):
    """Whose public page is asked for, and what it shows."""

    work: Work
    company: str
    site: Site
    rules: PublicRules


@get("/public/{token:str}", public=True)
async def public_page(
    request: Request[Any, Any, Any],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    token: FromPath[str],
) -> Response[str]:
    """What there is to read: the price list, and what was published. 404 for a link that is wrong, or leads nowhere."""
    async with _opened(request, platform, token) as door:
        found = (
            await service.editions(door.work, door.site, limit=_LISTED, standing=True)
            if door.rules.disclosures
            else None
        )
    return await view.html(
        "billing/public.html",
        company=door.company,
        site=door.site,
        here=request.scope["path"],
        prices=door.rules.prices,
        editions=None if found is None else found.items,
        **WORDS,
    )


@get("/public/{token:str}/prices", public=True)
async def public_prices(
    request: Request[Any, Any, Any],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    token: FromPath[str],
) -> Response[str]:
    """What is charged today, since when, and what comes. 404 where the site does not show it."""
    async with _opened(request, platform, token) as door:
        published = await _prices(door, view)
    return await view.html("billing/public_prices.html", published=published, here=request.scope["path"])


@get("/public/{token:str}/prices/paper", public=True, media_type="application/pdf")
async def public_prices_paper(
    request: Request[Any, Any, Any],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    token: FromPath[str],
) -> Response[bytes]:
    """The same on A4. 404 where the site does not show it."""
    async with _opened(request, platform, token) as door:
        published = await _prices(door, view)
    name = price_list.file_name(view, published)
    return await document(view, "billing/price-list.typ", name, published, now=door.work.now)


@get("/public/{token:str}/{billing_disclosure_id:uuid}", public=True)
async def public_disclosure(
    request: Request[Any, Any, Any],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    token: FromPath[str],
    billing_disclosure_id: FromPath[UUID],
) -> Response[str]:
    """An edition as it was published, and which has replaced it. 404 for one of another site."""
    async with _opened(request, platform, token) as door:
        found = await _edition(door, billing_disclosure_id)
    here: str = request.scope["path"]
    return await view.html(
        "billing/public_disclosure.html",
        company=door.company,
        site=door.site,
        edition=found.edition,
        here=here,
        above=here.rpartition("/")[0],
        money=yuan,
        **told(found.edition.sums, found.lines),
    )


@get("/public/{token:str}/{billing_disclosure_id:uuid}/paper", public=True, media_type="application/pdf")
async def public_disclosure_paper(
    request: Request[Any, Any, Any],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    token: FromPath[str],
    billing_disclosure_id: FromPath[UUID],
) -> Response[bytes]:
    """An edition on A4."""
    async with _opened(request, platform, token) as door:
        found = await _edition(door, billing_disclosure_id)
    return await paper.printed(view, door.company, door.site, found, door.work.now)


@get("/public/{token:str}/{billing_disclosure_id:uuid}/export", public=True)
async def public_disclosure_export(
    request: Request[Any, Any, Any],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    token: FromPath[str],
    billing_disclosure_id: FromPath[UUID],
) -> Response[bytes]:
    """An edition as a workbook."""
    async with _opened(request, platform, token) as door:
        found = await _edition(door, billing_disclosure_id)
    return await paper.exported(view, door.site, found, door.work.now)


@asynccontextmanager
async def _opened(request: Request[Any, Any, Any], platform: Platform, token: str) -> AsyncIterator[Door]:
    """A work at the link's site, where billing is on, that changes nothing."""
    caller = client_address(request.scope, platform.settings)
    company_id, site_id = await platform.links.read(price_list.PURPOSE, token, caller, posted=True)
    ctx = await platform.system_context(company_id, site_id, plugin="billing")
    company = await platform.directory.company(company_id)
    site = company.site(str(site_id)) if company else None
    if ctx is None or company is None or company.suspended or site is None or site.id not in ctx.site_ids:
        raise NotFound
    if site.slug != request.path_params.get("site_id"):
        raise NotFound
    async with platform.work(ctx, read_only=True) as work:
        rules = await platform.policies.value(work, PUBLIC, site.id)
        if not (rules.prices or rules.disclosures):
            raise NotFound
        yield Door(work, company.name, site, rules)


async def _prices(door: Door, view: View) -> price_list.Published:
    if not door.rules.prices:
        raise NotFound
    return await price_list.published(door.work, door.site, view, door.company)


async def _edition(door: Door, id: UUID) -> EditionDetail:
    if not door.rules.disclosures:
        raise NotFound
    return await service.edition(door.work, door.site, id)


HANDLERS: list[HTTPRouteHandler] = [
    public_page,
    public_prices,
    public_prices_paper,
    public_disclosure,
    public_disclosure_paper,
    public_disclosure_export,
]
