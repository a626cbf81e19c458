"""The month's report of return visits (VIS-6), and that it is sent to the manager when the month is over.

Visits to a matter that concerns the reader are not counted for them either (CMP-6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from core.sdk import (
    Event,
    Malformed,
    NotFound,
    Platform,
    Site,
    TenantContext,
    UnitOfWork,
    Work,
    midnight,
    new_id,
    ticket_queue,
)
from plugins.returnvisits import events
from plugins.returnvisits.areas import repository as areas
from plugins.returnvisits.policies import HANDLING
from plugins.returnvisits.regular import repository as kept
from plugins.returnvisits.regular.coverage import Coverage, told
from plugins.returnvisits.sampling.service import month_of
from plugins.returnvisits.visits import repository
from plugins.returnvisits.visits.model import Visit
from plugins.returnvisits.visits.service import joined

_FIRST, _LAST = date(2000, 1, 1), date(2099, 11, 30)
_SENT_FOR = timedelta(days=7)  # into the next month; whoever was away longer finds the report on its page
_MOST = 200
_SUMS = """
SELECT v.rule, max(v.title), v.area_name, count(*) FILTER (WHERE v.void_at IS NULL),
    count(*) FILTER (WHERE v.done_at IS NOT NULL), count(*) FILTER (WHERE v.done_at <= v.due_at),
    count(*) FILTER (WHERE v.void_at IS NULL AND v.held_at IS NULL AND coalesce(v.done_at, $5) > v.due_at),
    count(*) FILTER (WHERE v.void_at IS NOT NULL), count(*) FILTER (WHERE v.satisfaction = 'satisfied'),
    count(*) FILTER (WHERE v.satisfaction = 'fair'), count(*) FILTER (WHERE v.satisfaction = 'dissatisfied'),
    count(*) FILTER (WHERE v.failed)
FROM returnvisits_visit v LEFT JOIN ticket t ON t.company_id = v.company_id AND t.id = v.ticket_id
WHERE v.company_id = $1 AND v.site_id = $2 AND v.due_at >= $3 AND v.due_at < $4
    AND (v.ticket_id IS NULL OR t.id IS NOT NULL)
GROUP BY v.rule, v.area_name ORDER BY v.rule, v.area_name
"""
_SENT = """
INSERT INTO returnvisits_report (company_id, id, site_id, month, sent_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (company_id, site_id, month) DO NOTHING
"""


class Sums(msgspec.Struct, frozen=True):
    """Visits that were due in the month, of a rule or an area. `late`: made too late, or not yet."""

    key: str
    title: str
    due: int
    done: int
    in_time: int
    late: int
    void: int
    satisfied: int
    fair: int
    dissatisfied: int
    failed: int

    @property
    def in_time_percent(self) -> float | None:
        """Of those that were made, or should have been by now."""
        told = self.in_time + self.late
        return round(100 * self.in_time / told, 1) if told else None

    @property
    def satisfied_percent(self) -> float | None:
        """Content or fairly so, of those who said something."""
        told = self.satisfied + self.fair + self.dissatisfied
        return round(100 * (self.satisfied + self.fair) / told, 1) if told else None


class Drawn(msgspec.Struct, frozen=True):
    """A draw of the month: the share, what could be drawn, what was, and what of it has been visited."""

    rule: str
    title: str
    percent: int
    candidates: int
    drawn: int
    visited: int


class Repeated(msgspec.Struct, frozen=True):
    """A matter that came again and again in the month, and what is done about it (TKT-7)."""

    category: str
    place: str
    times: int
    countermeasure: str
    responsible: str
    due_on: date | None


class MonthReport(msgspec.Struct, frozen=True):
    """A month of return visits; `total` is of all rules. `failed` are visits made in the month that failed; `regular`
    is how the manager's year and the stewards' quarter stood at its end, or stand today."""

    month: date
    target_percent: int
    satisfied_percent: float | None
    in_time_percent: float | None
    total: Sums
    rules: list[Sums]
    areas: list[Sums]
    coverage: list[Drawn]
    failed: list[Visit]
    repeated: list[Repeated]
    regular: Coverage


_drawn = msgspec.json.Decoder(list[Drawn]).decode


class _Row(msgspec.Struct, frozen=True):
    rule: str
    title: str
    area: str
    numbers: tuple[int, ...]


def _row(rule: str, title: str, area: str, *numbers: int) -> _Row:
    return _Row(rule, title, area, numbers)


async def month(platform: Platform, work: Work, site: Site, day: date | None) -> MonthReport:
    """The month that the day lies in, this one without. Raises Malformed for a day out of reach."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    day = day or site.today(work.now)
    if not _FIRST <= day <= _LAST:
        raise Malformed
    first, following = month_of(day)
    since, until = midnight(site, first), midnight(site, following)
    rows = await work.uow.fetch(_row, _SUMS, work.ctx.company_id, site.id, since, until, work.now)
    last = min(max(first, site.today(work.now)), following - timedelta(days=1))
    ended = midnight(site, last, days=1)
    groups, stewards, drawn = await kept.month(work.uow, site.id, last, ended)
    failed = await repository.failed_between(work.uow, site.id, since, until, _MOST)
    repeated = await platform.repeats.month(work, site, first)
    handling = await platform.policies.value(work, HANDLING, site.id)
    titles = {c.key: ticket_queue.title(c, work.ctx.locale) for c in await platform.tickets.categories(work, site)}
    total = _sum("", "", rows)
    return MonthReport(
        first,
        handling.satisfied_percent,
        total.satisfied_percent,
        total.in_time_percent,
        total,
        _by(rows, lambda row: row.rule, lambda row: row.title),
        _by(rows, lambda row: row.area, lambda row: row.area),
        _drawn(drawn),
        failed,
        [
            Repeated(
                titles.get(group.category, group.category),
                group.place,
                group.times,
                group.countermeasure,
                group.responsible_name,
                group.due_on,
            )
            for group in repeated
            if group.times
        ],
        await told(platform, work, site, last, groups, stewards),
    )


async def send(work: Work, ctx: TenantContext, ids: Mapping[str, str], platform: Platform) -> None:
    """A job: in the first days of a month the manager is told that the report of the last one is ready, once."""
    company = platform.directory.known(ctx.company_id)
    for site in company.sites if company else ():
        today = site.today(work.now)
        if site.id not in ctx.site_ids or today - today.replace(day=1) > _SENT_FOR:
            continue
        last, _ = month_of(today.replace(day=1) - timedelta(days=1))
        if await _note(work.uow, site.id, last, work.now):
            around = await areas.around(work.uow, site.id, None)
            told = {"month": last.isoformat(), "members": joined(around.of_role("manager"))}
            work.emit(Event(events.REPORT_READY, site.id, site.id, told))


async def _note(uow: UnitOfWork, site_id: UUID, month: date, now: datetime) -> bool:
    """Whether that month's report was not sent before."""
    return bool(await uow.execute(_SENT, uow.company_id, new_id(), site_id, month, now))


def _by(rows: list[_Row], key: Callable[[_Row], str], title: Callable[[_Row], str]) -> list[Sums]:
    groups: dict[str, list[_Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return [_sum(name, title(each[0]), each) for name, each in groups.items()]


def _sum(key: str, title: str, rows: list[_Row]) -> Sums:
    columns = zip(*(row.numbers for row in rows), strict=True) if rows else [()] * 9
    return Sums(key, title, *(sum(column) for column in columns))
