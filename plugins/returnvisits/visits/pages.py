"""Return visits in the console, below /s/{site_id}/returnvisits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    FieldError,
    Invalid,
    Malformed,
    Platform,
    Site,
    View,
    Work,
    local_day,
    local_instant,
    msgid,
    read_form,
    signature_of,
    views,
    words,
)
from plugins.returnvisits.areas import repository as areas
from plugins.returnvisits.permissions import ASSIGN, DRAW, RECORD, REPORT, VIEW
from plugins.returnvisits.policies import HANDLING, RULES
from plugins.returnvisits.visits import added, screens, service
from plugins.returnvisits.visits.model import Assign, Attempt, Cancel, Measure, NewVisit, Outcome

_NEW = ("ticket_number", "about")


@get("/", permission=VIEW.id)
async def visit_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The visits that are owed, or those made and cancelled, by area and person."""
    return await _list(platform, work, site, view)


@get("/count", permission=VIEW.id)
async def visit_count(work: NamedDependency[Work], site: NamedDependency[Site]) -> Response[str]:
    """The number beside the entry in the navigation: what the reader could make now; nothing for none."""
    return Response(str(await service.waiting(work, site) or ""), media_type="text/html")


@post("/visits", permission=ASSIGN.id, status_code=200)
async def add_visit(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """A visit besides those that are drawn. A refusal shows the form again."""
    values = await view.form()
    try:
        new = {**{name: values.get(name, "") for name in _NEW}, "visitor_id": values.get("visitor_id") or None}
        due_on = local_day(values.get("due_on", ""))
        if due_on is None:
            raise Invalid.field("due_on", "Choose today or a later day.")
        visit = await added.add(platform, work, site, read_form({**new, "due_on": due_on}, NewVisit))
    except Invalid as refused:
        return await _list(platform, work, site, view, values, refused.fields)
    return view.redirect(f"/s/{site.slug}/returnvisits/visits/{visit.id}")


@get("/visits/{returnvisits_visit_id:uuid}", permission=VIEW.id)
async def visit_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    returnvisits_visit_id: FromPath[UUID],
) -> Response[str]:
    """A visit: the form for what the household says, what happened, what can be done."""
    return await _visit(platform, work, site, view, returnvisits_visit_id)


@post("/visits/{returnvisits_visit_id:uuid}", permission=RECORD.id, status_code=200)
async def visit_step(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    returnvisits_visit_id: FromPath[UUID],
) -> Response[Any]:
    """Record what the household says, that nobody was reached, or a signature; leads also give, cancel and answer
    visits. A refusal shows the form again, and says why."""
    values = await view.form()
    kind = values.get("kind", "")
    try:
        await _take(platform, work, site, view, returnvisits_visit_id, kind, values)
    except Invalid as refused:
        return await _visit(platform, work, site, view, returnvisits_visit_id, kind, values, refused.fields)
    return view.redirect(f"/s/{site.slug}/returnvisits/visits/{returnvisits_visit_id}")


async def _take(
    platform: Platform, work: Work, site: Site, view: View, visit_id: UUID, kind: str, values: Mapping[str, str]
) -> None:
    seen = int(values["version"]) if values.get("version", "").isdecimal() else None
    if kind in ("assign", "cancel", "measure"):
        service.lead(work)
    match kind:
        case "outcome":
            names = ("way", "quality", "effect", "satisfaction", "shortcomings", "opinions")
            said = read_form({name: values.get(name, "") for name in names}, Outcome)
            await service.finish(platform, work, site, visit_id, said, seen)
        case "attempt":
            again = local_instant(site, values.get("again_at", ""))
            tried = {"way": values.get("way", "phone"), "text": values.get("text", ""), "again_at": again}
            await service.attempt(platform, work, site, visit_id, read_form(tried, Attempt), seen)
        case "signature":
            await service.sign(platform, work, site, visit_id, await signature_of(view))
        case "assign":
            to = read_form({"visitor_id": values.get("visitor_id", "")}, Assign)
            await service.assign(platform, work, site, visit_id, to, seen)
        case "cancel":
            await service.cancel(work, site, visit_id, read_form({"reason": values.get("reason", "")}, Cancel), seen)
        case "measure":
            due_on = local_day(values.get("due_on", ""))
            if due_on is None:
                raise Invalid.field("due_on", "Say until when.")
            answer = {name: values.get(name, "") for name in ("measure", "responsible_id")}
            await service.measure(
                platform, work, site, visit_id, read_form({**answer, "due_on": due_on}, Measure), seen
            )
        case _:
            raise Malformed


