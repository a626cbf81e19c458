"""The cashier's counter in the console: a household is found, money is taken, below /s/{site_id}/billing/counter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from core.sdk import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    LodgeError,
    NotFound,
    Platform,
    Site,
    View,
    Work,
    amount_for,
    msgid,
    new_id,
)
from plugins.billing.counter import forms, reading, service
from plugins.billing.counter.capitals import capitals
from plugins.billing.counter.forms import Entered
from plugins.billing.counter.model import Wanted
from plugins.billing.counter.plan import Plan, plan
from plugins.billing.counter.reading import Household
from plugins.billing.ledger.pages import MEANS_WORDS
from plugins.billing.marks import id_of
from plugins.billing.payments import providers
from plugins.billing.payments import service as payments
from plugins.billing.permissions import COUNTER_TAKE, ROUND_OFF
from plugins.billing.policies import COUNTER
from plugins.billing.telling import yuan

LOOK = msgid("Look at where the money goes, then take it.")
_LATEST = 8  # receipts beside the search


@get("/counter", permission=COUNTER_TAKE.id)
async def counter_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    place: FromQuery[str] = "",
    unit_id: FromQuery[str] = "",
) -> Response[Any]:
    """The search for a household, and what the cashier has taken today."""
    here = f"/s/{site.slug}/billing/counter"
    if unit_id:
        return view.redirect(f"{here}/units/{id_of(unit_id)}")
    hits = await platform.estate.suggest_units(work, site, place) if place.strip() else []
    if len(hits) == 1:
        return view.redirect(f"{here}/units/{hits[0].unit_id}")
    today = site.today(work.now)
    mine = Wanted(today, today, work.ctx.actor.id)
    return await view.html(
        "billing/counter.html",
        place=place,
        hits=hits,
        receipts=await reading.listed(work, site, mine, None, _LATEST),
        sums=await reading.sums(work, site, mine),
        means_words=MEANS_WORDS,
        amount=shower(work),
    )


@get("/counter/units", permission=COUNTER_TAKE.id)
async def suggest_units(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    q: FromQuery[str] = "",
) -> Response[str]:
    """Options for the search: by unit, name or telephone number."""
    return await options(platform, work, site, view, q)


async def options(platform: Platform, work: Work, site: Site, view: View, text: str) -> Response[str]:
    """Households that a search finds while it is typed."""
    hits = await platform.estate.suggest_units(work, site, text)
    shown = [(hit, " · ".join(part for part in (hit.name, hit.phone) if part)) for hit in hits]
    return await view.html("billing/_counter_units.html", hits=shown)


@get("/counter/units/{unit_id:uuid}", permission=COUNTER_TAKE.id)
async def household_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
    party_id: FromQuery[str] = "",
) -> Response[str]:
    """What a household owes, all of its own ticked, and the form that takes the money."""
    house = await reading.household(work, site, unit_id, id_of(party_id) if party_id else None)
    payer = {"party_id": str(house.payer.party_id)} if house.payer else {}
    ticked = tuple(str(charge.charge_id) for charge in house.account.charges)
    form = Entered({"key": str(new_id()), "means": "cash", **payer}, ticked)
    return await _form(platform, work, site, view, house, form)


@post("/counter/units/{unit_id:uuid}/plan", permission=COUNTER_TAKE.id, status_code=200)
async def household_plan(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[str]:
    """Where the money goes that is being entered."""
    form = forms.entered(await view.form_lists())
    house = await _household(work, site, unit_id, form)
    spread, errors = await _spread(platform, work, site, house, form)
    return await view.html("billing/_plan.html", **_plan(work, house, form, spread, errors))


@post("/counter/units/{unit_id:uuid}", permission=COUNTER_TAKE.id, status_code=200)
async def household_pay(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[Any]:
    """Take the money as it was shown. What was not shown yet, or has changed meanwhile, is shown first."""
    form = forms.entered(await view.form_lists())
    if not form.shown:
        house = await _household(work, site, unit_id, form)
        return await _form(platform, work, site, view, house, form, told=view.say(LOOK), status=422)
    try:
        if form.by_code:
            order = await payments.make(platform, work, site, form.payment(unit_id))
            return view.redirect(f"/s/{site.slug}/billing/payments/orders/{order.id}")
        async with work.savepoint():
            taken = await service.take(platform, work, site, form.payment(unit_id))
    except Invalid as refused:
        house = await _household(work, site, unit_id, form)
        return await _form(platform, work, site, view, house, form, refused.fields, view.reason(refused), 422)
    except (Conflict, Forbidden, NotFound) as refused:
        return await _refused(platform, work, site, view, unit_id, form, refused)
    return view.redirect(f"/s/{site.slug}/billing/counter/receipts/{taken.id}")


async def _refused(
    platform: Platform, work: Work, site: Site, view: View, unit_id: UUID, form: Entered, refused: LodgeError
) -> Response[str]:
    """The form with the account as it is now: another cashier may have been first (MO-4)."""
    house = await _household(work, site, unit_id, form)
    return await _form(platform, work, site, view, house, form, told=view.reason(refused), status=refused.status)


async def _household(work: Work, site: Site, unit_id: UUID, form: Entered) -> Household:
    party = form.values.get("party_id", "")
    return await reading.household(work, site, unit_id, id_of(party) if party else None)


async def _spread(
    platform: Platform, work: Work, site: Site, house: Household, form: Entered
) -> tuple[Plan | None, list[FieldError]]:
    most = (await platform.policies.value(work, COUNTER, site.id)).round_off_most
    rounds = most if ROUND_OFF.id in work.ctx.permissions else 0
    try:
        return plan(house.ticked(form.ticked), form.asked(), rounds), []
    except Invalid as refused:
        return None, list(refused.fields)


async def _form(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    house: Household,
    form: Entered,
    errors: Iterable[FieldError] = (),
    told: str = "",
    status: int = 200,
) -> Response[str]:
    rules = await platform.policies.value(work, COUNTER, site.id)
    rounds = bool(rules.round_off_most) and ROUND_OFF.id in work.ctx.permissions
    codes = await providers.active(platform, work, site) is not None
    spread, unfit = await _spread(platform, work, site, house, form)
    if status == 200 and not form.charges:
        unfit = []  # nothing is owed, and nothing was entered yet
    return await view.html(
        "billing/pay.html",
        status=status,
        house=house,
        fields=forms.fields(house, form, [*errors, *(unfit if status != 200 else [])], rounds, codes),
        ticked=set(form.charges),
        key=form.values.get("key", ""),
        told=told,
        roles=forms.ROLES,
        **_plan(work, house, form, spread, unfit),
    )


def _plan(
    work: Work, house: Household, form: Entered, spread: Plan | None, errors: Iterable[FieldError]
) -> dict[str, Any]:
    """What `_plan.html` shows."""
    known = house.charges()
    rows = [(*known[part.charge_id], part.amount_fen) for part in spread.parts] if spread else []
    hidden = [("shown", form.mark), *forms.hidden(spread)] if spread else []
    return {
        "plan": spread,
        "rows": rows,
        "hidden": hidden,
        "faults": tuple(errors),
        "capital": amount_for(work.ctx.permissions, capitals(spread.amount_fen)) if spread else "",
        "amount": shower(work),
    }


def shower(work: Work) -> Callable[[int], str]:
    """How templates say fen."""
    held = work.ctx.permissions
    return lambda fen: amount_for(held, yuan(fen))


HANDLERS: list[HTTPRouteHandler] = [counter_page, suggest_units, household_page, household_plan, household_pay]
