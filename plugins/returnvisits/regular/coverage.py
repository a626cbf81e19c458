"""Whether regular visits keep up (VIS-3): the manager's to each group of households against the year's quota, the
stewards' to the households that were drawn for the quarter; always by name who is still owed one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from core.sdk import NotFound, Platform, Site, Work, midnight
from plugins.returnvisits.areas.model import in_words
from plugins.returnvisits.policies import REGULAR
from plugins.returnvisits.regular import repository


class _Made(msgspec.Struct, frozen=True):
    id: UUID
    place: str
    due_at: datetime
    done_at: datetime | None
    by_name: str


class _Group(msgspec.Struct, frozen=True):
    building: str
    area: str
    visits: list[_Made]


class _Drawn(msgspec.Struct, frozen=True):
    title: str
    since: date
    until: date
    percent: int
    households: int
    visits: list[_Made]


class Owed(msgspec.Struct, frozen=True):
    """A visit that has not been made; `late`: its time is over."""

    id: UUID
    place: str
    due_at: datetime
    by_name: str
    late: bool


class Group(msgspec.Struct, frozen=True):
    """A group of households: what the manager made this year of the `quota`, when last and who, and what is owed."""

    building: str
    area: str
    quota: int
    made: int
    last_at: datetime | None
    last_by: str
    owed: list[Owed]


class Area(msgspec.Struct, frozen=True):
    """The groups of an area in sum; `late`: how many visits should have been made by now."""

    area: str
    groups: int
    quota: int
    made: int
    late: int


class Quarter(msgspec.Struct, frozen=True):
    """What a steward's quarter comes to, its last day included: the share that was drawn of an area's households, and
    who is still owed."""

    title: str
    since: date
    until: date
    percent: int
    households: int
    drawn: int
    made: int
    owed: list[Owed]


class Coverage(msgspec.Struct, frozen=True):
    """The manager's year up to the end of that day, by group and area, and the stewards' quarter it lies in."""

    day: date
    per_year: int
    groups: list[Group]
    areas: list[Area]
    stewards: list[Quarter]


_groups = msgspec.json.Decoder(list[_Group]).decode
_stewards = msgspec.json.Decoder(list[_Drawn]).decode


async def covered(platform: Platform, work: Work, site: Site, day: date | None) -> Coverage:
    """As it stood when that day ended, or stands today. Raises NotFound, Malformed for a day out of reach."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    day = day or site.today(work.now)
    groups, stewards = await repository.regular(work.uow, site.id, day, midnight(site, day, days=1))
    return await told(platform, work, site, day, groups, stewards)


async def told(platform: Platform, work: Work, site: Site, day: date, groups: str, stewards: str) -> Coverage:
    """The same from what the repository answered for that day."""
    per_year = (await platform.policies.value(work, REGULAR, site.id)).manager_per_year
    at = min(work.now, midnight(site, day, days=1))
    by_group = [_group(each, per_year, at) for each in _groups(groups)] if per_year else []
    areas = [_area(name, [g for g in by_group if g.area == name]) for name in sorted({g.area for g in by_group})]
    return Coverage(day, per_year, by_group, areas, [_quarter(each, at) for each in _stewards(stewards)])


def _group(group: _Group, quota: int, at: datetime) -> Group:
    made = [visit for visit in group.visits if visit.done_at is not None]
    last = max(made, key=lambda visit: visit.done_at or at, default=None)
    return Group(
        in_words(group.building),
        group.area,
        quota,
        len(made),
        last.done_at if last else None,
        last.by_name if last else "",
        _owed(group.visits, at),
    )


def _area(name: str, groups: list[Group]) -> Area:
    late = sum(visit.late for group in groups for visit in group.owed)
    return Area(name, len(groups), sum(g.quota for g in groups), sum(g.made for g in groups), late)


def _quarter(drawn: _Drawn, at: datetime) -> Quarter:
    owed = _owed(drawn.visits, at)
    made = len(drawn.visits) - len(owed)
    period = (drawn.title, drawn.since, drawn.until - timedelta(days=1), drawn.percent, drawn.households)
    return Quarter(*period, len(drawn.visits), made, owed)


def _owed(visits: list[_Made], at: datetime) -> list[Owed]:
    return [Owed(v.id, v.place, v.due_at, v.by_name, v.due_at < at) for v in visits if v.done_at is None]
