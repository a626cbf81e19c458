"""The figures of a site: compliance, answers, ageing, breaches (what is measured, per site and month), and the wall."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import msgspec

from core.analysis import figures_repository as repository
from core.analysis.figures_repository import Oldest, Standing, Sum
from core.analysis.periods import add_months, midnight
from core.analysis.policies import KPI, KpiTargets
from core.analysis.repeats import Repeats
from core.errors import Invalid
from core.tenancy.directory import Site
from core.tickets.model import Severity, Status
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies
    from core.tickets.types import Types

LONGEST = 366  # days of a period
SOON = timedelta(hours=1)
_OLDEST = 8  # matters on the wall
_AGES = (1, 3, 7, 30)  # days
_KINDS = ("created", "resolve", "answer", "close", "breached")


KpiName = Literal["compliance", "complaint_answer", "major_feedback", "urgent_arrival", "repeated"]


class Share(msgspec.Struct, frozen=True):
    """Goals of one slice: `key` is a goal, a category, a team, a person or a month (`2026-11`), '' for none.

    `percent`, compliance: of the goals that are decided, how many of a hundred were met; None: none is decided.
    """

    key: str
    name: str
    met: int
    breached: int
    open: int
    percent: float | None


class Breach(msgspec.Struct, frozen=True):
    """Missed goals of a category by the state their tickets were in when they were missed; None: not recorded."""

    goal: str
    category: str
    state: Status | None
    count: int


class Cause(msgspec.Struct, frozen=True):
    """Missed goals by what was named as their cause; `key` '' for those of which nobody has said yet."""

    key: str
    count: int


class AgeGroup(msgspec.Struct, frozen=True):
    """Open tickets taken in at least `from_days` and less than `to_days` (None: no end) ago, by days of the site."""

    from_days: int
    to_days: int | None
    by_severity: dict[Severity, int]
    overdue: int


class Kpi(msgspec.Struct, frozen=True):
    """A figure against its target. `value` is a percentage of `of`, or a count; None: nothing to measure yet, and then
    `reached` is None too.

    compliance: met / (met + missed) over all goals of tickets taken in during the period.
    complaint_answer (CMP-3): complaints answered within the target's hours / complaints answered or past them.
    major_feedback (CMP-3): the same of critical complaints, with hours of their own.
    urgent_arrival (REP-2): met / (met + missed) of the goal `arrival` of urgent and critical tickets.
    repeated (TKT-7): repeated matters in the last month of the period.
    """

    name: KpiName
    value: float | None
    target: int
    of: int
    reached: bool | None
    within_hours: int | None = None


class Figures(msgspec.Struct, frozen=True):
    """The figures of the tickets taken in from one day to another, both included; ages are those of now.

    Duplicates that were merged into another ticket count with that one.
    """

    from_day: date
    to_day: date
    taken_in: int
    closed: int
    kpis: list[Kpi]
    by_goal: list[Share]
    by_category: list[Share]
    by_team: list[Share]
    by_assignee: list[Share]
    by_month: list[Share]
    breaches: list[Breach]
    causes: list[Cause]
    ages: list[AgeGroup]


class Wall(msgspec.Struct, frozen=True):
    """What the screen in the office shows: nothing personal. `today` counts what happened since midnight, by kind."""

    standing: Standing
    today: dict[str, int]
    oldest: list[Oldest]


class Dashboard:
    """The service of figures; one for the process."""

    def __init__(self, policies: Policies, repeats: Repeats, types: Types) -> None:
        self._policies = policies
        self._types = types
        self._repeats = repeats

    async def figures(self, work: Work, site: Site, from_day: date | None, to_day: date | None) -> Figures:
        """The figures of a period: this month and the two before unless said. Raises Invalid for a wrong period."""
        today = site.today(work.now)
        to_day = to_day or today
        from_day = from_day or add_months(to_day.replace(day=1), -2)
        _check(from_day, to_day)
        targets = await self._policies.value(work, KPI, site.id)
        starts, ends = midnight(site, from_day), midnight(site, to_day + timedelta(days=1))
        months = _months(from_day, to_day)
        sums = await repository.goals(work.uow, site.id, starts, ends, [midnight(site, month) for month in months[1:]])
        taken = await repository.taken(
            work.uow,
            site.id,
            starts,
            ends,
            work.now,
            timedelta(hours=targets.complaint_hours),
            timedelta(hours=targets.major_hours),
            self._types.counting_as("complaint"),
        )
        bounds = [midnight(site, today - timedelta(days=days - 1)) for days in reversed(_AGES)]
        ages = await repository.ages(work.uow, site.id, work.now, bounds)
        repeated = len(await self._repeats.month(work, site, to_day))
        return Figures(
            from_day,
            to_day,
            taken.tickets,
            taken.closed,
            _kpis(targets, sums, taken, repeated),
            _shares(sums, "goal", lambda s: (s.goal or "", s.goal or "")),
            _shares(sums, "category", lambda s: (s.category or "", s.category or "")),
            _shares(sums, "team", lambda s: (_text(s.team_id), s.team or "")),
            _shares(sums, "assignee", lambda s: (_text(s.assignee_id), s.assignee or "")),
            _by_month(sums, months),
            sorted(
                (
                    Breach(s.goal or "", s.category or "", s.missed_in, s.breached)  # type: ignore[arg-type]
                    for s in sums
                    if s.dimension == "breach"
                ),
                key=lambda breach: -breach.count,
            ),
            sorted((Cause(s.cause or "", s.breached) for s in sums if s.dimension == "cause"), key=lambda c: -c.count),
            _ages(ages),
        )

    async def wall(self, work: Work, site: Site) -> Wall:
        """How the site stands now."""
        standing = await repository.standing(work.uow, site.id, work.now, work.now + SOON)
        since = midnight(site, site.today(work.now))
        today = await repository.happened(work.uow, site.id, since, _KINDS)
        oldest = await repository.oldest(work.uow, site.id, _OLDEST)
        return Wall(standing, {kind: today.get(kind, 0) for kind in _KINDS}, oldest)


def _check(from_day: date, to_day: date) -> None:
    if to_day < from_day:
        raise Invalid.field("to", "Let the period end after it begins.")
    if (to_day - from_day).days > LONGEST:
        raise Invalid.field("from", "Choose a period of at most {days} days.", days=LONGEST)


def _months(from_day: date, to_day: date) -> list[date]:
    first, months = from_day.replace(day=1), []
    while first <= to_day:
        months.append(first)
        first = add_months(first, 1)
    return months


def _share(key: str, name: str, s: Sum | None) -> Share:
    if s is None:
        return Share(key, name, 0, 0, 0, None)
    return Share(key, name, s.met, s.breached, s.open, _percent(s.met, s.met + s.breached))


def _shares(sums: list[Sum], dimension: str, about: Callable[[Sum], tuple[str, str]]) -> list[Share]:
    """The slices of a dimension, the largest first."""
    found = [_share(*about(s), s) for s in sums if s.dimension == dimension]
    return sorted(found, key=lambda share: (-(share.met + share.breached + share.open), share.name))


def _by_month(sums: list[Sum], months: list[date]) -> list[Share]:
    found = {s.month: s for s in sums if s.dimension == "month"}
    return [_share(f"{month:%Y-%m}", f"{month:%Y-%m}", found.get(n)) for n, month in enumerate(months)]


def _ages(ages: list[repository.Age]) -> list[AgeGroup]:
    groups = []
    for n, (from_days, to_days) in enumerate(zip((0, *_AGES), (*_AGES, None), strict=True)):
        mine = [age for age in ages if age.bucket == len(_AGES) - n]
        by_severity: dict[Severity, int] = {age.severity: age.tickets for age in mine}
        groups.append(AgeGroup(from_days, to_days, by_severity, sum(age.overdue for age in mine)))
    return groups


def _kpis(targets: KpiTargets, sums: list[Sum], taken: repository.Taken, repeated: int) -> list[Kpi]:
    total = next((s for s in sums if s.dimension == "all"), None)
    arrival = next((s for s in sums if s.dimension == "urgency" and s.goal == "arrival" and s.urgent), None)

    def share(name: KpiName, part: int, whole: int, target: int, hours: int | None = None) -> Kpi:
        value = _percent(part, whole)
        return Kpi(name, value, target, whole, None if value is None else value >= target, hours)

    def goals(name: KpiName, s: Sum | None, target: int) -> Kpi:
        return share(name, s.met if s else 0, s.met + s.breached if s else 0, target)

    return [
        goals("compliance", total, targets.compliance),
        share(
            "complaint_answer",
            taken.complaints_in_time,
            taken.complaints,
            targets.complaint_percent,
            targets.complaint_hours,
        ),
        share("major_feedback", taken.major_in_time, taken.major, targets.major_percent, targets.major_hours),
        goals("urgent_arrival", arrival, targets.arrival_percent),
        Kpi("repeated", repeated, targets.repeated_most, repeated, repeated <= targets.repeated_most),
    ]


def _percent(part: int, whole: int) -> float | None:
    """So many of a hundred, with one decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None


def _text(id: UUID | None) -> str:
    return "" if id is None else str(id)
