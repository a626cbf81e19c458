"""Duty rosters of teams: weekly patterns, dated weeks, swaps, and who is on duty. Callers commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from core.errors import FieldError, Invalid, PreconditionFailed
from core.teams import repository
from core.teams.model import WEEKDAYS, DayOut, OnDuty, PatternEntry, PatternOut, Swap, Team, Week, WeekEntry
from core.teams.roll import TeamRoll
from core.teams.roster import (
    DayPlan,
    Pattern,
    Roster,
    Shift,
    deviations,
    monday_of,
    on_duty,
    overlapping,
    plan_of,
    swapped,
    week_of,
)
from core.tenancy.directory import Site
from core.work import Work

_WEEK = timedelta(days=7)
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 1)  # between which rosters can be planned


class Planning(TeamRoll):
    """Reading and writing rosters. The team's version is the roster's too: two planners cannot overwrite each other."""

    async def week(self, work: Work, site: Site, team_id: UUID, day: date) -> Week:
        """The roster of the week that `day` is in. Raises NotFound."""
        team = await self.get(work, site, team_id)
        return _week(team, *await self._roster(work, site, team, monday_of(_within(day))), monday_of(day))

    async def on_duty(self, work: Work, site: Site, at: datetime) -> list[OnDuty]:
        """Who is on duty at an instant for the site's active teams, by team and end of duty."""
        zone = ZoneInfo(site.timezone)
        _within(at.date())  # before it is converted, which the ends of time cannot be
        day = at.astimezone(zone).date()
        teams = [team for team in await self.all(work, site) if team.active]
        found = repository.rosters(await repository.plans(work.uow, site.id, *repository.around(day)))
        return [
            OnDuty(team.id, team.name, duty.membership_id, name, duty.since, duty.until)
            for team in teams
            for duty in on_duty(found.get(team.id, Roster()), zone, at)
            if (name := team.name_of(duty.membership_id)) is not None
        ]

    async def save_pattern(self, work: Work, site: Site, team_id: UUID, entry: PatternEntry, expected: int) -> int:
        """Let a weekly pattern hold from the Monday of `since` on; the team's new version.

        Weeks that are over keep the pattern they had. Raises NotFound, PreconditionFailed, Invalid.
        """
        team = await self._expected(work, site, team_id, expected)
        since = monday_of(_within(entry.since))
        wrong = list(_faults(team, ((name, "", shifts) for name, shifts in zip(WEEKDAYS, entry.week, strict=True))))
        if since < monday_of(site.today(work.now)):
            wrong.append(FieldError("since", "Begin with the present week or a later one."))
        if wrong:
            raise Invalid(fields=wrong)
        version = await repository.save_pattern(work.uow, site.id, team, Pattern(since, entry.week))
        return self._saved(work, site, team, version, "roster.pattern_changed", {"since": since.isoformat()})

    async def save_week(self, work: Work, site: Site, team_id: UUID, entry: WeekEntry, expected: int) -> int:
        """Plan the week that `day` is in; days that say what the pattern says follow it. The team's new version."""
        team = await self._expected(work, site, team_id, expected)
        monday = monday_of(_within(entry.day))
        plans = [DayPlan(day.shifts, day.note.strip()) for day in entry.days]
        named = zip(WEEKDAYS, entry.days, strict=True)
        if wrong := list(_faults(team, ((name, ".shifts", day.shifts) for name, day in named))):
            raise Invalid(fields=wrong)
        roster, _ = await self._roster(work, site, team, monday)
        return await self._keep_week(work, site, team, roster, monday, plans)

    async def copy_last_week(self, work: Work, site: Site, team_id: UUID, day: date, expected: int) -> int:
        """Plan the week that `day` is in like the one before, for those who are still in the team."""
        team = await self._expected(work, site, team_id, expected)
        monday = monday_of(_within(day))
        roster, _ = await self._roster(work, site, team, monday - _WEEK, monday)
        plans = [
            DayPlan(tuple(shift for shift in plan.shifts if team.name_of(shift.membership_id)))
            for plan in week_of(roster, monday - _WEEK)
        ]
        return await self._keep_week(work, site, team, roster, monday, plans)

    async def swap(self, work: Work, site: Site, team_id: UUID, swap: Swap, expected: int) -> int:
        """Let somebody take over a colleague's shifts of a day, and the other way round on another. The new version.

        Raises NotFound, PreconditionFailed, Invalid where there is nothing to take over or shifts would overlap.
        """
        team = await self._expected(work, site, team_id, expected)
        given = [(_within(swap.day), "day", swap.giver_id, swap.taker_id)]
        if swap.back_on is not None:
            given.append((_within(swap.back_on), "back_on", swap.taker_id, swap.giver_id))
        wrong = [
            FieldError(field, "Choose a member of the team.")
            for field, person in (("giver_id", swap.giver_id), ("taker_id", swap.taker_id))
            if team.name_of(person) is None
        ]
        if swap.giver_id == swap.taker_id:
            wrong.append(FieldError("taker_id", "Choose two people."))
        if wrong:
            raise Invalid(fields=wrong)
        days = sorted(day for day, *_ in given)
        roster, _ = await self._roster(work, site, team, days[0], days[-1])
        kept: dict[date, DayPlan] = {}
        for day, field, giver, taker in given:
            plan = kept.get(day) or plan_of(roster, day)
            note = f"{team.name_of(giver)} → {team.name_of(taker)}"
            kept[day] = swapped(plan, giver, taker, note)
            if all(shift.membership_id != giver for shift in plan.shifts):
                wrong.append(FieldError(field, "{name} has no shift on that day.", {"name": team.name_of(giver)}))
            elif overlapping(kept[day].shifts):
                wrong.append(FieldError(field, "{name} works at that time already.", {"name": team.name_of(taker)}))
        if wrong:
            raise Invalid(fields=wrong)
        version = await repository.save_days(work.uow, site.id, team, kept, kept)
        told = {day.isoformat(): plan.note for day, plan in kept.items()}
        return self._saved(work, site, team, version, "roster.shift_swapped", told)

    # -- parts -------------------------------------------------------------------------------------------------------

    async def _expected(self, work: Work, site: Site, team_id: UUID, expected: int) -> Team:
        team = await self.get(work, site, team_id)
        if team.version != expected:
            raise PreconditionFailed
        return team

    async def _roster(
        self, work: Work, site: Site, team: Team, since: date, until: date | None = None
    ) -> tuple[Roster, dict[UUID, str]]:
        """What a span of days, by default the week from `since`, is planned by; the names of everybody in it."""
        rows = await repository.plans(work.uow, site.id, since, (until or since) + _WEEK, team.id)
        names = {row.membership_id: row.name or "" for row in rows if row.membership_id is not None}
        return repository.rosters(rows).get(team.id, Roster()), names

    async def _keep_week(
        self, work: Work, site: Site, team: Team, roster: Roster, monday: date, plans: list[DayPlan]
    ) -> int:
        touched = [monday + timedelta(days=n) for n in range(7)]
        kept = deviations(roster, monday, plans)
        version = await repository.save_days(work.uow, site.id, team, touched, kept)
        told = {"week": monday.isoformat(), "dated": [day.isoformat() for day in kept]}
        return self._saved(work, site, team, version, "roster.week_changed", told)

    @staticmethod
    def _saved(work: Work, site: Site, team: Team, version: int | None, action: str, changes: Mapping[str, Any]) -> int:
        if version is None:  # somebody else was faster between our reading and our writing
            raise PreconditionFailed
        work.audit(action, "team", team.id, {"name": team.name, **changes}, site_id=site.id)
        work.announce("team", site.id, team.id)
        return version


