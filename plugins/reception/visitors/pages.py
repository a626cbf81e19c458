"""The visitor register in the console, below /s/{site_id}/reception/visitors: the desk's page, and a visit's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from core.sdk import FieldError, Invalid, Malformed, Platform, Site, View, Work, local_instant, read_form, views
from plugins.reception.permissions import BAR, VISIT, VISIT_VIEW
from plugins.reception.visitors import asking, host_pages, inputs, log, log_pages, screens, service, steps
from plugins.reception.visitors.model import NewStep, NewVisit


@get("/visitors", permission=VISIT_VIEW.id)
async def visitors_here(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """Who is in the house now, who is expected, and the form for the next one."""
    return await _desk(platform, work, site, view, {})


@post("/visitors", permission=VISIT.id, status_code=200)
async def register(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Register somebody. Who waits for an answer, or may be barred, is shown next; a refusal shows the form again."""
    values = await view.form()
    try:
        visit = await service.register(platform, work, site, _new(site, values))
    except Invalid as refused:
        return await _desk(platform, work, site, view, values, refused.fields)
    page = f"/s/{site.slug}/reception/visitors"
    return view.redirect(f"{page}/{visit.id}" if visit.arrived_at and not visit.admitted_at else page)


@get("/visitors/units", permission=VISIT.id)
async def suggest_units(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    q: FromQuery[str] = "",
) -> Response[str]:
    """Options for the household that is visited: for guards too, who do not see the estate."""
    hits = await platform.estate.suggest_units(work, site, q)
    shown = tuple(views.UnitHit(str(hit.unit_id), hit.label, hit.name, hit.name) for hit in hits)
    return await view.html("reception/visitors_units.html", hits=shown)


@get("/visitors/inside", permission=VISIT_VIEW.id)
async def inside(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """Who is in the house, by place: a list to take along in an emergency (REC-7)."""
    present = [visit for visit in await service.here(work, site) if visit.status == "inside"]
    return await view.html(
        "reception/visitors_inside.html",
        rows=sorted(present, key=lambda visit: screens.natural(visit.place)),
        people=sum(visit.people for visit in present),
    )


@get("/visitors/{visit_id:uuid}", permission=VISIT_VIEW.id)
async def visit_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    visit_id: FromPath[UUID],
) -> Response[str]:
    """A visit, what happened in it, and what can be done next."""
    return await _visit(platform, work, site, view, visit_id)


@post("/visitors/{visit_id:uuid}", permission=VISIT.id, status_code=200)
async def take_step(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    visit_id: FromPath[UUID],
) -> Response[Any]:
    """Take the next step. A refusal opens its dialog again, and says why."""
    values = await view.form()
    kind = values.get("kind", "")
    told = {name: values.get(name, "") for name in ("text", "badge", "escort", "who")}
    # from a list the visitor's badge comes back with them; a dialog asks
    back = "back" in values or values.get("badge_back") == "true"
    told |= {name: values[name] for name in ("via", "party_id") if values.get(name)}
    said = read_form(
        {"kind": kind, **told, "at": local_instant(site, values.get("at", "")), "badge_back": back}, NewStep
    )
    try:
        await steps.step(platform, work, site, visit_id, said)
    except Invalid as refused:
        return await _visit(platform, work, site, view, visit_id, kind, values, refused.fields)
    page = f"/s/{site.slug}/reception/visitors"
    return view.redirect(page if "back" in values and kind != "arrive" else f"{page}/{visit_id}")


async def _desk(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str],
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    limits = await service.rules(platform, work, site)
    here = await service.here(work, site)
    today = site.today(work.now)
    days = await log.days(work, site, today, today)
    free = service.free_badges(limits, {visit.badge for visit in here if visit.badge_out})
    changes = VISIT.id in work.ctx.permissions
    faults = tuple(errors)
    rows = [(visit, screens.row(site, visit, limits, work.now, steps=changes)) for visit in here]
    return await view.html(
        "reception/visitors.html",
        status=422 if faults else 200,
        kpis=screens.kpis(here, days[0] if days else None, limits, work.now),
        form=inputs.form(limits, next(iter(free), ""), view.listed(free[1:4]), values, faults) if changes else {},
        unit_id=values.get("unit_id", ""),
        faults=tuple(each for each in faults if each.field in ("text", "at")),
        present=tuple(row for visit, row in rows if visit.status != "expected" and not row.lost),
        lost=tuple(row for _, row in rows if row.lost),
        expected=tuple(row for visit, row in rows if visit.status == "expected"),
        keeps_list=BAR.id in work.ctx.permissions,
    )


async def _visit(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    visit_id: UUID,
    taken: str = "",
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    detail = await service.detail(work, site, visit_id)
    visit = detail.visit
    changes = VISIT.id in work.ctx.permissions
    limits = await service.rules(platform, work, site)
    waiting = changes and visit.status == "waiting"
    free = service.free_badges(limits, detail.badges_out) if waiting else []
    household = await asking.occupants(platform, work, site, visit) if waiting and not detail.asked_until else None
    return await view.html(
        "reception/visit.html",
        status=422 if taken else 200,
        visit=visit,
        state=screens.STATES[visit.status],
        document=screens.ID_KINDS[visit.id_kind],
        facts=screens.facts(visit),
        asks=limits.ask and visit.unit_id is not None and visit.status == "waiting" and not visit.host_answer,
        overdue=service.overdue(visit, limits, work.now),
        steps=tuple(screens.happened(step) for step in detail.steps),
        asked_until=detail.asked_until if waiting else None,
        via=screens.VIAS[visit.answered_via],
        actions=inputs.actions(visit, free, household, taken, values, errors) if changes else (),
    )


def _new(site: Site, values: Mapping[str, str]) -> NewVisit:
    """What the form says; `then` is admit, wait or book. Raises Invalid, Malformed."""
    then = values.get("then", "admit")
    if then not in ("admit", "wait", "book"):
        raise Malformed
    texts = ("name", "purpose", "phone", "place", "host_name", "id_kind", "id_number", "badge", "escort", "plate")
    expected = local_instant(site, values.get("expected_at", "")) if then == "book" else None
    if then == "book" and expected is None:
        raise Invalid.field("expected_at", "Say when the visitor comes.")
    new = read_form(
        {
            **{name: values.get(name, "") for name in (*texts, "answered_by")},
            "people": values.get("people") or 1,
            "unit_id": values.get("unit_id") or None,
            **{name: values.get(name) == "true" for name in ("accepted", "found")},
        },
        NewVisit,
    )
    return msgspec.structs.replace(new, admit=then == "admit", expected_at=expected)


HANDLERS: list[HTTPRouteHandler] = [
    visitors_here,
    register,
    suggest_units,
    inside,
    visit_page,
    take_step,
    *log_pages.HANDLERS,
    *host_pages.HANDLERS,
]