async def _list(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    names = ("which", "mine", "rule", "area_id", "visitor_id", "q")
    query = {name: text for name in names if (text := view.query.get(name, "").strip())}
    asked = {"text" if name == "q" else name: text for name, text in query.items()}
    wanted = service.wanted(**asked, cursor=view.query.get("after") or None)
    found, following = await service.page(work, site, wanted)
    rules = (await platform.policies.value(work, RULES, site.id)).rules
    staff = platform.directory.colleagues(work.ctx.company_id, site)
    address = f"/s/{site.slug}/returnvisits?"
    colleagues = {str(c.id): c.name for c in staff}
    chosen = {name: query.get(name, "") for name in names}
    selects = (
        views.Field("rule", msgid("Rule"), "select", chosen["rule"],
                    choices=words.choices({rule.key: rule.title for rule in rules}, msgid("All rules"))),
        views.Field("area_id", msgid("Area"), "select", chosen["area_id"], choices=words.choices(
            {str(area.id): area.name for area in await areas.listed(work.uow, site.id)}, msgid("All areas"))),
        views.Field("visitor_id", msgid("Visited by"), "select", chosen["visitor_id"],
                    choices=words.choices(colleagues, msgid("Everybody"))),
    )  # fmt: skip
    leads = ASSIGN.id in work.ctx.permissions
    return await view.html(
        "returnvisits/visits.html",
        status=422 if values is not None else 200,
        rows=tuple(screens.row(site, visit) for visit in found),
        which=wanted.which,
        mine=wanted.mine,
        filters=views.Filters(text=chosen["q"], selects=selects),
        hidden={name: chosen[name] for name in ("which", "mine") if chosen[name]},
        pager_view=views.Pager(
            len(found),
            "",
            address + urlencode({**query, "after": following}) if following else None,
            address + urlencode(query) if view.query.get("after") else None,
        ),
        now_shown=address + urlencode(view.query),
        forms=f"/s/{site.slug}/returnvisits/paper?{urlencode(query)}" if wanted.which in ("open", "overdue") else "",
        add=_new_fields(site, work, colleagues, values or {}, errors) if leads else (),
        show=values is not None,
        sees_draws=DRAW.id in work.ctx.permissions,
        sees_report=REPORT.id in work.ctx.permissions,
    )


def _new_fields(
    site: Site, work: Work, colleagues: Mapping[str, str], values: Mapping[str, str], errors: Iterable[FieldError]
) -> tuple[views.Field, ...]:
    field = screens.fields(values, errors)
    tomorrow = str(site.today(work.now) + timedelta(days=1))
    anybody = words.choices(dict(colleagues), msgid("Front desk"))
    return (
        field("ticket_number", msgid("Ticket number"), maximum=20, required=True),
        field("about", msgid("What it is about"), "textarea", maximum=500),
        field("visitor_id", msgid("Visited by"), "select", choices=anybody),
        field("due_on", msgid("Until"), "date", default=tomorrow, required=True),
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
    wrong = tuple(errors)
    handling = await platform.policies.value(work, HANDLING, site.id)
    staff = [(str(c.id), c.name) for c in platform.directory.colleagues(work.ctx.company_id, site)]
    again = screens.local_minute(site, work.now + timedelta(hours=handling.again_hours))
    form_values = values if taken == "outcome" and values is not None else {}
    unsigned = next((view.say(error.message, **error.params) for error in wrong), "") if taken == "signature" else ""
    return await view.html(
        "returnvisits/visit.html",
        status=422 if taken else 200,
        visit=visit,
        state=screens.STATES[visit.status],
        clock_view=screens.clock(visit),
        source=screens.SOURCES[visit.source],
        way=screens.WAYS[visit.way],
        who=visit.visitor_name or screens.ROLES[visit.visitor_role],
        own_work=service.is_own_work(work, visit),
        steps=tuple(screens.happened(step) for step in detail.steps),
        said=screens.said(visit),
        form=screens.outcome(visit, form_values, wrong if taken == "outcome" else ())
        if "outcome" in detail.actions
        else (),
        signs="signature" in detail.actions,
        unsigned=unsigned,
        actions=screens.actions(visit, detail.actions, staff, again, taken, values, wrong),
    )


HANDLERS: list[HTTPRouteHandler] = [visit_list, visit_count, add_visit, visit_page, visit_step]
