"""The queue of tickets as pages show it: tabs, filters, rows. The ticket list and the workbench share it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from core.errors import Malformed
from core.platform import Platform
from core.policies.ticket_categories import Category
from core.tenancy.directory import Site
from core.tickets.model import OPEN, TicketRow
from core.tickets.queue import Filter
from core.web import views
from core.web.console.words import SEVERITIES, STATES, choices
from core.web.i18n import msgid
from core.web.views import Choice, Clock, Field, Filters, Pager
from core.work import Work

SOON = timedelta(minutes=15)
_VIEWS = {"tickets": msgid("Tickets"), "reception": msgid("Open matters")}


async def build(platform: Platform, work: Work, site: Site, query: dict[str, str]) -> views.Queue:
    """The queue for a query string: view, tab, q, sort, state, category, assignee, after. Raises Malformed."""
    view = query.get("view", "tickets")
    if view not in _VIEWS:
        raise Malformed
    tab, sort = query.get("tab", "all"), query.get("sort", "due")
    categories = await platform.tickets.categories(work, site)
    wanted = _filter(work, tab, sort, query)
    page = await platform.tickets.page(work, site, wanted)
    counts = await platform.tickets.counts(work, site)
    action = f"/s/{site.slug}/{view}"
    titles = {c.key: title(c, work.ctx.locale) for c in categories}
    open_tickets = sum(counts.get(state, 0) for state in OPEN)
    return views.Queue(
        title=_VIEWS[view],
        view=view,
        action=action,
        rows=tuple(row(site, ticket, titles) for ticket in page.items),
        tabs=(
            Choice("all", msgid("All"), count=open_tickets),
            Choice("due", msgid("Due soon")),
            Choice("mine", msgid("Mine")),
        ),
        tab=tab,
        filters=Filters(
            text=query.get("q", ""),
            sort=sort,
            selects=_selects(query, categories, work.ctx.locale) if view == "tickets" else (),
        ),
        pager=_pager(action, query, len(page.items), open_tickets, page.cursor) if view == "tickets" else None,
    )


def row(site: Site, ticket: TicketRow, titles: dict[str, str]) -> views.TicketRow:
    """A ticket as one row."""
    return views.TicketRow(
        id=str(ticket.id),
        number=ticket.number,
        href=f"/s/{site.slug}/tickets/{ticket.id}",
        title=ticket.description,
        place=ticket.place,
        category=titles.get(ticket.category, ticket.category),
        severity=SEVERITIES[ticket.severity],
        state=STATES[ticket.status],
        assignee=ticket.assignee_name,
        clock=clock(ticket),
    )


def clock(ticket: TicketRow) -> Clock | None:
    """The ticket's nearest deadline; a paused ticket stands still."""
    paused = ticket.status == "paused"
    if ticket.due_at is None and not paused:
        return None
    return Clock(ticket.due_at, ticket.due_seconds or 1, paused=paused and ticket.due_at is None)


def title(category: Category, locale: str) -> str:
    return category.title_en if locale == "en" else category.title_zh


def _filter(work: Work, tab: str, sort: str, query: dict[str, str]) -> Filter:
    try:
        return msgspec.convert(
            {
                "status": query.get("state") or "open",
                "sort": sort,
                "category": query.get("category") or None,
                "assignee_id": work.ctx.actor.id if tab == "mine" else _uuid(query.get("assignee")),
                "due_before": work.now + SOON if tab == "due" else None,
                "text": query.get("q", "").strip() or None,
                "cursor": query.get("after") or None,
            },
            Filter,
        )
    except msgspec.ValidationError as error:
        raise Malformed from error


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Malformed from error


def _selects(query: dict[str, str], categories: tuple[Category, ...], locale: str) -> tuple[Field, ...]:
    names = {c.key: title(c, locale) for c in categories}
    return (
        Field("state", msgid("State"), "select", query.get("state", ""), choices=choices(STATES, msgid("All open"))),
        Field(
            "category",
            msgid("Category"),
            "select",
            query.get("category", ""),
            choices=choices(names, msgid("All categories")),
        ),
    )


def _pager(action: str, query: dict[str, str], shown: int, total: int, cursor: str | None) -> Pager:
    kept = {k: v for k, v in query.items() if v and k not in ("after", "view")}
    following = f"{action}?{urlencode({**kept, 'after': cursor})}" if cursor else None
    first = f"{action}?{urlencode(kept)}" if query.get("after") else None
    return Pager(shown, f"{min(total, 1000):,}{'+' if total > 1000 else ''}", following, first)
