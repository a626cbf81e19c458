"""What decides on who gets a ticket, read in one statement: colleagues with their load, teams, and rosters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.db.question import Question
from core.db.uow import UnitOfWork
from core.teams import repository
from core.teams.repository import PlanRow, around, rosters
from core.teams.roster import Duty, Roster, on_duty
from core.teams.suggest import DUTIES, FITS, DutyState, Facts, Fit, Load
from core.tenancy.directory import Site


class _Person(msgspec.Struct, array_like=True, frozen=True):
    id: UUID
    name: str
    staff_no: str
    load: tuple[int, int, int, int]
    given_at: datetime | None


class _Team(msgspec.Struct, array_like=True, frozen=True):
    id: UUID
    name: str
    categories: tuple[str, ...]
    members: frozenset[UUID]

    def fit(self, category: str) -> Fit:
        """How well a matter of the category belongs to the team."""
        if not self.categories:
            return "general"
        return "category" if category in self.categories else "none"


class Situation(msgspec.Struct, frozen=True):
    """Teams and colleagues as they stand, for a matter of one category."""

    teams: tuple[tuple[UUID, str], ...]
    """Those that take such matters, best first: whose people are on duty, then specialists, then by name."""
    people: tuple[Facts, ...]


_people = msgspec.json.Decoder(tuple[_Person, ...]).decode
_teams = msgspec.json.Decoder(tuple[_Team, ...]).decode
_plans = msgspec.json.Decoder(list[tuple[Any, ...]]).decode


async def situation(
    uow: UnitOfWork,
    site: Site,
    category: str,
    now: datetime,
    roles: frozenset[str],
    without: UUID | None = None,
    question: Question[Any] | None = None,
) -> Situation:
    """Of the site at the instant; `roles` are those whose holders count in any case, `without` is left out (CMP-6).
    `question` is asked along; company and site are its $1 and $2."""
    zone = ZoneInfo(site.timezone)
    found = await repository.facts(uow, site.id, *around(site.today(now)), without, sorted(roles), question)
    people, teams = _people(found[0]), _teams(found[1])
    planned = rosters(PlanRow(*_typed(row)) for row in _plans(found[2]))
    duty = {
        team.id: {d.membership_id: d for d in on_duty(planned[team.id], zone, now)}
        for team in teams
        if team.id in planned
    }
    fitting = sorted(
        (team for team in teams if team.fit(category) != "none"),
        key=lambda team: (DUTIES.index(_team_duty(team, planned, duty)), FITS.index(team.fit(category)), team.name),
    )
    return Situation(
        tuple((team.id, team.name) for team in fitting),
        tuple(_facts(person, category, teams, planned, duty) for person in people),
    )


def _facts(
    person: _Person,
    category: str,
    teams: tuple[_Team, ...],
    planned: dict[UUID, Roster],
    duty: dict[UUID, dict[UUID, Duty]],
) -> Facts:
    """The person by the team of theirs that suits best; without any, neither skilled nor known to be on duty."""
    best: tuple[int, int, int] | None = None
    facts = Facts(person.id, person.name, person.staff_no, Load(*person.load), duty="unknown", given_at=person.given_at)
    for position, team in enumerate(teams):
        if person.id not in team.members:
            continue
        on = duty.get(team.id, {}).get(person.id)
        state: DutyState = "on" if on else "off" if team.id in planned else "unknown"
        fit = team.fit(category)
        place = (fit == "none") * 10 + DUTIES.index(state), FITS.index(fit), position
        if best is None or place < best:
            best = place
            facts = msgspec.structs.replace(
                facts, fit=fit, duty=state, duty_until=on.until if on else None, team_id=team.id, team_name=team.name
            )
    return facts


def _team_duty(team: _Team, planned: dict[UUID, Roster], duty: dict[UUID, dict[UUID, Duty]]) -> DutyState:
    if team.id not in planned:
        return "unknown"
    return "on" if team.members.intersection(duty[team.id]) else "off"


def _typed(row: tuple[Any, ...]) -> tuple[Any, ...]:
    team_id, kind, day, note, weekday, starts, ends, membership_id, name = row
    member = UUID(membership_id) if membership_id else None
    return UUID(team_id), kind, date.fromisoformat(day), note, weekday, starts, ends, member, name
