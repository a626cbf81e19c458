"""Runs in the console, below /s/{site_id}/billing/runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    Malformed,
    PreconditionFailed,
    ReportTable,
    Site,
    View,
    Work,
    amount_for,
    local_month,
    msgid,
    read_form,
    report,
    sees_amounts,
    views,
)
from plugins.billing.permissions import RUN_APPROVE, RUN_CREATE, RUN_ISSUE, RUN_VIEW
from plugins.billing.runs import service
from plugins.billing.runs.model import NewRun, RunSummary
from plugins.billing.runs.screens import REASONS, SHOWN, STATES
from plugins.billing.telling import yuan

_ROWS = 50
_LINES = (
    msgid("Unit"),
    msgid("Payer"),
    msgid("Fee item"),
    msgid("From"),
    msgid("To"),
    msgid("Due on"),
    msgid("Amount (yuan)"),
)
_SKIPS = (msgid("Unit"), msgid("Fee item"), msgid("From"), msgid("To"), msgid("Why"), msgid("What to do"))


@get("/runs", permission=RUN_VIEW.id)
async def run_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The runs of the site, and a form for a new one."""
    return await _list(work, site, view)


@post("/runs", permission=RUN_CREATE.id, status_code=200)
async def run_create(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Have a month's items computed."""
    lists = await view.form_lists()
    values = {name: texts[-1] for name, texts in lists.items()}
    chosen = lists.get("item_ids", [])
    try:
        month = _month(values.get("month", ""))
        if not chosen:
            raise Invalid.field("item_ids", "Choose at least one fee item.")
        new = read_form({"month": month, "item_ids": chosen, "title": values.get("title", "")}, NewRun)
        run = await service.create(work, site, new)
    except Invalid as refused:
        return await _list(work, site, view, values, chosen, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/runs/{run.id}")


@get("/runs/{billing_run_id:uuid}", permission=RUN_VIEW.id)
async def run_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_run_id: FromPath[UUID],
) -> Response[str]:
    """A run: how far it is, its figures, its lines, what stands out and what was not charged."""
    return await _run(work, site, view, billing_run_id)


@post("/runs/{billing_run_id:uuid}/approval", permission=RUN_APPROVE.id, status_code=200)
async def run_approve(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_run_id: FromPath[UUID],
) -> Response[Any]:
    """Agree to a preview."""
    return await _act(work, site, view, billing_run_id, service.approve)


@post("/runs/{billing_run_id:uuid}/issue", permission=RUN_ISSUE.id, status_code=200)
async def run_issue(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_run_id: FromPath[UUID],
) -> Response[Any]:
    """Have what was approved posted."""
    return await _act(work, site, view, billing_run_id, service.issue)


@post("/runs/{billing_run_id:uuid}/discard", permission=RUN_CREATE.id, status_code=200)
async def run_discard(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_run_id: FromPath[UUID],
) -> Response[Any]:
    """Throw a run away."""
    return await _act(work, site, view, billing_run_id, service.discard)


@get("/runs/{billing_run_id:uuid}/export", permission=RUN_VIEW.id)
async def run_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_run_id: FromPath[UUID],
) -> Response[bytes]:
    """Lines and skips as a workbook, those of a search if there is one."""
    unit = view.query.get("q", "")
    title, lines, skips = await service.exported(work, site, billing_run_id, unit)
    sees = sees_amounts(work.ctx.permissions)
    more = [[view.say(msgid("There are more: search for a building and export it by itself."))]]
    rows: list[list[Any]] = [
        [r.unit, r.party, r.item, r.first_day, r.last_day, r.due_on, r.amount_fen / 100 if sees else None]
        for r in lines[: service.EXPORTED]
    ]
    left: list[list[Any]] = [
        [s.unit, s.item, s.first_day, s.last_day, *(view.say(text) for text in REASONS[s.reason])]
        for s in skips[: service.EXPORTED]
    ]
    tables = [
        ReportTable(
            view.say(SHOWN["lines"]),
            [view.say(heading) for heading in _LINES],
            rows + (more if len(lines) > service.EXPORTED else []),
        ),
        ReportTable(
            view.say(SHOWN["skips"]),
            [view.say(heading) for heading in _SKIPS],
            left + (more if len(skips) > service.EXPORTED else []),
        ),
    ]
    return await asyncio.to_thread(report, f"{title}-{site.name}", tables, work.now)


@get("/lines/{billing_charge_id:uuid}", permission=RUN_VIEW.id)
async def line_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_charge_id: FromPath[UUID],
) -> Response[str]:
    """How a line came about, computed anew."""
    explained, steps, run_id = await service.explain(work, site, billing_charge_id)
    return await view.html(
        "billing/line.html",
        explained=explained,
        steps=steps,
        line=explained.line,
        run_id=run_id,
        money=_money(work),
    )


