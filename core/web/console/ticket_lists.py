"""The list of tickets as a page, and its rows alone."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from core.platform import Platform
from core.tenancy.directory import Site
from core.tickets import filters
from core.web.console import listing, queue
from core.web.view import View
from core.work import Work


@get("/tickets", permission="ticket.view")
async def ticket_list(
    request: Request[Any, Any, Any],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """The page. Asked for nothing it opens with the list that the reader prefers."""
    query = {**view.query, "view": "tickets"}
    if chosen := request.query_params.getall("col", []):
        columns = listing.columns({"cols": ",".join(chosen)})
        address = listing.address(listing.wanted(query), columns, filter=query.get("filter", ""))
        return view.redirect(_here(site, address))
    saved = await filters.saved(work, site)
    preferred = next((f for f in saved if f.preferred), None)
    if preferred is not None and not view.query:
        return view.redirect(_here(site, queue.opened(preferred)))
    shown = await queue.build(platform, work, site, query)
    return await view.html("tickets/list.html", queue=await queue.framed(platform, work, site, shown, query, saved))


@get("/tickets/rows", permission="ticket.view")
async def ticket_rows(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The rows alone, for filtering and live refreshing; the page's address follows what it shows."""
    shown = await queue.build(platform, work, site, view.query)
    answer = await view.html("tickets/rows.html", queue=shown)
    if shown.view == "tickets" and "after" not in view.query:
        answer.headers["HX-Replace-Url"] = _here(site, shown.address)
    return answer


def _here(site: Site, address: str) -> str:
    """The page's address; asked for nothing it would open with another list."""
    return f"/s/{site.slug}/tickets?{address or 'tab=all'}"


HANDLERS = [ticket_list, ticket_rows]
