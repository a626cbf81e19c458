"""The list of work orders in the console, below /s/{site_id}/repairs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from core.sdk import Malformed, Platform, ReportTable, Site, View, Work, msgid, report, views
from plugins.repairs import kinds, screens
from plugins.repairs.orders import service
from plugins.repairs.orders.model import Wanted, Which
from plugins.repairs.permissions import VIEW

_WHICH: dict[Which, str] = {
    "open": msgid("Open"),
    "urgent": msgid("Urgent"),
    "paused": msgid("Paused"),
    "resolved": msgid("Resolved"),
    "closed": msgid("Closed"),
    "all": msgid("All"),
}

_HEADINGS = (
    msgid("Number"),
    msgid("Fault"),
    msgid("Where"),
    msgid("Kind"),
    msgid("Severity"),
    msgid("State"),
    msgid("Handled by"),
    msgid("Warranty"),
    msgid("Until"),
    msgid("Reported"),
)


@get("", permission=VIEW.id)
async def order_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """Work orders, narrowed, page by page (REP-3)."""
    query = {name: text for name in ("which", "item", "mine", "q") if (text := view.query.get(name, "").strip())}
    found = await service.listed(work, site, wanted({**query, "before": view.query.get("before", "")}))
    address = f"/s/{site.slug}/repairs?"
    following = urlencode({**query, "before": found.before.isoformat()}) if found.before else ""
    return await view.html(
        "repairs/orders.html",
        filters=views.Filters(
            text=query.get("q", ""),
            selects=(
                views.Field(
                    "which",
                    msgid("State"),
                    "select",
                    query.get("which", "open"),
                    choices=tuple(views.Choice(name, label) for name, label in _WHICH.items()),
                ),
                views.Field(
                    "item",
                    msgid("What is out of order"),
                    "select",
                    query.get("item", ""),
                    choices=(
                        views.Choice("", msgid("Everything")),
                        *(views.Choice(name, label) for name, label in kinds.ITEMS.items() if name),
                    ),
                ),
                views.Field(
                    "mine",
                    msgid("Whose"),
                    "select",
                    query.get("mine", ""),
                    choices=(views.Choice("", msgid("Everybody's")), views.Choice("true", msgid("Mine"))),
                ),
            ),
        ),
        rows=tuple(screens.row(site, order, linked=screens.sees_tickets(work)) for order in found.items),
        export=f"/s/{site.slug}/repairs/export?{urlencode({**query, 'before': view.query.get('before', '')})}",
        pager_view=views.Pager(
            len(found.items),
            "",
            address + following if following else None,
            address + urlencode(query) if view.query.get("before") else None,
        ),
    )


@get("/export", permission=VIEW.id)
async def export_orders(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """The narrowed list as a workbook, a page of it; nobody's telephone number is in it."""
    query = {name: view.query.get(name, "").strip() for name in ("which", "item", "mine", "q", "before")}
    found = await service.listed(work, site, wanted(query))
    rows = [screens.row(site, order) for order in found.items]
    lines = [
        (
            row.number,
            row.title,
            row.place,
            view.say(row.item) if row.item else "",
            view.say(row.severity.label),
            view.say(row.state.label),
            row.assignee,
            view.say(row.warranty.label) if row.warranty else "",
            row.until,
            order.created_at.astimezone(ZoneInfo(site.timezone)).date(),
        )
        for row, order in zip(rows, found.items, strict=True)
    ]
    title = view.say(msgid("Work orders"))
    table = ReportTable(title, [view.say(heading) for heading in _HEADINGS], lines)
    return await asyncio.to_thread(report, f"{title}-{site.name}-{site.today(work.now):%Y%m%d}", [table], work.now)


class UrgentRow(msgspec.Struct, frozen=True):
    """An urgent order as a row; `arrival` is the clock until somebody has to be on site."""

    row: screens.Row
    created_at: datetime
    arrival: views.Clock | None


@get("/urgent", permission=VIEW.id)
async def urgent_board(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """What is urgent, how long is left, and who is on duty (REP-2)."""
    rows = []
    for found in await service.urgent(work, site):
        due, created = found.arrival_due_at or found.arrival_missed_at, found.order.created_at
        met = found.arrival_over and found.arrival_missed_at is None
        span = max(1, int((due - created).total_seconds())) if due else 1
        clock = views.Clock(due, span, met=met) if due or met else None
        rows.append(UrgentRow(screens.row(site, found.order, linked=screens.sees_tickets(work)), created, clock))
    duty = [(each.name, each.team_name, each.until) for each in await platform.teams.on_duty(work, site, work.now)]
    return await view.html("repairs/urgent.html", rows=rows, duty=duty)


def wanted(query: Mapping[str, str]) -> Wanted:
    """Which orders a query asks for. Raises Malformed."""
    given = {name: text for name, text in query.items() if text}
    try:
        return msgspec.convert(given, Wanted, strict=False)
    except msgspec.ValidationError as error:
        raise Malformed from error


HANDLERS: list[HTTPRouteHandler] = [order_list, export_orders, urgent_board]
