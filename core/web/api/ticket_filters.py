"""Lists that people keep, in the JSON API."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.tenancy.directory import Site
from core.tickets import filters
from core.tickets.filters import NewFilter as NewFilter
from core.tickets.filters import SavedFilter
from core.work import Work


class Filters(msgspec.Struct, frozen=True):
    filters: list[SavedFilter]


class Preference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With which filter one's list of the site opens; null: as it does for everybody."""

    filter_id: UUID | None


@get("/tickets/filters", permission="ticket.view")
async def list_filters(work: NamedDependency[Work], site: NamedDependency[Site]) -> Filters:
    """One's own filters and the site's."""
    return Filters(await filters.saved(work, site))


@post("/tickets/filters", permission="ticket.view")
async def keep_filter(
    work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewFilter]
) -> Response[SavedFilter]:
    """Keep what narrows a list, its order and columns. Sharing it with the site takes `ticket.filter.share`."""
    return _answer(await filters.keep(work, site, data), 201)


@put("/tickets/filters/{filter_id:uuid}", permission="ticket.view")
async def change_filter(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    if_match: NamedDependency[int],
    filter_id: FromPath[UUID],
    data: JSONBody[NewFilter],
) -> Response[SavedFilter]:
    """Change a filter of one's own, or with `ticket.filter.share` one of the site's. Needs If-Match."""
    return _answer(await filters.change(work, site, filter_id, data, if_match), 200)


@delete("/tickets/filters/{filter_id:uuid}", permission="ticket.view", status_code=204)
async def drop_filter(work: NamedDependency[Work], site: NamedDependency[Site], filter_id: FromPath[UUID]) -> None:
    """Keep a filter no longer: one of one's own, or with `ticket.filter.share` one of the site's."""
    await filters.drop(work, site, filter_id)


@post("/tickets/filters/preferred", permission="ticket.view", status_code=204)
async def prefer_filter(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[Preference]) -> None:
    """Say with which filter one's list of the site opens."""
    await filters.prefer(work, site, data.filter_id)


def _answer(saved: SavedFilter, status: int) -> Response[SavedFilter]:
    return Response(saved, status_code=status, headers={"ETag": f'"{saved.version}"'})


HANDLERS = [list_filters, keep_filter, change_filter, drop_filter, prefer_filter]
