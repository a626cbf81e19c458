"""Teams, duty rosters and candidates for tickets in the JSON API."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core.platform import Platform
from core.teams.model import OnDuty, PatternEntry, Swap, Team, TeamEntry, Week, WeekEntry, WeekRef
from core.teams.suggest import Candidate
from core.tenancy.directory import Site
from core.work import Work


class TeamList(msgspec.Struct, frozen=True):
    """The site's teams, active ones first."""

    teams: list[Team]


class DutyList(msgspec.Struct, frozen=True):
    """Who is on duty at the instant, by team."""

    at: datetime
    on_duty: list[OnDuty]


class Candidates(msgspec.Struct, frozen=True):
    """Who could get the ticket, best first, each with what decided on the place."""

    candidates: list[Candidate]


class Planned(msgspec.Struct, frozen=True):
    """The team's new version, after its roster was changed."""

    version: int


@get("/teams", permission="team.view")
async def list_teams(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> TeamList:
    """The teams with their members."""
    return TeamList(await platform.teams.all(work, site))


@post("/teams", permission="team.manage")
async def create_team(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[TeamEntry],
) -> Response[Team]:
    """Set up a team."""
    team = await platform.teams.create(work, site, data)
    location = f"/api/v1/sites/{site.slug}/teams/{team.id}"
    return Response(team, status_code=201, headers={"ETag": f'"{team.version}"', "Location": location})


@get("/teams/on-duty", permission="team.view")
async def list_on_duty(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    at: FromQuery[datetime | None] = None,
) -> DutyList:
    """Who is on duty at an instant, by default now."""
    instant = work.now if at is None else at
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return DutyList(instant, await platform.teams.on_duty(work, site, instant))


@get("/teams/{team_id:uuid}", permission="team.view")
async def get_team(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    team_id: FromPath[UUID],
) -> Response[Team]:
    """One team."""
    team = await platform.teams.get(work, site, team_id)
    return Response(team, headers={"ETag": f'"{team.version}"'})


@put("/teams/{team_id:uuid}", permission="team.manage")
async def put_team(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    team_id: FromPath[UUID],
    data: JSONBody[TeamEntry],
) -> Response[Team]:
    """Replace what the team is. Needs If-Match."""
    team = await platform.teams.replace(work, site, team_id, data, if_match)
    return Response(team, headers={"ETag": f'"{team.version}"'})


@get("/teams/{team_id:uuid}/roster", permission="team.view")
async def get_roster(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    team_id: FromPath[UUID],
    day: FromQuery[date | None] = None,
) -> Response[Week]:
    """The plans of the week that `day` is in, by default today's, and the pattern it follows."""
    week = await platform.teams.week(work, site, team_id, day or site.today(work.now))
    return Response(week, headers={"ETag": f'"{week.team.version}"'})


@put("/teams/{team_id:uuid}/roster", permission="team.manage")
async def put_week(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    team_id: FromPath[UUID],
    data: JSONBody[WeekEntry],
) -> Response[Planned]:
    """Replace the plan of one week. Needs the team's version in If-Match."""
    return _planned(await platform.teams.save_week(work, site, team_id, data, if_match))


@put("/teams/{team_id:uuid}/roster/pattern", permission="team.manage")
async def put_pattern(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    team_id: FromPath[UUID],
    data: JSONBody[PatternEntry],
) -> Response[Planned]:
    """Let a weekly pattern hold from a week on. Needs the team's version in If-Match."""
    return _planned(await platform.teams.save_pattern(work, site, team_id, data, if_match))


@post("/teams/{team_id:uuid}/roster/copy", permission="team.manage", status_code=200)
async def copy_last_week(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    team_id: FromPath[UUID],
    data: JSONBody[WeekRef],
) -> Response[Planned]:
    """Plan a week like the one before it. Needs the team's version in If-Match."""
    return _planned(await platform.teams.copy_last_week(work, site, team_id, data.day, if_match))


@post("/teams/{team_id:uuid}/roster/swaps", permission="team.manage", status_code=200)
async def swap_shifts(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    team_id: FromPath[UUID],
    data: JSONBody[Swap],
) -> Response[Planned]:
    """Let a member take over another's shifts of a day, or two members change days. Needs If-Match."""
    return _planned(await platform.teams.swap(work, site, team_id, data, if_match))


@get("/tickets/candidates", permission="ticket.assign")
async def draft_candidates(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    category: FromQuery[str],
    concerns_id: FromQuery[UUID | None] = None,
) -> Candidates:
    """Who could get a matter of the category that is being taken in; never whom it concerns."""
    return Candidates(await platform.teams.candidates(work, site, category, concerns_id))


@get("/tickets/{ticket_id:uuid}/candidates", permission="ticket.assign")
async def ticket_candidates(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
) -> Candidates:
    """Who could get the ticket; never whom it concerns."""
    ticket = await platform.tickets.get(work, site, ticket_id)
    skills = await platform.hooks.collect("candidate_skills", work.ctx, site.id, work=work, ticket=ticket)
    return Candidates(await platform.teams.candidates(work, site, ticket.category, ticket.concerns_id, skills))


@get("/tickets/{ticket_id:uuid}/successors", permission="ticket.transfer")
async def ticket_successors(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
) -> Candidates:
    """To whom the ticket could be handed over; neither its owner nor whom it concerns."""
    ticket = await platform.tickets.get(work, site, ticket_id)
    found = await platform.teams.candidates(work, site, ticket.category, ticket.concerns_id)
    return Candidates([each for each in found if each.membership_id != ticket.owner_id])


def _planned(version: int) -> Response[Planned]:
    return Response(Planned(version), headers={"ETag": f'"{version}"'})


HANDLERS = [
    list_teams,
    create_team,
    list_on_duty,
    get_team,
    put_team,
    get_roster,
    put_week,
    put_pattern,
    copy_last_week,
    swap_shifts,
    draft_candidates,
    ticket_candidates,
    ticket_successors,
]
