"""The queue of tickets as pages show it: tabs, filters, rows. The ticket list and the workbench share it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import msgspec

from core.errors import Malformed
from core.i18n import msgid
from core.platform import Platform
from core.policies.ticket_categories import Category
from core.tenancy.directory import Site
from core.tickets import filters
from core.tickets.filters import COLUMNS, Column, SavedFilter
from core.tickets.model import OPEN, TicketRow
from core.tickets.queue import COUNTED, Filter, Wanted
from core.web import views
from core.web.console import causes, listing
from core.web.console.words import CHANNELS, GOALS, SEVERITIES, STATES, choices
from core.web.console.workbook import LABELS
from core.web.views import Choice, Clock, Field, Filters, Pager
from core.work import Work

SOON = timedelta(minutes=listing.SOON)
_VIEWS = {"tickets": msgid("Tickets"), "reception": msgid("Open matters")}
# A column that sorts, by its order.
_SORTS: Final[dict[Column, str]] = {"due": "due", "severity": "severity", "updated": "updated", "number": "newest"}
_DUE: Final = {
    "0": msgid("Overdue"),
    str(listing.SOON): msgid("Within 15 minutes"),
    "60": msgid("Within an hour"),
    "1440": msgid("Within a day"),
    "10080": msgid("Within a week"),
}
_KEPT: Final = ("unit_id", "due_before", "created_within", "missed_in", "merged")  # asked for by links, not by fields


async def build(platform: Platform, work: Work, site: Site, query: Mapping[str, str]) -> views.Queue:
    """The queue for a query: view, tab, cols, after, and what `listing` reads. Raises Malformed."""
    view, tab = query.get("view", "tickets"), query.get("tab", "all")
    if view not in _VIEWS or tab not in listing.TABS:
        raise Malformed
    whole = view == "tickets"
    categories = await platform.tickets.categories(work, site)
    wanted = listing.wanted(query)
    narrowed = msgspec.structs.replace(wanted, sort="due") != Wanted()
    try:
        page = await platform.tickets.page(
            work,
            site,
            msgspec.convert(
                {
                    **{name: getattr(wanted, name) for name in Wanted.__struct_fields__},
                    "cursor": query.get("after") or None,
                    "counted": whole and narrowed,
                },
                Filter,
            ),
        )
    except msgspec.ValidationError as error:
        raise Malformed from error
    counts = await platform.tickets.counts(work, site)
    open_tickets = sum(counts.get(state, 0) for state in OPEN)
    action = f"/s/{site.slug}/{view}"
    titles = {c.key: title(c, work.ctx.locale) for c in categories}
    columns = listing.columns(query) if whole else filters.USUAL
    address = listing.address(wanted, columns, tab=tab if tab != "all" else "", filter=query.get("filter", ""))
    total = open_tickets if page.total is None else page.total
    return views.Queue(
        title=_VIEWS[view],
        view=view,
        action=action,
        rows=tuple(row(site, ticket, titles, platform.tickets.types.title(ticket.type)) for ticket in page.items),
        tabs=(
            Choice("all", msgid("All"), count=open_tickets),
            Choice("due", msgid("Due soon")),
            Choice("mine", msgid("Mine")),
        ),
        tab=tab,
        filters=Filters(text=query.get("q", ""), sort=wanted.sort),
        columns=tuple(_column(key, columns) for key in columns),
        address=address,
        after=query.get("after", ""),
        pager=_pager(action, address, query.get("after", ""), len(page.items), total, page.cursor) if whole else None,
    )


async def framed(
    platform: Platform, work: Work, site: Site, queue: views.Queue, query: Mapping[str, str], saved: list[SavedFilter]
) -> views.Queue:
    """The queue with all that stands around its rows on the page of its own: filters, columns, what is kept."""
    types = platform.tickets.types
    categories = await platform.tickets.categories(work, site)
    names = {c.key: title(c, work.ctx.locale) for c in categories}
    teams = {str(team.id): team.name for team in await platform.teams.all(work, site) if team.active}
    staff = {str(c.id): c.name for c in platform.directory.colleagues(work.ctx.company_id, site)}

    def select(name: str, label: str, options: tuple[Choice, ...]) -> Field:
        return Field(name, label, "select", query.get(name, ""), choices=options)

    why = {"none": msgid("Not yet said"), **await causes.titles_of(platform, work, site)}
    people = (
        Choice("", msgid("Handled by anybody")),
        Choice("me", msgid("Handled by me")),
        Choice("none", msgid("Handled by nobody")),
        *choices(staff),
    )
    states = (*choices(STATES, msgid("All open")), Choice("all", msgid("Closed ones too")))
    more = (
        select("type", msgid("Kind"), choices(types.titles(work.ctx, site.id), msgid("All kinds"))),
        select("channel", msgid("Channel"), choices(CHANNELS, msgid("All channels"))),
        *((select("team_id", msgid("Team"), choices(teams, msgid("All teams"))),) if teams else ()),
        select("owner_id", msgid("First asked"), choices(staff, msgid("Anybody"))),
        select("due_within", msgid("Due"), choices(_DUE, msgid("Whenever due"))),
        select(
            "breached",
            msgid("Missed goals"),
            choices({"any": msgid("Any goal missed"), **GOALS}, msgid("Missed or not")),
        ),
        select("cause", msgid("Cause"), choices(why, msgid("Whatever the cause"))),
        Field("tag", msgid("Tags"), value=query.get("tag", ""), maximum=30),
        Field("created_from", msgid("Taken in from"), "date", query.get("created_from", "")),
        Field("created_to", msgid("Taken in until"), "date", query.get("created_to", "")),
    )
    shown = {column.key for column in queue.columns}
    active = next((f for f in saved if str(f.id) == query.get("filter")), None)
    return msgspec.structs.replace(
        queue,
        filters=msgspec.structs.replace(
            queue.filters,
            selects=(
                select("status", msgid("State"), states),
                select("category", msgid("Category"), choices(names, msgid("All categories"))),
                select("severity", msgid("Severity"), choices(SEVERITIES, msgid("Any severity"))),
                select("assignee_id", msgid("Handled by"), people),
            ),
        ),
        more=more,
        kept=tuple((name, query[name]) for name in (*_KEPT, "filter", "cols") if query.get(name)),
        choosable=tuple((Choice(key, LABELS[key]), key in shown) for key in COLUMNS),
        saved=tuple(
            views.SavedLink(str(f.id), f.name, f"{queue.action}?{opened(f)}", f.shared, f.preferred, f is active)
            for f in saved
        ),
        exports="ticket.export" in work.ctx.permissions,
        staff=choices(staff, msgid("Nobody")),
        teams=choices(teams, msgid("No team")) if teams else (),
    )


def opened(saved: SavedFilter) -> str:
    """The query with which a kept list is opened."""
    return listing.address(saved.wanted, saved.columns, filter=str(saved.id))


def row(site: Site, ticket: TicketRow, titles: dict[str, str], kind: str) -> views.TicketRow:
    """A ticket as one row; `titles` are those of categories, `kind` that of its type."""
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
        type=kind,
        tags=tuple(ticket.tags),
        channel=CHANNELS[ticket.channel],
        reporter=ticket.reporter_name,
        owner=ticket.owner_name,
        team=ticket.team_name,
        created=ticket.created_at,
        updated=ticket.updated_at,
        version=ticket.version,
    )


def clock(ticket: TicketRow) -> Clock | None:
    """The ticket's nearest deadline; a paused ticket stands still."""
    paused = ticket.status == "paused"
    if ticket.due_at is None and not paused:
        return None
    return Clock(ticket.due_at, ticket.due_seconds or 1, paused=paused and ticket.due_at is None)


def title(category: Category, locale: str) -> str:
    return category.title_en if locale == "en" else category.title_zh


def _column(key: Column, columns: tuple[Column, ...]) -> views.Column:
    """A number stands in full where there is nothing else to open the ticket by, else its end."""
    label = msgid("No.") if key == "number" and "matter" in columns else LABELS[key]
    return views.Column(key, label, _SORTS.get(key, ""))


def _pager(action: str, address: str, after: str, shown: int, total: int, cursor: str | None) -> Pager:
    following = "&".join(filter(None, (address, f"after={cursor}"))) if cursor else ""
    return Pager(
        shown,
        f"{min(total, COUNTED):,}{'+' if total > COUNTED else ''}",
        f"{action}?{following}" if cursor else None,
        f"{action}?{address or 'tab=all'}" if after else None,
    )
