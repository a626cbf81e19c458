"""The pages of teams: the list, and one team's form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Conflict, FieldError, Invalid, LodgeError, Malformed, PreconditionFailed
from core.i18n import msgid
from core.platform import Platform
from core.teams.model import MemberEntry, Team, TeamEntry
from core.tenancy.directory import Site
from core.web.console import queue
from core.web.view import View
from core.web.views import Choice, Field
from core.web.views.teams import DutyChip, MemberRow, TeamRow
from core.work import Work

MANAGE = "team.manage"
Form = Mapping[str, list[str]]


@get("/teams", permission="team.view")
async def team_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    titles = await _titles(work, site, platform)
    teams = await platform.teams.all(work, site)
    duty: dict[UUID, list[DutyChip]] = {}
    for one in await platform.teams.on_duty(work, site, work.now):
        duty.setdefault(one.team_id, []).append(DutyChip(one.name, one.until))
    rows = tuple(
        TeamRow(
            href=f"{_base(site)}/{team.id}",
            name=team.name,
            active=team.active,
            categories=tuple(titles.get(key, key) for key in team.categories),
            leads=tuple(m.name for m in team.members if m.role == "lead"),
            members=tuple(m.name for m in team.members if m.role == "member"),
            on_duty=tuple(duty.get(team.id, ())),
        )
        for team in teams
    )
    return await view.html("teams/list.html", rows=rows, can_manage=MANAGE in work.ctx.permissions)


@get("/teams/new", permission=MANAGE)
async def new_team(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    return await _form_page(work, site, platform, view, None)


@post("/teams", permission=MANAGE, status_code=200)
async def create_team(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Set up a team. A refusal comes back with the form as it was filled in, and why."""
    form = await view.form_lists()
    try:
        team = await platform.teams.create(work, site, _entry(form))
    except (Invalid, Conflict) as refused:
        return await _form_page(work, site, platform, view, None, form, refused)
    return view.redirect(f"{_base(site)}/{team.id}")


@get("/teams/{team_id:uuid}/edit", permission=MANAGE)
async def edit_team(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    team_id: FromPath[UUID],
) -> Response[str]:
    return await _form_page(work, site, platform, view, await platform.teams.get(work, site, team_id))


@post("/teams/{team_id:uuid}/edit", permission=MANAGE, status_code=200)
async def save_team(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    team_id: FromPath[UUID],
) -> Response[Any]:
    """Change a team as a whole."""
    form = await view.form_lists()
    try:
        await platform.teams.replace(work, site, team_id, _entry(form), version_of(form))
    except (Invalid, Conflict, PreconditionFailed) as refused:
        team = await platform.teams.get(work, site, team_id)
        return await _form_page(work, site, platform, view, team, form, refused)
    return view.redirect(f"{_base(site)}/{team_id}")


def version_of(form: Form) -> int:
    """The version the form was made for. Raises Malformed."""
    try:
        return int(last(form, "version"))
    except ValueError as error:
        raise Malformed from error


def last(form: Form, name: str) -> str:
    return form.get(name, [""])[-1]


def _base(site: Site) -> str:
    return f"/s/{site.slug}/teams"


async def _titles(work: Work, site: Site, platform: Platform) -> dict[str, str]:
    return {c.key: queue.title(c, work.ctx.locale) for c in await platform.tickets.categories(work, site)}


def _entry(form: Form) -> TeamEntry:
    """What the form says. Raises Malformed for what no form sends."""
    try:
        members = tuple(
            MemberEntry(UUID(id), "lead" if role == "lead" else "member")
            for id, role in zip(form.get("person", ()), form.get("role", ()), strict=True)
            if role
        )
    except ValueError as error:
        raise Malformed from error
    return TeamEntry(
        name=last(form, "name")[:30],
        categories=tuple(form.get("categories", ())),
        members=members,
        active=last(form, "active") == "true",
    )


async def _form_page(
    work: Work,
    site: Site,
    platform: Platform,
    view: View,
    team: Team | None,
    form: Form | None = None,
    refused: LodgeError | None = None,
) -> Response[str]:
    """A team's form: as the team is, or as it was filled in and why it was refused."""
    titles = await _titles(work, site, platform)
    if form is not None:
        name, chosen, active = last(form, "name"), form.get("categories", []), last(form, "active") == "true"
        roles = dict(zip(form.get("person", ()), form.get("role", ()), strict=False))
    else:
        name, chosen, active = (team.name, list(team.categories), team.active) if team else ("", [], True)
        roles = {str(m.membership_id): str(m.role) for m in team.members} if team else {}
    errors: dict[str, FieldError] = {fault.field: fault for fault in refused.fields} if refused else {}
    named = errors.get("name")
    staff = platform.directory.colleagues(work.ctx.company_id, site)
    kept = {key: titles.get(key, key) for key in (*titles, *chosen)}
    return await view.html(
        "teams/edit.html",
        status=int(refused.status) if refused else 200,
        team=team,
        version=last(form, "version") if form is not None else str(team.version if team else ""),
        action=f"{_base(site)}/{team.id}/edit" if team else _base(site),
        name=Field("name", msgid("Name"), value=name, required=True, maximum=30, error=named.message if named else ""),
        active=active,
        categories=tuple(Choice(key, title) for key, title in kept.items()),
        chosen=frozenset(chosen),
        members=tuple(MemberRow(str(c.id), c.name, roles.get(str(c.id), "")) for c in staff),
        faults=tuple(fault for field, fault in errors.items() if field != "name"),
        refused=refused if refused and not refused.fields else None,
    )


HANDLERS = [team_list, new_team, create_team, edit_team, save_team]
