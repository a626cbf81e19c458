"""Visits in the console: a day's way, a visit that is agreed; below /s/{site_id}/billing/collection."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from core.sdk import (
    Conflict,
    FieldError,
    Invalid,
    LodgeError,
    Malformed,
    NotFound,
    Platform,
    PreconditionFailed,
    Site,
    View,
    Work,
    local_day,
    msgid,
    read_form,
    views,
)
from plugins.billing.arrears.screens import money
from plugins.billing.collection import forms, paper, repository, service
from plugins.billing.collection.model import ROWS, ChangedVisit, NewHomeVisit, VisitOutcome, VisitStatus
from plugins.billing.counter import pages as counter_pages
from plugins.billing.counter import reading
from plugins.billing.permissions import ARREARS_VIEW, BOOK_ISSUE, COLLECTION_TAKE, COLLECTION_VIEW, RECEIPT_VIEW

STATES: Final[dict[VisitStatus, views.Word]] = {
    "agreed": views.Word("agreed", msgid("visit agreed"), "info"),
    "paid": views.Word("paid", msgid("paid at home"), "ok"),
    "unpaid": views.Word("unpaid", msgid("not paid"), "warn"),
    "called_off": views.Word("called_off", msgid("called off")),
}


@get("/collection", permission=COLLECTION_VIEW.id)
async def visit_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The visits of a day along the way, with what is owed."""
    query = view.query
    today = site.today(work.now)
    day, collector = day_in(query, today), id_in(query.get("collector", ""))
    status: Any = query["status"] if query.get("status") in STATES else None
    cursor = query.get("after") or None
    found = await service.listed(work, site, day, collector, status, cursor, ROWS)
    people = {str(id): name for id, name in await service.collectors(work, site, day)}
    here = f"/s/{site.slug}/billing/collection"
    kept = urlencode({"day": day, "collector": query.get("collector", ""), "status": status or ""})
    whose = urlencode({"day": day, "collector": collector or ""})
    return await view.html(
        "billing/collection.html",
        visits=found.items,
        day=views.Field("day", msgid("Day"), "date", str(day)),
        selects=(
            _select("collector", msgid("All collectors"), people, str(collector) if collector else ""),
            _select("status", msgid("All visits"), {k: w.label for k, w in STATES.items()}, status or ""),
        ),
        owed_fen=sum(visit.open_fen for visit in found.items if visit.status == "agreed"),
        taken_fen=sum(visit.amount_fen or 0 for visit in found.items),
        open=sum(visit.status == "agreed" for visit in found.items),
        sheet=f"{here}/sheet?{whose}",
        entry=f"{here}/entry?{whose}",
        pager_view=views.Pager(
            len(found.items),
            "",
            f"{here}?{kept}&after={found.cursor}" if found.cursor else None,
            f"{here}?{kept}" if cursor else None,
        ),
        **words(work),
    )


@get("/collection/units", permission=COLLECTION_TAKE.id)
async def suggest_units(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    q: FromQuery[str] = "",
) -> Response[str]:
    """Options for the search: by unit, name or telephone number."""
    return await counter_pages.options(platform, work, site, view, q)


@get("/collection/new", permission=COLLECTION_TAKE.id)
async def visit_new(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    place: FromQuery[str] = "",
    unit_id: FromQuery[str] = "",
) -> Response[Any]:
    """The search for a household, or the form of a visit to it."""
    if unit_id:
        return await _new(platform, work, site, view, _id(unit_id))
    hits = await platform.estate.suggest_units(work, site, place) if place.strip() else []
    if len(hits) == 1:
        return view.redirect(f"/s/{site.slug}/billing/collection/new?unit_id={hits[0].unit_id}")
    return await view.html("billing/visit_new.html", place=place, hits=hits, house=None, **words(work))


