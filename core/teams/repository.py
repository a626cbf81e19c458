"""Every statement about teams and rosters. Each names the company itself, besides row level security."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from core.db.question import Question
from core.db.uow import UnitOfWork
from core.errors import Conflict
from core.teams.model import Colleague, Member, Team, TeamEntry
from core.teams.roster import DayPlan, Pattern, Roster, Shift

# who works at the site now: whoever left it is in no team, whatever the team's list still says
_AT_SITE = "m.active AND (m.all_sites OR $2 = ANY (m.site_ids))"
_TEAMS = f"""
SELECT t.id, t.name, t.categories, t.active, t.version, coalesce(
    (SELECT jsonb_agg(jsonb_build_object('membership_id', m.id, 'name', m.name, 'role', k.role)
                      ORDER BY k.role, m.staff_no)
     FROM team_member k JOIN membership m ON m.company_id = k.company_id AND m.id = k.membership_id
     WHERE k.company_id = $1 AND k.team_id = t.id AND {_AT_SITE}), '[]')::text
FROM team t WHERE t.company_id = $1 AND t.site_id = $2 AND ($3::uuid IS NULL OR t.id = $3)
ORDER BY t.active DESC, t.name
"""  # noqa: S608
_COLLEAGUES = f"""
SELECT m.id, m.name FROM membership m WHERE m.company_id = $1 AND {_AT_SITE} ORDER BY m.staff_no
"""  # noqa: S608
_CREATE = """
WITH made AS (
    INSERT INTO team (company_id, id, site_id, name, categories, active, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (company_id, site_id, name) DO NOTHING RETURNING id
), members AS (
    INSERT INTO team_member (company_id, team_id, site_id, membership_id, role)
    SELECT $1, made.id, $3, m.* FROM made, unnest($8::uuid[], $9::text[]) m
)
SELECT id FROM made
"""
_REPLACE = """
WITH changed AS (
    UPDATE team SET name = $4, categories = $5, active = $6, version = version + 1
    WHERE company_id = $1 AND site_id = $3 AND id = $2 AND version = $7 RETURNING id, version
), gone AS (
    DELETE FROM team_member k USING changed
    WHERE k.company_id = $1 AND k.team_id = changed.id AND k.membership_id <> ALL ($8::uuid[])
), members AS (
    INSERT INTO team_member AS k (company_id, team_id, site_id, membership_id, role)
    SELECT $1, changed.id, $3, m.* FROM changed, unnest($8::uuid[], $9::text[]) m
    ON CONFLICT (company_id, team_id, membership_id) DO UPDATE SET role = excluded.role
)
SELECT version FROM changed
"""
# The dated days of a span ($3 to $4), and the patterns that hold in it: the latest begun before it, and those in it.
_PLANNED = """
    FROM duty_plan p
    LEFT JOIN duty_shift s ON s.company_id = p.company_id AND s.team_id = p.team_id AND s.kind = p.kind
                          AND s.day = p.day
    LEFT JOIN membership m ON m.company_id = s.company_id AND m.id = s.membership_id
    WHERE p.company_id = $1 AND p.site_id = $2 AND p.day <= $4
      AND CASE p.kind WHEN 'dated' THEN p.day >= $3 ELSE p.day >= coalesce(
          (SELECT max(q.day) FROM duty_plan q
           WHERE q.company_id = $1 AND q.team_id = p.team_id AND q.kind = 'weekly' AND q.day <= $3), p.day) END
"""
_PLAN_COLUMNS = "p.team_id, p.kind, p.day, p.note, s.weekday, s.starts, s.ends, s.membership_id, m.name"
_PLAN_ORDER = "p.team_id, p.kind, p.day, s.weekday, s.starts, s.membership_id"
_PLANS = f"SELECT {_PLAN_COLUMNS} {_PLANNED} AND ($5::uuid IS NULL OR p.team_id = $5) ORDER BY {_PLAN_ORDER}"
# Load and last turn are of this site: what somebody has elsewhere is not this site's to know (TI-10).
_FACTS = f"""
SELECT (
    SELECT coalesce(jsonb_agg(jsonb_build_array(m.id, m.name, m.staff_no, l.load, l.given_at)), '[]')
    FROM membership m, LATERAL (
        SELECT jsonb_build_array(
                count(*) FILTER (WHERE t.status <> 'paused' AND t.severity = 'routine'),
                count(*) FILTER (WHERE t.status <> 'paused' AND t.severity = 'urgent'),
                count(*) FILTER (WHERE t.status <> 'paused' AND t.severity = 'critical'),
                count(*) FILTER (WHERE t.status = 'paused')) AS load,
            (SELECT g.assigned_at FROM ticket g
             WHERE g.company_id = $1 AND g.site_id = $2 AND g.assignee_id = m.id AND g.assigned_at IS NOT NULL
             ORDER BY g.assigned_at DESC LIMIT 1) AS given_at
        FROM ticket t
        WHERE t.company_id = $1 AND t.assignee_id = m.id AND t.site_id = $2 AND t.status <> 'closed'
          AND t.status <> 'resolved') l
    WHERE m.company_id = $1 AND m.active AND (m.all_sites OR $2 = ANY (m.site_ids)) AND m.id IS DISTINCT FROM $5
      AND (roles_at(m.roles, m.posts, $2, NULL) && $6::text[] OR EXISTS (
          SELECT FROM team_member k JOIN team t ON t.company_id = k.company_id AND t.id = k.team_id
          WHERE k.company_id = $1 AND k.membership_id = m.id AND t.site_id = $2 AND t.active))
)::text, (
    SELECT coalesce(jsonb_agg(jsonb_build_array(t.id, t.name, t.categories, (
        SELECT coalesce(jsonb_agg(k.membership_id), '[]') FROM team_member k
        WHERE k.company_id = $1 AND k.team_id = t.id)) ORDER BY t.name), '[]')
    FROM team t WHERE t.company_id = $1 AND t.site_id = $2 AND t.active
)::text, (
    SELECT coalesce(jsonb_agg(jsonb_build_array({_PLAN_COLUMNS}) ORDER BY {_PLAN_ORDER}), '[]') {_PLANNED}
)::text
"""  # noqa: S608
_FACTS_AND = f"SELECT f.*, q.* FROM ({_FACTS}) f, (/* carried */) q"  # noqa: S608
# One statement: the version is the lock, and what stays of the old shifts is not what is deleted of them.
_PLAN = """
WITH changed AS (
    UPDATE team SET version = version + 1
    WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $4 RETURNING id, site_id, version
), plans_gone AS (
    DELETE FROM duty_plan p USING changed
    WHERE p.company_id = $1 AND p.team_id = changed.id AND p.kind = $5
      AND p.day = ANY ($6::date[]) AND p.day <> ALL ($7::date[])
), plans AS (
    INSERT INTO duty_plan AS p (company_id, team_id, kind, day, site_id, note)
    SELECT $1, changed.id, $5, d.day, changed.site_id, d.note
    FROM changed, unnest($7::date[], $8::text[]) AS d (day, note)
    ON CONFLICT (company_id, team_id, kind, day) DO UPDATE SET note = excluded.note
), given AS (
    SELECT * FROM unnest($9::date[], $10::smallint[], $11::smallint[], $12::smallint[], $13::uuid[])
        AS s (day, weekday, starts, ends, membership_id)
), shifts_gone AS (
    DELETE FROM duty_shift s USING changed
    WHERE s.company_id = $1 AND s.team_id = changed.id AND s.kind = $5 AND s.day = ANY ($7::date[])
      AND NOT EXISTS (SELECT FROM given g WHERE g.day = s.day AND g.weekday = s.weekday AND g.starts = s.starts
                                            AND g.membership_id = s.membership_id)
), shifts AS (
    INSERT INTO duty_shift AS s (company_id, team_id, kind, day, weekday, starts, ends, membership_id)
    SELECT $1, changed.id, $5, g.* FROM changed, given g
    ON CONFLICT (company_id, team_id, kind, day, weekday, starts, membership_id) DO UPDATE SET ends = excluded.ends
)
SELECT version FROM changed
"""

_members = msgspec.json.Decoder(tuple[Member, ...]).decode


class Taker(msgspec.Struct, frozen=True):
    """A team and the categories it takes; none are all."""

    id: UUID
    name: str
    categories: list[str]

    def takes(self, category: str) -> bool:
        return not self.categories or category in self.categories


class PlanRow(msgspec.Struct, frozen=True):
    """A shift of a plan, or a plan without any."""

    team_id: UUID
    kind: str
    day: date
    note: str
    weekday: int | None
    starts: int | None
    ends: int | None
    membership_id: UUID | None
    name: str | None


async def teams(uow: UnitOfWork, site_id: UUID, team_id: UUID | None = None) -> list[Team]:
    """The site's teams, active ones first, or the one asked for."""
    return await uow.fetch(_team, _TEAMS, uow.company_id, site_id, team_id)


async def takers(uow: UnitOfWork, site_id: UUID) -> list[Taker]:
    """The active teams of the site with what they take, by name."""
    sql = "SELECT id, name, categories FROM team WHERE company_id = $1 AND site_id = $2 AND active ORDER BY name"
    return await uow.fetch(Taker, sql, uow.company_id, site_id)


async def colleagues(uow: UnitOfWork, site_id: UUID) -> list[Colleague]:
    """Active members of the company who work at the site."""
    return await uow.fetch(Colleague, _COLLEAGUES, uow.company_id, site_id)


async def create(uow: UnitOfWork, site_id: UUID, team_id: UUID, entry: TeamEntry, now: datetime) -> bool:
    """Insert a team; False where another of the site has the name."""
    made = await uow.value(
        _CREATE, uow.company_id, team_id, site_id, entry.name, list(entry.categories), entry.active, now, *_of(entry)
    )
    return made is not None


async def replace(uow: UnitOfWork, site_id: UUID, team_id: UUID, entry: TeamEntry, expected: int) -> int | None:
    """Make the team what the entry says; its new version, None unless it still had the expected one.

    Raises Conflict where another team was given the name in this very moment.
    """
    values = (entry.name, list(entry.categories), entry.active, expected, *_of(entry))
    try:
        version: int | None = await uow.value(_REPLACE, uow.company_id, team_id, site_id, *values)
    except asyncpg.UniqueViolationError:
        raise Conflict("The site has a team of that name already.") from None
    return version


async def plans(uow: UnitOfWork, site_id: UUID, since: date, until: date, team_id: UUID | None = None) -> list[PlanRow]:
    """What the days of a span, both included, are planned by: of one team or of all."""
    return await uow.fetch(PlanRow, _PLANS, uow.company_id, site_id, since, until, team_id)


async def facts(
    uow: UnitOfWork,
    site_id: UUID,
    since: date,
    until: date,
    without: UUID | None,
    roles: Sequence[str],
    question: Question[Any] | None = None,
) -> tuple[str, str, str]:
    """As JSON: colleagues who hold one of the roles or are in a team, active teams, and what a span is planned by."""

    def read(people: str, teams: str, plans: str, *carried: Any) -> tuple[str, str, str]:
        if question is not None:
            question.read(*carried)
        return people, teams, plans

    arguments = (uow.company_id, site_id, since, until, without, roles)
    if question is None:
        found = await uow.fetch_one(read, _FACTS, *arguments)
    else:
        sql = _FACTS_AND.replace("/* carried */", question.sql(len(arguments) + 1))
        found = await uow.fetch_one(read, sql, *arguments, question.argument)
    assert found is not None  # aggregates always answer
    return found


async def save_days(
    uow: UnitOfWork, site_id: UUID, team: Team, touched: Iterable[date], kept: dict[date, DayPlan]
) -> int | None:
    """Keep these days as dated, the others touched by the pattern again; the team's new version, None if stale."""
    shifts = [(day, day.weekday(), shift) for day, plan in kept.items() for shift in plan.shifts]
    return await _save(uow, site_id, team, "dated", touched, {day: plan.note for day, plan in kept.items()}, shifts)


async def save_pattern(uow: UnitOfWork, site_id: UUID, team: Team, pattern: Pattern) -> int | None:
    """Let a pattern hold from its day on; the team's new version, None if stale."""
    shifts = [(pattern.since, weekday, shift) for weekday, day in enumerate(pattern.week) for shift in day]
    return await _save(uow, site_id, team, "weekly", (), {pattern.since: ""}, shifts)


async def _save(
    uow: UnitOfWork,
    site_id: UUID,
    team: Team,
    kind: str,
    touched: Iterable[date],
    notes: dict[date, str],
    shifts: Sequence[tuple[date, int, Shift]],
) -> int | None:
    version: int | None = await uow.value(
        _PLAN,
        uow.company_id,
        site_id,
        team.id,
        team.version,
        kind,
        list(touched),
        list(notes),
        list(notes.values()),
        [day for day, _, _ in shifts],
        [weekday for _, weekday, _ in shifts],
        [shift.starts for _, _, shift in shifts],
        [shift.ends for _, _, shift in shifts],
        [shift.membership_id for _, _, shift in shifts],
    )
    return version


def rosters(rows: Iterable[PlanRow]) -> dict[UUID, Roster]:
    """Rows in the statement's order as rosters, by team."""
    found: dict[UUID, Roster] = {}
    for (team_id, kind, day, note), group in groupby(rows, key=lambda r: (r.team_id, r.kind, r.day, r.note)):
        roster = found.get(team_id, Roster())
        week: list[list[Shift]] = [[] for _ in range(7)]
        for row in group:
            if row.weekday is not None and row.membership_id is not None:
                week[row.weekday].append(Shift(row.starts or 0, row.ends or 0, row.membership_id))
        if kind == "weekly":
            pattern = Pattern(day, tuple(map(tuple, week)))
            found[team_id] = msgspec.structs.replace(roster, patterns=(*roster.patterns, pattern))
        else:
            plan = DayPlan(tuple(week[day.weekday()]), note, dated=True)
            found[team_id] = msgspec.structs.replace(roster, days={**roster.days, day: plan})
    return found


def around(day: date) -> tuple[date, date]:
    """The span of days whose plans can say who is on duty on a day."""
    return day - timedelta(days=2), day + timedelta(days=1)


def _team(*columns: Any) -> Team:
    id, name, categories, active, version, members = columns
    return Team(id, name, tuple(categories), active, version, _members(members))


def _of(entry: TeamEntry) -> tuple[list[UUID], list[str]]:
    return [member.membership_id for member in entry.members], [member.role for member in entry.members]
