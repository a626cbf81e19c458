"""The published price list (BIL-1: tariffs are published), as a page and on paper."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from core.sdk import Platform, Site, View, Work, document, msgid
from plugins.billing.disclosure.policy import PUBLIC
from plugins.billing.offers.repository import page as offered
from plugins.billing.permissions import RENT_VIEW, TARIFF_VIEW
from plugins.billing.tariffs import screens, service
from plugins.billing.tariffs.model import CYCLES, PAYERS

PURPOSE: Final = "billing.public"  # of the link to a site's public page
_OFFERS: Final = 50  # that are published at once
_MONTHS: Final = msgid("months paid: {paid}, months free: {free}")
SHARED: Final = msgid("As it costs, shared by the households")


class Entry(msgspec.Struct, frozen=True):
    """An item as it is published, in the reader's language; '' for what there is not."""

    title: str
    price: str
    since: date | None
    cycle: str
    payer: str
    collected_for: str
    note: str
    coming: str


class Offered(msgspec.Struct, frozen=True):
    """An offer to whoever pays months ahead, in the reader's language; `until` '' until further notice."""

    title: str
    item: str
    months: str
    until: str


class Published(msgspec.Struct, frozen=True):
    """The list as it hangs in the lobby."""

    company: str
    site: str
    telephone: str
    day: str
    entries: list[Entry]
    offers: list[Offered] = []


@get("/price-list", permission=TARIFF_VIEW.id)
async def price_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """What the site charges today, to be printed and hung up, and where residents read it."""
    shown = (await platform.policies.value(work, PUBLIC, site.id)).prices
    return await view.html(
        "billing/price_list.html",
        published=await published(work, site, view),
        link=platform.settings.public_url + posted(platform, work.ctx.company_id, site) + "/prices" if shown else "",
        rents=RENT_VIEW.id in work.ctx.permissions,
    )


@get("/price-list/paper", permission=TARIFF_VIEW.id, media_type="application/pdf")
async def price_list_paper(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """The list on A4 as a PDF, shown to be printed."""
    return await _paper(work, site, view, save=False)


@get("/price-list/paper", permission=TARIFF_VIEW.id, media_type="application/pdf")
async def get_price_list_paper(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """The published price list on A4 as a PDF, in the language that is asked for (BIL-1)."""
    return await _paper(work, site, view, save=True)


def posted(platform: Platform, company_id: UUID, site: Site) -> str:
    """Where the public page of a site is, below the instance's own address."""
    return f"/s/{site.slug}/billing/public/{platform.links.make(PURPOSE, company_id, site.id)}"


async def published(work: Work, site: Site, view: View, company: str = "") -> Published:
    """Items that cost something today and have not ended, and offers that can be taken today. `company` is said where
    nobody is signed in."""
    today = site.today(work.now)
    entries = []
    for each in await service.listed(work, site, today):
        item, version, coming = each.item, each.in_force, each.coming
        if (version is None and item.basis != "shared") or item.ended(today):
            continue
        price = screens.price(item, version) if version else screens.Said(SHARED, {})
        later = screens.price(item, coming) if coming else None
        entries.append(
            Entry(
                item.title,
                view.say(price.message, **price.params),
                version.valid_from if version else None,
                view.say(CYCLES[item.cycle]),
                view.say(PAYERS[item.payer]),
                item.collected_for,
                version.note if version else "",
                view.say(
                    msgid("From {day}: {price}"), day=coming.valid_from, price=view.say(later.message, **later.params)
                )
                if coming and later
                else "",
            )
        )
    offers = [
        Offered(
            each.title,
            each.item,
            view.say(_MONTHS, paid=each.paid, free=each.free),
            str(each.until or ""),
        )
        for each in await offered(work.uow, site.id, today, None, _OFFERS)
    ]
    return Published(company or view.page.brand, site.name, site.telephone, str(today), entries, offers)


async def _paper(work: Work, site: Site, view: View, *, save: bool) -> Response[bytes]:
    list_ = await published(work, site, view)
    return await document(view, "billing/price-list.typ", file_name(view, list_), list_, save=save)


def file_name(view: View, published: Published) -> str:
    """Of the list on paper."""
    return f"{view.say(msgid('Published price list'))}-{published.site}-{published.day.replace('-', '')}"


API: list[HTTPRouteHandler] = [get_price_list_paper]
PAGES: list[HTTPRouteHandler] = [price_list, price_list_paper]
