"""What owners say to any employee becomes a ticket heard by staff (REC-13): rules, JSON API and console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, JSONBody

from core.sdk import Invalid, NewTicket, Platform, Site, View, Work, msgid, read_form, ticket_queue, views
from plugins.reception import log
from plugins.reception.permissions import OPINION

_FIELDS = {"reporter_name": "owner_name", "description": "opinion"}


class NewOpinion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an owner said, where they live as far as is known, and their name if they gave it."""

    opinion: Annotated[str, msgspec.Meta(max_length=4000)]
    category: Annotated[str, msgspec.Meta(max_length=100)]
    unit_id: UUID | None = None
    place: Annotated[str, msgspec.Meta(max_length=100)] = ""
    owner_name: Annotated[str, msgspec.Meta(max_length=60)] = ""


class Filed(msgspec.Struct, frozen=True):
    """The ticket that an opinion became."""

    ticket_id: UUID
    number: str


async def file(platform: Platform, work: Work, site: Site, new: NewOpinion) -> Filed:
    """Make a ticket of it, first heard by whoever files it (TKT-2). Raises Invalid naming the fields."""
    if not new.opinion.strip():
        raise Invalid.field("opinion", "Write down what was said.")
    try:
        ticket = await platform.tickets.create(
            work,
            site,
            NewTicket(
                description=new.opinion.strip(),
                category=new.category,
                channel="staff_opinion",
                unit_id=new.unit_id,
                place=new.place.strip(),
                reporter_name=new.owner_name.strip(),
            ),
        )
    except Invalid as refused:
        named = [msgspec.structs.replace(each, field=_FIELDS.get(each.field, each.field)) for each in refused.fields]
        raise Invalid(fields=named) from None
    await log.heard(work, site, ticket)
    return Filed(ticket.id, ticket.number)


@post("/opinions", permission=OPINION.id)
async def file_opinion(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[NewOpinion],
) -> Filed:
    """File an opinion heard from an owner; it becomes a ticket."""
    return await file(platform, work, site, data)


@get("/opinions", permission=OPINION.id)
async def opinion_form(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The form that every employee has."""
    return await _page(platform, work, site, view, {})


@get("/opinions/units", permission=OPINION.id)
async def suggest_places(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    q: FromQuery[str] = "",
) -> Response[str]:
    """Options for the unit: labels alone, as not everybody may see who lives there."""
    hits = {hit.unit_id: hit.label for hit in await platform.estate.suggest_units(work, site, q) if hit.by == "unit"}
    shown = tuple(views.UnitHit(str(unit_id), label, "", "") for unit_id, label in hits.items())
    return await view.html("reception/visitors_units.html", hits=shown)


@post("/opinions", permission=OPINION.id, status_code=200)
async def post_opinion(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """File what was written. A refusal comes back with the form as it was filled in."""
    values = await view.form()
    texts = {name: values.get(name, "") for name in ("opinion", "category", "place", "owner_name")}
    try:
        new = read_form({**texts, "unit_id": values.get("unit_id") or None}, NewOpinion)
        filed = await file(platform, work, site, new)
    except Invalid as refused:
        return await _page(platform, work, site, view, values, refused)
    if not view.htmx:
        return view.redirect(f"/s/{site.slug}/reception/opinions")
    return await _page(platform, work, site, view, {}, filed=filed)


async def _page(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str],
    refused: Invalid | None = None,
    filed: Filed | None = None,
) -> Response[str]:
    wrong = {error.field: error for error in (refused.fields if refused else ())}

    def field(name: str, label: str, kind: Any = "text", **more: Any) -> views.Field:
        error = wrong.get(name)
        said = {"error": error.message, "params": error.params} if error else {}
        return views.Field(name, label, kind, values.get(name, ""), **{**more, **said})

    categories = await platform.tickets.categories(work, site)
    choices = tuple(views.Choice(c.key, ticket_queue.title(c, work.ctx.locale)) for c in categories)
    place = field("place", msgid("Unit or place"), maximum=100)
    unit = wrong.get("unit_id")
    return await view.html(
        "reception/opinions.html",
        status=422 if refused else 200,
        toast=view.say(msgid("Filed as {number}."), number=filed.number) if filed else None,
        opinion=field("opinion", msgid("What the owner said"), "textarea", required=True, maximum=4000),
        place=msgspec.structs.replace(place, error=unit.message, params=unit.params) if unit else place,
        unit_id=values.get("unit_id", ""),
        fields=(
            field("category", msgid("Topic"), "select", choices=choices),
            field("owner_name", msgid("Owner's name"), maximum=60, help=msgid("If they gave it.")),
        ),
    )


API: list[HTTPRouteHandler] = [file_opinion]
PAGES: list[HTTPRouteHandler] = [opinion_form, suggest_places, post_opinion]
