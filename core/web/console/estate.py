"""The estate pages: the list of units, a household, full numbers for a reason, the unit lookup of forms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.errors import Invalid, Malformed, NotFound
from core.estate.model import HouseholdCard, Occupant, UnitRow
from core.i18n import msgid
from core.platform import Platform
from core.tenancy.directory import Site
from core.web import views
from core.web.console import words
from core.web.view import View
from core.web.views import Choice, Field, Filters, Household, HouseholdTicket, Pager, Resident, UnitHit, Word
from core.work import Work

REVEAL, REVEAL_ID = "estate.contact.reveal", "estate.identity.reveal"
_ROLES = {
    "owner": Word("owner", msgid("Owner")),
    "tenant": Word("tenant", msgid("Tenant")),
    "agent": Word("agent", msgid("Agent")),
}
_REASON = Field(
    "reason", msgid("What the number is needed for"), required=True, maximum=200, help=msgid("Recorded with your name.")
)


@get("/estate", permission="estate.view")
async def unit_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    q: FromQuery[str] = "",
    building: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[str]:
    """Units in natural order, page by page. What is searched for is searched for in all buildings."""
    page = await platform.estate.units(work, site, q, after or None, building=building or None)
    known = await platform.estate.buildings(work, site)
    here = f"/s/{site.slug}/estate"
    kept = {name: text for name, text in (("q", q), ("building", building)) if text}
    choices = (Choice("", msgid("All buildings")), *(Choice(name, name) for name in known))
    return await view.html(
        "estate/list.html",
        filters=Filters(
            text=q,
            selects=(Field("building", msgid("Building"), "select", building, choices=choices),) if known else (),
        ),
        rows=tuple(_row(site, unit) for unit in page.items),
        pager_view=Pager(
            len(page.items),
            "",
            f"{here}?{urlencode({**kept, 'after': page.cursor})}" if page.cursor else None,
            f"{here}?{urlencode(kept)}" if after else None,
        ),
        here=f"{here}?{urlencode({**kept, **({'after': after} if after else {})})}",
        can_import="estate.import" in work.ctx.permissions,
        can_reveal=REVEAL in work.ctx.permissions,
        sees_tickets="ticket.view" in work.ctx.permissions,
    )


@get("/estate/suggest", permission="estate.view")
async def suggest_units(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    q: FromQuery[str] = "",
) -> Response[str]:
    """Options for a form's unit field."""
    hits = await platform.estate.suggest_units(work, site, q)
    shown = tuple(
        UnitHit(str(h.unit_id), h.label, " · ".join(text for text in (h.name, h.phone) if text), h.name) for h in hits
    )
    return await view.html("estate/suggest.html", hits=shown)


@get("/estate/units/{unit_id:uuid}", permission="estate.view")
async def household(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[str]:
    """Who lives there: a page, or a dialog over the list."""
    card = await platform.estate.household(work, site, unit_id)
    return await view.html(
        "estate/_dialog.html" if view.htmx else "estate/household.html",
        household=_household(work, site, card),
        outlets={"household.card": card},
    )


@post("/estate/parties/{party_id:uuid}/phones", permission=REVEAL, status_code=200)
async def reveal_phones(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    party_id: FromPath[UUID],
) -> Response[str]:
    """Somebody's full telephone numbers, shown this once. Who asked, and what for, goes on record (PI-2)."""

    async def shown(reason: str) -> dict[str, Any]:
        return {"revealed": tuple(await platform.estate.reveal_phone(work, site, party_id, reason)), "reveal": None}

    return await _revealed(work, site, platform, view, party_id, "reveal", shown)


@post("/estate/parties/{party_id:uuid}/id-number", permission=REVEAL_ID, status_code=200)
async def reveal_id_number(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    party_id: FromPath[UUID],
) -> Response[str]:
    """Somebody's full ID number, shown this once. Who asked, and what for, goes on record (PI-2)."""

    async def shown(reason: str) -> dict[str, Any]:
        return {"id_number": await platform.estate.reveal_id_number(work, site, party_id, reason), "reveal_id": None}

    return await _revealed(work, site, platform, view, party_id, "reveal_id", shown)


async def _revealed(
    work: Work,
    site: Site,
    platform: Platform,
    view: View,
    party_id: UUID,
    asks: str,
    show: Callable[[str], Awaitable[dict[str, Any]]],
) -> Response[str]:
    """The resident with what `show` changes, or with the reason, which the field `asks` asks for, refused."""
    form = await view.form()
    reason = form.get("reason", "")
    try:
        changes, status = await show(reason), 200
    except Invalid as refused:
        [wrong] = refused.fields
        again = msgspec.structs.replace(_REASON, value=reason, error=wrong.message, params=wrong.params)
        changes, status = {asks: again}, int(refused.status)
    card = await platform.estate.household(work, site, _uuid(form.get("unit_id", "")))
    shown = _household(work, site, card)
    resident = next((r for r in shown.residents if r.id == str(party_id)), None)
    if resident is None:
        raise NotFound
    answered = msgspec.structs.replace(resident, **changes)
    if view.htmx:
        return await view.html("estate/_resident.html", status=status, household=shown, resident=answered)
    residents = tuple(answered if r is resident else r for r in shown.residents)
    shown = msgspec.structs.replace(shown, residents=residents)
    return await view.html("estate/household.html", status=status, household=shown, outlets={"household.card": card})


def _row(site: Site, unit: UnitRow) -> views.UnitRow:
    return views.UnitRow(
        id=str(unit.id),
        href=f"/s/{site.slug}/estate/units/{unit.id}",
        building=unit.building,
        label=unit.label,
        area="" if unit.area_m2 is None else f"{unit.area_m2:.2f}",
        people=tuple((person.name, person.phone) for person in unit.people),
        since=unit.moved_in_on,
        open_tickets=unit.open_tickets,
    )


def _household(work: Work, site: Site, card: HouseholdCard) -> Household:
    """Tickets are for those who may see tickets."""
    facts = [
        (msgid("Area (m²)"), "" if card.area_m2 is None else f"{card.area_m2:.2f}"),
        (msgid("Since"), str(card.moved_in_on or "")),
        (msgid("Remark"), card.remark),
    ]
    tickets = card.tickets if "ticket.view" in work.ctx.permissions else ()
    return Household(
        id=str(card.unit_id),
        label=card.label,
        facts=tuple((label, text) for label, text in facts if text),
        residents=tuple(_resident(work, person) for person in card.occupants),
        tickets=tuple(
            HouseholdTicket(
                t.number,
                f"/s/{site.slug}/tickets/{t.id}",
                t.description.partition("\n")[0],
                words.STATES[t.status],
            )
            for t in tickets
        ),
    )


def _resident(work: Work, person: Occupant) -> Resident:
    return Resident(
        id=str(person.party_id),
        name=person.name,
        role=_ROLES[person.role],
        id_number=person.id_number,
        phones=person.phones,
        reveal=_REASON if person.phones and REVEAL in work.ctx.permissions else None,
        reveal_id=_REASON if person.id_number and REVEAL_ID in work.ctx.permissions else None,
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Malformed from None


HANDLERS = [unit_list, suggest_units, household, reveal_phones, reveal_id_number]
