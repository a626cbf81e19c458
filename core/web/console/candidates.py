"""Whom a matter can be given to, and whose it will be: the parts of forms that ask for a colleague."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.errors import Malformed
from core.platform import Platform
from core.teams.suggest import Skill
from core.tenancy.directory import Site
from core.tickets.ownership import TRANSFER
from core.web.view import View
from core.web.views import Choice
from core.web.views.teams import CandidateOption, People
from core.work import Work

ASSIGN = "ticket.assign"
SUGGESTED = 5  # candidates that are put before all the others


@get("/tickets/{ticket_id:uuid}/candidates", permission=ASSIGN)
async def candidates(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[str]:
    """The fields of the dialog in which a ticket is assigned: teams, and colleagues with the best first (CMP-6)."""
    ticket = await platform.tickets.get(work, site, ticket_id)
    skills = await platform.hooks.collect("candidate_skills", work.ctx, site.id, work=work, ticket=ticket)
    people = await _people(work, site, platform, ticket.category, ticket.concerns_id, skills=skills)
    teams = [team for team in await platform.teams.all(work, site) if team.active]
    return await view.html(
        "teams/candidates.html",
        teams=tuple(Choice(str(team.id), team.name) for team in teams),
        team=str(ticket.team_id or ""),
        people=people,
        chosen=str(ticket.assignee_id or people.best),
        concerned=ticket.concerns_name,
    )


@get("/tickets/{ticket_id:uuid}/successors", permission=TRANSFER)
async def successors(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[str]:
    """The field of the dialog in which a ticket is handed over: colleagues with the best first, its owner left out."""
    ticket = await platform.tickets.get(work, site, ticket_id)
    people = await _people(work, site, platform, ticket.category, ticket.concerns_id, ticket.owner_id)
    return await view.html("teams/successors.html", people=people, concerned=ticket.concerns_name)


@get("/tickets/candidates", permission=ASSIGN)
async def draft_candidates(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    category: FromQuery[str] = "",
    concerns: FromQuery[str] = "",
    assignee: FromQuery[str] = "",
) -> Response[str]:
    """The field in which a matter that is being taken in is given to somebody, if it is: the best, then all others."""
    people = await _people(work, site, platform, category, _id(concerns))
    return await view.html("teams/draft_candidates.html", people=people, chosen=assignee)


@get("/tickets/owner", permission="ticket.create")
async def owner(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    concerns: FromQuery[str] = "",
) -> Response[str]:
    """Whose a complaint will be that concerns whoever takes it in (CMP-6); nothing to say for other people."""
    own = _id(concerns) is not None and _id(concerns) == work.ctx.actor.id
    found = await platform.tickets.owner_instead(work, site) if own else None
    return await view.html("teams/owner.html", own=own, name=found[1] if found else "")


async def _people(
    work: Work,
    site: Site,
    platform: Platform,
    category: str,
    concerned: UUID | None,
    left_out: UUID | None = None,
    skills: Iterable[Skill] = (),
) -> People:
    ranked = await platform.teams.candidates(work, site, category, concerned, skills)
    suggested = tuple(
        CandidateOption(str(c.membership_id), c.name, c.duty, c.duty_until, c.fit, c.tickets, c.paused, c.skill)
        for c in [c for c in ranked if c.membership_id != left_out][:SUGGESTED]
    )
    known = {option.id for option in suggested} | {str(concerned), str(left_out)}
    staff = platform.directory.colleagues(work.ctx.company_id, site)
    return People(suggested, tuple(CandidateOption(str(c.id), c.name) for c in staff if str(c.id) not in known))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Malformed from None


HANDLERS = [candidates, successors, draft_candidates, owner]
