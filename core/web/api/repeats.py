"""Repeated matters in the JSON API (TKT-7)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from litestar import Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from core.analysis.model import Countermeasure, RepeatGroup
from core.analysis.periods import read_month
from core.platform import Platform
from core.tenancy.directory import Site
from core.tickets.model import AlikeTicket
from core.work import Work


class Known(msgspec.Struct, frozen=True):
    """What has come before: `repeated` once this time makes it as many as the site's policy names."""

    times: int
    threshold: int
    window_days: int
    repeated: bool
    earlier: list[AlikeTicket]


class RepeatedMatters(msgspec.Struct, frozen=True):
    """The repeated matters of a month, the most frequent first."""

    month: date
    items: list[RepeatGroup]


@get("/tickets/repeats", permission="ticket.create")
async def known_matters(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    category: FromQuery[str],
    unit_id: FromQuery[UUID | None] = None,
    place: FromQuery[str] = "",
) -> Known:
    """What has come of a category to a unit, or to a place in words, before a matter that is taken in now."""
    found = await platform.repeats.before(work, site, category, unit_id, place)
    return Known(found.times, found.threshold, found.window_days, found.repeated, found.earlier)


@get("/repeats", permission="analysis.view")
async def list_repeats(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    month: FromQuery[str | None] = None,
) -> RepeatedMatters:
    """The repeated matters of a month (`2026-11`; this one unless said), with what is recorded about them."""
    first = read_month(site, work.now, month)
    return RepeatedMatters(first, await platform.repeats.month(work, site, first))


@put("/repeats", permission="repeat.manage")
async def record_repeat(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    data: JSONBody[Countermeasure],
) -> Response[RepeatGroup]:
    """Record cause, countermeasure, who sees to it until when, and the outcome. If-Match "0" for the first time."""
    group = await platform.repeats.record(work, site, data, if_match)
    return Response(group, headers={"ETag": f'"{group.version}"'})


HANDLERS = [known_matters, list_repeats, record_repeat]