async def _list(
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str] | None = None,
    chosen: Iterable[str] = (),
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    runs = await service.listed(work, site)
    items = await service.choices(work, site)
    today, wrong, picked = site.today(work.now), list(errors), set(chosen)
    given = values or {"month": f"{today:%Y-%m}"}

    def field(name: str, label: str) -> views.Field:
        error = next((each for each in wrong if each.field == name), FieldError(name, ""))
        return views.Field(name, label, value=given.get(name, ""), error=error.message, params=error.params)

    replace = msgspec.structs.replace
    return await view.html(
        "billing/runs.html",
        status=422 if values is not None else 200,
        runs=[(run, STATES[run.status]) for run in runs],
        items=[(item, values is None or str(item.id) in picked) for item in items if not _ended(item.ended_on, today)],
        month=replace(field("month", msgid("Month")), kind="month", required=True),
        title=replace(field("title", msgid("Name")), help=msgid("Empty: the month and the items."), maximum=80),
        chosen=field("item_ids", msgid("Fee items")),
        computes=RUN_CREATE.id in work.ctx.permissions,
        show=values is not None,
        money=_money(work),
    )


def _ended(ended_on: Any, today: Any) -> bool:
    return ended_on is not None and ended_on < today.replace(day=1)


def _month(text: str) -> str:
    try:
        month = local_month(text)
    except Malformed:
        month = None
    if month is None:
        raise Invalid.field("month", "Choose a month.")
    return month.isoformat()


async def _run(work: Work, site: Site, view: View, run_id: UUID, refused: str = "", status: int = 200) -> Response[str]:
    run = await service.get(work, site, run_id)
    query = view.query
    show = query.get("show", "lines") if query.get("show") in SHOWN else "lines"
    unit, item = query.get("q", "")[:100], query.get("item", "")
    item_id = next((each.item_id for each in run.items if str(each.item_id) == item), None)
    asked = {"unit": unit, "cursor": query.get("after") or None, "limit": _ROWS}
    found: Any
    if show == "lines":
        found = await service.lines(work, site, run_id, item_id=item_id, **asked)  # type: ignore[arg-type]
    else:
        found = await getattr(service, show)(work, site, run_id, **asked)
    here = f"/s/{site.slug}/billing/runs/{run_id}"
    kept = {name: value for name, value in (("show", show), ("q", unit), ("item", item)) if value}
    items = (views.Choice("", msgid("All items")), *(views.Choice(str(each.item_id), each.title) for each in run.items))
    selects = [
        views.Field(
            "show", msgid("Show"), "select", show, choices=tuple(views.Choice(k, label) for k, label in SHOWN.items())
        )
    ]
    if show == "lines":
        selects.append(views.Field("item", msgid("Fee item"), "select", item, choices=items))
    return await view.html(
        "billing/run.html",
        status=status,
        run=run,
        state=STATES[run.status],
        steps=_steps(work, run),
        refused=refused,
        show=show,
        rows=found.items,
        reasons=REASONS,
        filters=views.Filters(text=unit, selects=tuple(selects)),
        pager=views.Pager(
            len(found.items),
            "",
            f"{here}?{urlencode({**kept, 'after': found.cursor})}" if found.cursor else None,
            f"{here}?{urlencode(kept)}" if asked["cursor"] else None,
        ),
        export=f"{here}/export?{urlencode({'q': unit})}" if unit else f"{here}/export",
        money=_money(work),
    )


def _steps(work: Work, run: RunSummary) -> list[tuple[str, str, str, bool]]:
    """What the reader may do next: where it is posted, what the button says, its icon, whether it is the main one."""
    held = work.ctx.permissions
    steps = [
        ("preview", RUN_APPROVE.id, "approval", msgid("Approve"), "checks", True),
        ("approved", RUN_ISSUE.id, "issue", msgid("Issue"), "send", True),
        ("computing preview approved", RUN_CREATE.id, "discard", msgid("Discard"), "trash", False),
    ]
    return [
        (path, label, icon, main)
        for states, permission, path, label, icon, main in steps
        if run.status in states.split() and permission in held
    ]


async def _act(
    work: Work,
    site: Site,
    view: View,
    run_id: UUID,
    action: Callable[[Work, Site, UUID, int], Awaitable[RunSummary]],
) -> Response[Any]:
    text = (await view.form()).get("version", "")
    try:
        async with work.savepoint():
            await action(work, site, run_id, int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0)
    except (Conflict, Forbidden, PreconditionFailed) as error:
        return await _run(work, site, view, run_id, view.reason(error), error.status)
    return view.redirect(f"/s/{site.slug}/billing/runs/{run_id}")


def _money(work: Work) -> Callable[[int], str]:
    held = work.ctx.permissions
    return lambda fen: amount_for(held, yuan(fen))


HANDLERS: list[HTTPRouteHandler] = [
    run_list,
    run_create,
    run_page,
    run_approve,
    run_issue,
    run_discard,
    run_export,
    line_page,
]