def _within(day: date) -> date:
    """The day, if rosters reach so far. Raises Invalid."""
    if not FIRST <= day <= LAST:
        raise Invalid.field("day", "Choose a day between 2000 and 2199.")
    return day


def _faults(team: Team, days: Iterable[tuple[str, str, tuple[Shift, ...]]]) -> Iterator[FieldError]:
    for name, suffix, shifts in days:
        for index, shift in enumerate(shifts):
            if team.name_of(shift.membership_id) is None:
                yield FieldError(f"{name}{suffix}.{index}.membership_id", "Choose a member of the team.")
        for person in overlapping(shifts):
            if who := team.name_of(person):
                yield FieldError(f"{name}{suffix}", "Shifts of {name} overlap.", {"name": who})


def _week(team: Team, roster: Roster, names: dict[UUID, str], monday: date) -> Week:
    days = tuple(
        DayOut(monday + timedelta(days=n), plan.shifts, plan.note, plan.dated)
        for n, plan in enumerate(week_of(roster, monday))
    )
    in_force = next((p for p in reversed(roster.patterns) if p.since <= monday), None)
    used = {shift.membership_id for day in days for shift in day.shifts}
    return Week(
        team,
        monday,
        days,
        PatternOut(in_force.since, in_force.week) if in_force else None,
        {id: name for id, name in names.items() if id in used},
    )
