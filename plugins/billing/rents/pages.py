"""Rent contracts in the console, below /s/{site_id}/billing/rents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import Conflict, FieldError, Invalid, Site, View, Work, amount_for, local_day, msgid, read_form, views
from plugins.billing.permissions import CORRECTION_CREATE, CORRECTION_VIEW, RENT_MANAGE, RENT_VIEW, RUN_VIEW
from plugins.billing.rents import book, repository, screens, service
from plugins.billing.rents.model import PER, SHOWN, Agreed, NewRent, Rent, RentChange, Show, Step
from plugins.billing.tariffs import repository as tariffs
from plugins.billing.tariffs.assignments import unit_named
from plugins.billing.tariffs.model import FeeItem
from plugins.billing.tariffs.screens import choices, version_seen
from plugins.billing.telling import yuan

_ROWS: Final = 50
_SOON: Final = timedelta(days=60)  # what ends by then is marked


@get("/rents", permission=RENT_VIEW.id)
async def rent_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """Rent contracts, those first that end soonest."""
    show, text, item_id = _asked(view)
    found = await service.page(work, site, show, text, item_id, view.query.get("after") or None, _ROWS)
    items = await _items(work, site)
    today, held = site.today(work.now), work.ctx.permissions
    here = f"/s/{site.slug}/billing/rents"
    kept = {name: value for name, value in (("show", show), ("item", str(item_id or "")), ("q", text)) if value}
    every = (views.Choice("", msgid("All items")), *(views.Choice(str(item.id), item.title) for item in items))
    selects = (
        views.Field("show", msgid("Show"), "select", show, choices=choices(SHOWN)),
        views.Field("item", msgid("Fee item"), "select", str(item_id or ""), choices=every),
    )
    return await view.html(
        "billing/rents.html",
        rows=found.items,
        soon=today + _SOON,
        today=today,
        per=PER,
        items=bool(items),
        enters=RENT_MANAGE.id in held and any(not item.ended(today) for item in items),
        searched=bool(text or item_id or show == "ended"),
        filters=views.Filters(text=text, selects=selects),
        price=_price(work),
        export=f"{here}/export?{urlencode(kept)}",
        pager_view=views.Pager(
            len(found.items),
            "",
            f"{here}?{urlencode({**kept, 'after': found.cursor})}" if found.cursor else None,
            f"{here}?{urlencode(kept)}" if view.query.get("after") else None,
        ),
    )


@get("/rents/export", permission=RENT_VIEW.id)
async def rent_export(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """The list as a workbook."""
    return await book.exported(work, site, view, *_asked(view))


@get("/rents/new", permission=RENT_MANAGE.id)
async def rent_new(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The form for a contract, which an address may fill in: item_id, unit, party_id, per, first_day."""
    names = ("item_id", "unit", "party_id", "per", "first_day")
    given = {name: view.query[name][:80] for name in names if name in view.query}
    today = str(site.today(work.now))
    return await _form(work, site, view, {"first_day": today, "every_months": "12", "rounding_unit": "fen", **given})


@post("/rents/preview", permission=RENT_MANAGE.id, status_code=200)
async def rent_preview(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The form with who is at the unit, and the prices step by step; nothing is kept."""
    values = await view.form()
    found: list[Step] = []
    try:
        if screens.there(values):
            terms = read_form(screens.agreed(values), Agreed)
            service.checked(terms)
            found = service.steps(terms)
    except Invalid as refused:
        return await _form(work, site, view, values, refused.fields)
    return await _form(work, site, view, values, found=found)


@post("/rents", permission=RENT_MANAGE.id, status_code=200)
async def rent_add(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Enter a contract."""
    values = await view.form()
    try:
        unit_id = await unit_named(work, site, values.get("unit", ""))
        if not values.get("party_id"):
            raise Invalid.field("party_id", "Choose the tenant.")
        named = {name: values.get(name, "").strip() for name in ("item_id", "party_id", "number", "note")}
        if not named["number"]:
            raise Invalid.field("number", "Give the contract's number.")
        rent = await service.add(
            work, site, read_form({**screens.agreed(values), **named, "unit_id": unit_id}, NewRent)
        )
    except Invalid as refused:
        return await _form(work, site, view, values, refused.fields, status=422)
    return view.redirect(f"/s/{site.slug}/billing/rents/{rent.id}")


@get("/rents/{billing_rent_id:uuid}", permission=RENT_VIEW.id)
async def rent_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_rent_id: FromPath[UUID],
) -> Response[str]:
    """A contract: who pays what from when to when, and what has been billed."""
    return await _rent(work, site, view, billing_rent_id)


