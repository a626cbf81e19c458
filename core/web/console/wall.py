"""The screen in the office: large, dark, without anything to press, fed by the live stream, nothing personal on it."""

from __future__ import annotations

from typing import Final

from litestar import Response, get
from litestar.di import NamedDependency

from core.analysis.figures_repository import Oldest
from core.i18n import msgid
from core.platform import Platform
from core.tenancy.directory import Site
from core.web.console import queue, words
from core.web.view import View
from core.web.views import Clock, Tile, WallRow
from core.work import Work

_TODAY: Final = {
    "created": msgid("taken in"),
    "resolve": msgid("resolved"),
    "answer": msgid("answered"),
    "close": msgid("closed today"),
    "breached": msgid("goals missed"),
}


@get("/wall", permission="ticket.view")
async def wall_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The whole page; its numbers ask for it again after every change."""
    wall = await platform.dashboard.wall(work, site)
    titles = {c.key: queue.title(c, work.ctx.locale) for c in await platform.tickets.categories(work, site)}
    now = wall.standing
    return await view.html(
        "analysis/wall.html",
        now=(
            Tile(msgid("Open"), str(now.open)),
            Tile(msgid("Overdue"), str(now.overdue), tone="breach" if now.overdue else ""),
            Tile(msgid("Due within the hour"), str(now.due_soon), tone="risk" if now.due_soon else ""),
            Tile(msgid("Waiting for response"), str(now.waiting), tone="warn" if now.waiting else ""),
            Tile(msgid("Paused"), str(now.paused)),
        ),
        today=tuple(
            Tile(_TODAY[kind], str(count), tone="breach" if kind == "breached" and count else "")
            for kind, count in wall.today.items()
        ),
        rows=tuple(_row(ticket, titles) for ticket in wall.oldest),
    )


def _row(ticket: Oldest, titles: dict[str, str]) -> WallRow:
    paused = ticket.status == "paused"
    clock = Clock(ticket.due_at, ticket.due_seconds or 1, paused=paused and ticket.due_at is None)
    return WallRow(
        ticket.number,
        titles.get(ticket.category, ticket.category),
        words.SEVERITIES[ticket.severity],
        words.STATES[ticket.status],
        ticket.created_at,
        clock if ticket.due_at or paused else None,
    )


HANDLERS = [wall_page]
