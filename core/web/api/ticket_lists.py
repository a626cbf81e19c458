"""Lists of tickets in the JSON API: a page of what fits, and searching."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from core.platform import Platform
from core.tenancy.directory import Site
from core.tickets import queue
from core.tickets.model import Channel, Page, Severity, Status
from core.tickets.queue import MOST, Filter, Sort
from core.work import Work


@get("/tickets", permission="ticket.view")
async def list_tickets(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    status: FromQuery[Status | Literal["open", "all"]] = "open",
    sort: FromQuery[Sort] = "due",
    type: FromQuery[str | None] = None,
    category: FromQuery[str | None] = None,
    severity: FromQuery[Severity | None] = None,
    channel: FromQuery[Channel | None] = None,
    mine: FromQuery[bool] = False,
    assignee_id: FromQuery[UUID | None] = None,
    unassigned: FromQuery[bool] = False,
    team_id: FromQuery[UUID | None] = None,
    owner_id: FromQuery[UUID | None] = None,
    unit_id: FromQuery[UUID | None] = None,
    due_before: FromQuery[datetime | None] = None,
    due_within: FromQuery[int | None] = None,
    created_from: FromQuery[date | None] = None,
    created_to: FromQuery[date | None] = None,
    created_within: FromQuery[int | None] = None,
    breached: FromQuery[str | None] = None,
    missed_in: FromQuery[Status | None] = None,
    cause: FromQuery[str | None] = None,
    merged: FromQuery[bool | None] = None,
    tag: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
    count: FromQuery[bool] = False,
) -> Page:
    """Tickets of the site page by page: open ones by deadline, unless asked otherwise.

    Dates are the site's, both included; `due_within` is in minutes and `created_within` in days. `breached` is a missed
    goal's name or `any`, `missed_in` the state it was missed in, `cause` why (`none`: nobody has said). `merged` false
    leaves out duplicates that went into another ticket, as figures do. `count` asks for the number of all that fit,
    1001 standing for more than a thousand.
    """
    asked: dict[str, Any] = {
        "status": status,
        "sort": sort,
        "type": type,
        "category": category,
        "severity": severity,
        "channel": channel,
        "mine": mine,
        "assignee_id": assignee_id,
        "unassigned": unassigned,
        "team_id": team_id,
        "owner_id": owner_id,
        "unit_id": unit_id,
        "due_before": due_before,
        "due_within": due_within,
        "created_from": created_from,
        "created_to": created_to,
        "created_within": created_within,
        "breached": breached,
        "missed_in": missed_in,
        "cause": cause,
        "merged": merged,
        "tag": tag,
        "text": q,
        "cursor": cursor,
        "limit": limit,
        "counted": count,
    }
    return await platform.tickets.page(work, site, msgspec.convert(asked, Filter))


@get("/tickets/search", permission="ticket.view")
async def search_tickets(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    q: Annotated[str, QueryParameter(max_length=100)],
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> Page:
    """Tickets of any state, the newest first, that hold each word of `q` in number, place, reporter or description, or
    whose reporter has that telephone number or its last four digits."""
    return await queue.search(work, site, q, cursor, limit)


HANDLERS = [list_tickets, search_tickets]