@post("/rents/{billing_rent_id:uuid}", permission=RENT_MANAGE.id, status_code=200)
async def rent_act(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_rent_id: FromPath[UUID],
) -> Response[Any]:
    """End a contract early, or change its number and note: `kind` says which."""
    values = await view.form()
    kind = "end" if values.get("kind") == "end" else "change"
    rent = await service.get(work, site, billing_rent_id)
    try:
        async with work.savepoint():
            await service.change(work, site, rent.id, _change(rent, kind, values), version_seen(values))
    except Invalid as refused:
        return await _rent(work, site, view, rent.id, kind, values, refused.fields)
    except Conflict as refused:
        wrong = FieldError("ended_on", refused.message, refused.params)
        return await _rent(work, site, view, rent.id, "end", values, [wrong])
    return view.redirect(f"/s/{site.slug}/billing/rents/{rent.id}")


def _change(rent: Rent, kind: str, values: Mapping[str, str]) -> RentChange:
    if kind == "end":
        ended_on = local_day(values.get("ended_on", "").strip())
        if ended_on is None:
            raise Invalid.field("ended_on", "Give a day.")
        return RentChange(number=rent.number, note=rent.note, ended_on=ended_on)
    filled = {"number": values.get("number", "").strip(), "note": values.get("note", "").strip()}
    if not filled["number"]:
        raise Invalid.field("number", "Give the contract's number.")
    return read_form({**filled, "ended_on": rent.ended_on}, RentChange)


async def _form(
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str],
    errors: Iterable[FieldError] = (),
    found: Iterable[Step] = (),
    status: int = 200,
) -> Response[str]:
    today = site.today(work.now)
    items = [item for item in await _items(work, site) if not item.ended(today)]
    people: list[tuple[str, str]] = []
    if values.get("unit", "").strip():
        unit = await tariffs.unit(work.uow, site.id, None, values["unit"].strip())
        if unit is not None:
            # somebody may be there twice, as an owner who rents
            named = {str(id): name for id, name, _ in await repository.people(work.uow, site.id, unit.id)}
            people = list(named.items())
    return await view.html(
        "billing/rent_new.html",
        status=status,
        groups=screens.new_fields(items, people, values, errors),
        steps=list(found),
        per=values.get("per", "month"),
        words=PER,
        items=bool(items),
        price=_price(work),
    )


async def _rent(
    work: Work,
    site: Site,
    view: View,
    rent_id: UUID,
    taken: str = "",
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    detail = await service.detail(work, site, rent_id)
    rent, held = detail.rent, work.ctx.permissions
    stored = screens.as_form(rent)
    wrong = tuple(errors)
    shown = {
        kind: (values, wrong) if kind == taken and values is not None else (stored, ()) for kind in ("change", "end")
    }
    beyond = any(line.beyond and line.issued for line in detail.billed)
    since = rent.until + timedelta(1)
    follows = {
        "item_id": rent.item_id,
        "unit": rent.unit,
        "party_id": rent.party_id,
        "per": rent.per,
        "first_day": since,
    }
    mend = {"unit": rent.unit, "item_id": rent.item_id, "since": since}
    return await view.html(
        "billing/rent.html",
        status=422 if taken else 200,
        rent=rent,
        detail=detail,
        today=site.today(work.now),
        rise=screens.rise_in_words(rent.rise),
        words=PER,
        change=screens.change_fields(*shown["change"]) if RENT_MANAGE.id in held else (),
        end=screens.end_fields(*shown["end"]) if RENT_MANAGE.id in held else (),
        taken=taken,
        opens=RUN_VIEW.id in held,
        beyond=beyond,
        corrections=f"?{urlencode(mend)}" if beyond and {CORRECTION_VIEW.id, CORRECTION_CREATE.id} <= held else "",
        follows=f"?{urlencode(follows)}",
        price=_price(work),
        money=lambda fen: amount_for(held, yuan(fen)),
    )


async def _items(work: Work, site: Site) -> list[FeeItem]:
    return [item for item in await tariffs.items(work.uow, site.id) if item.basis == "rent"]


def _asked(view: View) -> tuple[Show, str, UUID | None]:
    query = view.query
    try:
        item_id = UUID(query["item"]) if query.get("item") else None
    except ValueError:
        item_id = None
    return "ended" if query.get("show") == "ended" else "current", query.get("q", "")[:80], item_id


def _price(work: Work) -> Any:
    held = work.ctx.permissions
    return lambda price: amount_for(held, screens.short(price))


HANDLERS: list[HTTPRouteHandler] = [
    rent_list,
    rent_export,
    rent_new,
    rent_preview,
    rent_add,
    rent_page,
    rent_act,
]
