"""A household takes an offer at the counter, below /s/{site_id}/billing/counter/units/{unit_id}/offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Conflict,
    FieldError,
    Invalid,
    LodgeError,
    Malformed,
    NotFound,
    Site,
    View,
    Work,
    amount_for,
    local_month,
    msgid,
    new_id,
    read_form,
    views,
)
from plugins.billing.counter import forms, reading
from plugins.billing.counter.capitals import capitals
from plugins.billing.counter.forms import Entered, fen_of
from plugins.billing.counter.pages import LOOK, shower
from plugins.billing.marks import id_of
from plugins.billing.offers import service
from plugins.billing.offers.model import MOST, Offer, Quote, Taking
from plugins.billing.permissions import COUNTER_TAKE

# fields of the form by those of the API
_NAMED: Final = {"given_fen": "given", "first_day": "first", "offer_id": "offer"}
_ASKED: Final = ("offer", "first")  # what the price depends on: what was shown holds while it is the same


@get("/counter/units/{unit_id:uuid}/offers", permission=COUNTER_TAKE.id)
async def offers_page(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], unit_id: FromPath[UUID]
) -> Response[str]:
    """Today's offers, what the chosen one costs at this household, and the form that takes the money."""
    query = view.query
    asked = {name: query.get(name, "") for name in (*_ASKED, "party_id")}
    return await _form(work, site, view, unit_id, {**asked, "key": str(new_id()), "means": "cash"})


@post("/counter/units/{unit_id:uuid}/offers", permission=COUNTER_TAKE.id, status_code=200)
async def offers_take(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], unit_id: FromPath[UUID]
) -> Response[Any]:
    """Take the money as it was shown. What was not shown yet is shown first."""
    values = await view.form()
    if any(values.get(f"shown_{name}", "") != values.get(name, "") for name in _ASKED):
        return await _form(work, site, view, unit_id, values, told=view.say(LOOK), status=422)
    try:
        async with work.savepoint():
            taken = await service.take(work, site, read_form(_filled(values, unit_id), Taking))
    except Invalid as refused:
        return await _form(work, site, view, unit_id, values, refused.fields, view.reason(refused), 422)
    except (Conflict, NotFound) as refused:
        return await _form(work, site, view, unit_id, values, (), view.reason(refused), refused.status)
    return view.redirect(f"/s/{site.slug}/billing/counter/receipts/{taken.id}")


async def _form(
    work: Work,
    site: Site,
    view: View,
    unit_id: UUID,
    values: Mapping[str, str],
    errors: Iterable[FieldError] = (),
    told: str = "",
    status: int = 200,
) -> Response[str]:
    party, wrong = values.get("party_id", ""), [_named(error) for error in errors]
    house = await reading.household(work, site, unit_id, id_of(party) if party else None)
    offers = (await service.page(work, site, site.today(work.now), None, MOST)).items
    offer = next((each for each in offers if str(each.id) == values.get("offer")), offers[0] if offers else None)
    try:
        quote, unfit = await _quote(work, site, unit_id, offer, _month(values.get("first", "")))
    except Invalid as refused:
        quote, unfit, wrong = None, None, [*wrong, *map(_named, refused.fields)]
    first = values.get("first", "") or (f"{quote.first_day:%Y-%m}" if quote else "")
    chosen = {**values, "offer": str(offer.id) if offer else "", "first": first}
    if house.payer:
        chosen["party_id"] = str(house.payer.party_id)
    return await view.html(
        "billing/take_offer.html",
        status=status,
        house=house,
        offers=offers,
        offer=_choice(offers, offer),
        first=_field("first", msgid("First month"), "month", first, wrong),
        fields=forms.fields(house, Entered(chosen), wrong, rounds=False),
        quote=quote,
        unfit=view.reason(unfit) if unfit else "",
        shown=[(f"shown_{name}", chosen[name]) for name in _ASKED],
        key=values.get("key", ""),
        told=told,
        capital=amount_for(work.ctx.permissions, capitals(quote.amount_fen)) if quote else "",
        amount=shower(work),
    )


async def _quote(
    work: Work, site: Site, unit_id: UUID, offer: Offer | None, first: date | None
) -> tuple[Quote | None, LodgeError | None]:
    if offer is None:
        return None, None
    try:
        return await service.quote(work, site, offer.id, unit_id, first), None
    except Conflict as refused:
        return None, refused


def _filled(values: Mapping[str, str], unit_id: UUID) -> dict[str, object]:
    cash, agent = values.get("means", "cash") == "cash", values.get("by") == "agent"
    if agent and not values.get("agent_name", "").strip():
        raise Invalid.field("agent_name", msgid("Enter the agent's name."))
    text = values.get("amount_fen", "")
    return {
        "key": values.get("key", ""),
        "offer_id": values.get("offer", ""),
        "unit_id": unit_id,
        "first_day": _month(values.get("first", "")),
        "party_id": values.get("party_id", ""),
        "means": values.get("means", ""),
        "amount_fen": int(text) if text.isascii() and text.isdecimal() and len(text) < 15 else 0,
        "given_fen": fen_of(values.get("given", ""), "given") if cash else None,
        "reference": "" if cash else values.get("reference", ""),
        "agent_name": values.get("agent_name", "") if agent else "",
        "agent_relation": values.get("agent_relation", "") if agent else "",
        "identified": values.get("identified") == "true",
        "remark": values.get("remark", ""),
    }


def _choice(offers: Iterable[Offer], chosen: Offer | None) -> views.Field:
    choices = tuple(views.Choice(str(each.id), f"{each.item} · {each.title}") for each in offers)
    return views.Field("offer", msgid("Offer"), "select", str(chosen.id) if chosen else "", choices=choices)


def _field(name: str, label: str, kind: Any, value: str, errors: Iterable[FieldError]) -> views.Field:
    made = views.Field(name, label, kind, value, required=True)
    for error in errors:
        if error.field == name:
            made = msgspec.structs.replace(made, error=error.message, params=error.params)
    return made


def _named(error: FieldError) -> FieldError:
    return FieldError(_NAMED.get(error.field, error.field), error.message, error.params)


def _month(text: str) -> date | None:
    try:
        return local_month(text)
    except Malformed:
        raise Invalid.field("first", msgid("Choose a month.")) from None


HANDLERS: list[HTTPRouteHandler] = [offers_page, offers_take]
