"""Prepayment offers in the console, below /s/{site_id}/billing/offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import FieldError, Invalid, Site, View, Work, local_day, msgid, read_form, views
from plugins.billing.marks import id_or_none
from plugins.billing.offers import service
from plugins.billing.offers.model import NewOffer, Offer, OfferEnd
from plugins.billing.permissions import TARIFF_MANAGE, TARIFF_VIEW
from plugins.billing.tariffs import repository as tariffs
from plugins.billing.tariffs.model import MEASURED
from plugins.billing.tariffs.screens import fields, version_seen

_ROWS: Final = 50


@get("/offers", permission=TARIFF_VIEW.id)
async def offer_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """Offers that were published, and a form for another."""
    return await _list(work, site, view)


@post("/offers", permission=TARIFF_MANAGE.id, status_code=200)
async def offer_publish(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Publish an offer."""
    values = await view.form()
    try:
        await service.add(work, site, read_form(_filled(values), NewOffer))
    except Invalid as refused:
        return await _list(work, site, view, "new", values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/offers")


@post("/offers/{billing_offer_id:uuid}", permission=TARIFF_MANAGE.id, status_code=200)
async def offer_end(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_offer_id: FromPath[UUID],
) -> Response[Any]:
    """Another last day on which an offer can be taken."""
    values = await view.form()
    try:
        end = OfferEnd(_day(values, "until"))
        await service.end(work, site, billing_offer_id, end, version_seen(values))
    except Invalid as refused:
        return await _list(work, site, view, str(billing_offer_id), values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/offers")


async def _list(
    work: Work,
    site: Site,
    view: View,
    taken: str = "",
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    after = view.query.get("after", "") if values is None else ""
    found = await service.page(work, site, None, id_or_none(after), _ROWS)
    today, manages = site.today(work.now), TARIFF_MANAGE.id in work.ctx.permissions
    bases = (*MEASURED, "fixed")
    items = [i for i in await tariffs.items(work.uow, site.id) if i.basis in bases and not i.ended(today)]

    def field_of(kind: str, default: Mapping[str, str]) -> Any:
        return fields(values, errors) if kind == taken and values is not None else fields(default, ())

    def ending(each: Offer) -> tuple[views.Field, ...]:
        field = field_of(str(each.id), {"until": str(each.until or today)})
        said = msgid("The last day on which it can be taken; empty: until further notice.")
        return (field("until", msgid("Last day"), "date", help=said),)

    field = field_of("new", {"since": str(today), "paid": "11", "free": "1"})
    asked = (
        field("item_id", msgid("Fee item"), "select",
              choices=tuple(views.Choice(str(item.id), item.title) for item in items)),
        field("title", msgid("Name of the offer"), maximum=60, required=True,
              help=msgid("As households know it, such as: pay 11 months, get 1 free.")),
        field("paid", msgid("Months paid"), maximum=2, required=True),
        field("free", msgid("Months free"), maximum=2, required=True, help=msgid("Those that follow.")),
        field("since", msgid("Can be taken from"), "date", required=True),
        field("until", msgid("Can be taken until"), "date", help=msgid("Empty: until further notice.")),
    )  # fmt: skip
    here = f"/s/{site.slug}/billing/offers"
    return await view.html(
        "billing/offers.html",
        status=422 if taken else 200,
        rows=[(each, ending(each), str(each.id) == taken) for each in found.items],
        today=today,
        fields=asked if manages and items else (),
        manages=manages,
        items=bool(items),
        show=taken == "new",
        pager_view=views.Pager(
            len(found.items), "", f"{here}?after={found.cursor}" if found.cursor else None, here if after else None
        ),
    )


def _filled(values: Mapping[str, str]) -> dict[str, object]:
    since = _day(values, "since")
    if since is None:
        raise Invalid.field("since", "Give a day.")
    return {
        "item_id": values.get("item_id", ""),
        "title": values.get("title", "").strip(),
        "paid": _months(values, "paid"),
        "free": _months(values, "free"),
        "since": since,
        "until": _day(values, "until"),
    }


def _months(values: Mapping[str, str], name: str) -> int:
    text = values.get(name, "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 3 and int(text)):
        raise Invalid.field(name, msgid("Give a number of months."))
    return int(text)


def _day(values: Mapping[str, str], name: str) -> date | None:
    return local_day(values.get(name, "").strip())


HANDLERS: list[HTTPRouteHandler] = [offer_list, offer_publish, offer_end]