@post("/collection/new", permission=COLLECTION_TAKE.id, status_code=200)
async def visit_agree(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Note a visit that a household agrees to."""
    values = await view.form()
    unit_id = _id(values.get("unit_id", ""))
    try:
        given = {"unit_id": str(unit_id), "party_id": values.get("party_id", "")}
        new = read_form(
            {**given, **forms.when(values), "dunning_id": values.get("dunning_id") or None}, NewHomeVisit
        )  # fmt: skip
        async with work.savepoint():
            made = await service.agree(platform, work, site, new)
    except Invalid as refused:
        return await _new(platform, work, site, view, unit_id, values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/collection?day={made.day}")


@get("/collection/visits/{billing_visit_id:uuid}", permission=COLLECTION_VIEW.id)
async def visit_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_visit_id: FromPath[UUID],
) -> Response[str]:
    """A visit, and what can be done with it."""
    return await _visit(platform, work, site, view, billing_visit_id)


@post("/collection/visits/{billing_visit_id:uuid}", permission=COLLECTION_TAKE.id, status_code=200)
async def visit_act(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_visit_id: FromPath[UUID],
) -> Response[Any]:
    """Agree on another time, note that nothing was paid, or call it off."""
    values = await view.form()
    kind, seen, visit_id = values.get("kind", ""), forms.version_of(values), billing_visit_id

    async def act() -> None:
        if kind == "change":
            new = read_form(forms.when(values), ChangedVisit)
            await service.change(platform, work, site, visit_id, new, seen)
            return
        told = read_form({"reason": values.get("reason", "")}, VisitOutcome)
        if kind == "unpaid":
            await service.not_paid(work, site, visit_id, told, seen)
        elif kind == "call-off":
            await service.call_off(work, site, visit_id, told, seen)
        else:
            raise Malformed

    refused = await attempt(work, act())
    if refused is not None:
        return await _visit(platform, work, site, view, visit_id, kind, values, refused)
    return view.redirect(f"/s/{site.slug}/billing/collection/visits/{visit_id}")


@get("/collection/sheet", permission=COLLECTION_VIEW.id, media_type="application/pdf")
async def sheet_page(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """The route sheet of a day, shown to be printed."""
    day = day_in(view.query, site.today(work.now))
    return await paper.route(work, site, view, day, id_in(view.query.get("collector", "")), save=False)


async def attempt(work: Work, act: Awaitable[None]) -> LodgeError | None:
    """Why it was refused; None where it was done."""
    try:
        async with work.savepoint():
            await act
    except (Invalid, Conflict, PreconditionFailed) as refused:
        return refused
    return None


def words(work: Work) -> dict[str, Any]:
    """What every page of it is given besides."""
    held = work.ctx.permissions
    return {
        "amount": money(work),
        "states": STATES,
        "takes": COLLECTION_TAKE.id in held,
        "issues": BOOK_ISSUE.id in held,
        "reads": RECEIPT_VIEW.id in held,
        "dunns": ARREARS_VIEW.id in held,
    }


def staff(platform: Platform, work: Work, site: Site) -> list[tuple[UUID, str]]:
    """Who can go."""
    return [(each.id, each.name) for each in platform.directory.colleagues(work.ctx.company_id, site)]


def day_in(query: Mapping[str, str], today: date) -> date:
    """The day that an address names, else today."""
    try:
        return local_day(query.get("day", "")) or today
    except Malformed:
        return today


def id_in(text: str) -> UUID | None:
    """The id that an address names, if any."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


async def _new(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    unit_id: UUID,
    values: Mapping[str, str] = {},
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    house = await reading.household(work, site, unit_id)
    dunnings = await repository.dunnings(work.uow, site.id, unit_id)
    given = values or {"day": str(site.today(work.now)), "collector_id": str(work.ctx.actor.id or "")}
    return await view.html(
        "billing/visit_new.html",
        status=422 if values else 200,
        place="",
        hits=[],
        house=house,
        fields=forms.agreeing(given, errors, house.people, staff(platform, work, site), dunnings),
        visits=await repository.of_unit(work.uow, site.id, site.today(work.now), unit_id),
        **words(work),
    )


async def _visit(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    visit_id: UUID,
    which: str = "",
    values: Mapping[str, str] = {},
    refused: LodgeError | None = None,
) -> Response[str]:
    visit = await service.get(work, site, visit_id)
    errors = refused.fields if isinstance(refused, Invalid) else ()
    told = view.reason(refused) if refused and not errors else ""

    def dialog(name: str, label: str, icon: str, fields: forms.Fields) -> dict[str, Any]:
        hidden = [("kind", name), ("version", visit.version)]
        shown = bool(errors) and which == name
        return {"name": name, "label": label, "icon": icon, "hidden": hidden, "fields": fields, "show": shown}

    def of(name: str) -> tuple[Mapping[str, str], Iterable[FieldError]]:
        return (values, errors) if errors and which == name else ({}, ())

    people, unpaid, off = staff(platform, work, site), msgid("Why was nothing paid?"), msgid("Why does nobody go?")
    dialogs = [
        dialog("change", msgid("Another time"), "calendar-event", forms.changing(visit, *of("change"), people)),
        dialog("unpaid", msgid("Nothing was paid"), "circle-x", forms.reason(unpaid, *of("unpaid"))),
        dialog("call-off", msgid("Call it off"), "calendar-off", forms.reason(off, *of("call-off"))),
    ]
    open_ = visit.status == "agreed" and COLLECTION_TAKE.id in work.ctx.permissions
    return await view.html(
        "billing/visit.html",
        status=refused.status if refused else 200,
        visit=visit,
        state=STATES[visit.status],
        dialogs=dialogs if open_ else [],
        told=told,
        **words(work),
    )


def _select(name: str, every: str, choices: Mapping[str, str], value: str) -> views.Field:
    found = (views.Choice("", every), *(views.Choice(code, label) for code, label in choices.items()))
    return views.Field(name, every, "select", value, choices=found)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


HANDLERS: list[HTTPRouteHandler] = [
    visit_list,
    suggest_units,
    visit_new,
    visit_agree,
    visit_page,
    visit_act,
    sheet_page,
]
