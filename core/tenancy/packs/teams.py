"""Teams and rosters of a pack: what is wrong with them, and what differs from the database. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from uuid import UUID

import msgspec

from core.policies.duty import DUTY_SHIFTS, ShiftKind
from core.policies.spec import PolicyRegistry
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.teams import cells
from core.teams.roster import Shift, overlapping
from core.tenancy.packs.model import Known, Mistake, Pack, RosterEntry, SiteEntry, TeamEntry
from core.tenancy.packs.overrides import value_of
from core.tenancy.packs.words import unique, unknown

Row = tuple[tuple[cells.Span, ...], ...]
"""What somebody works in a week: the spans of seven days from Monday, in minutes after midnight."""
_NOBODY = UUID(int=0)
_LONGEST = 30  # characters of a team's name


class CurrentTeam(msgspec.Struct, frozen=True):
    """A team as the database has it; `site` is a slug. `roster` is the latest weekly pattern, by login, and `since` the
    Monday it begins on; None where nothing was ever planned."""

    id: UUID
    site: str
    name: str
    categories: tuple[str, ...]
    leads: tuple[str, ...]
    members: tuple[str, ...]
    active: bool
    since: date | None = None
    roster: Mapping[str, Row] = {}


def check_teams(key: str, site: SiteEntry, pack: Pack, known: Known) -> Iterator[Mistake]:
    """Every mistake in the teams of the site at `key`."""
    offered = value_of(known.policies, TICKET_CATEGORIES, pack.policies, site.policies)
    categories = [category.key for category in offered.categories]
    kinds = kinds_of(site, pack, known.policies)
    staff = [p.login for p in pack.people if p.active and (p.sites == "all" or site.slug in p.sites)]
    yield from unique(f"{key}.teams", "name", [team.name for team in site.teams])
    for index, team in enumerate(site.teams):
        place = f"{key}.teams[{index}]"
        if not team.name or team.name != team.name.strip() or len(team.name) > _LONGEST:
            yield Mistake(f"{place}.name", f"use 1 to {_LONGEST} characters, without spaces around them")
        for n, category in enumerate(team.categories):
            if category not in categories:
                yield unknown(f"{place}.categories[{n}]", "category of the site", category, categories)
        for field, logins in (("leads", team.leads), ("members", team.members)):
            for n, login in enumerate(logins):
                if login not in staff:
                    yield unknown(f"{place}.{field}[{n}]", "person who works at the site", login, staff)
                elif (team.leads + team.members).index(login) != n + len(team.leads) * (field == "members"):
                    yield Mistake(f"{place}.{field}[{n}]", f"{login!r} is in the team already; name each person once")
        if team.roster is not None:
            yield from _check_roster(f"{place}.roster.week", team, team.roster, kinds)


def _check_roster(key: str, team: TeamEntry, roster: RosterEntry, kinds: tuple[ShiftKind, ...]) -> Iterator[Mistake]:
    members = [*team.leads, *team.members]
    for login, week in roster.week.items():
        if login not in members:
            yield unknown(f"{key}.{login}", "member of the team", login, members)
        for day, cell in enumerate(week):
            place = f"{key}.{login}[{day}]"
            try:
                spans = cells.read(cell, kinds)
            except ValueError:
                codes = ", ".join(kind.code for kind in kinds)
                yield Mistake(place, f"{cell!r} is no shift; use {codes}, times like 08:30-17:00, or '' for a free day")
            else:
                if overlapping(Shift(starts, ends, _NOBODY) for starts, ends in spans):
                    yield Mistake(place, "shifts overlap; let each end before the next one begins")


def kinds_of(site: SiteEntry, pack: Pack, registry: PolicyRegistry) -> tuple[ShiftKind, ...]:
    """The named shifts that the site's rosters are written with."""
    return value_of(registry, DUTY_SHIFTS, pack.policies, site.policies).shifts


def rows_of(roster: RosterEntry, kinds: Iterable[ShiftKind]) -> dict[str, Row]:
    """Who works when, those left out who are free all week. The roster has no mistakes."""
    kinds = tuple(kinds)
    rows = {
        login: tuple(tuple(sorted(cells.read(cell, kinds))) for cell in week) for login, week in roster.week.items()
    }
    return {login: row for login, row in rows.items() if any(row)}


def team_fields(team: TeamEntry | CurrentTeam) -> dict[str, object]:
    """What is compared of a team, the order of people left out."""
    return {
        "categories": team.categories,
        "leads": tuple(sorted(team.leads)),
        "members": tuple(sorted(team.members)),
        "active": team.active,
    }


def roster_fields(
    before: Mapping[str, Row], after: Mapping[str, Row], kinds: Iterable[ShiftKind]
) -> dict[str, tuple[str | None, str | None]]:
    """Whose weeks differ, as they are written."""
    kinds = tuple(kinds)

    def written(row: Row | None) -> str | None:
        return None if row is None else " / ".join(cells.write(spans, kinds) or "休" for spans in row)

    return {
        login: (written(before.get(login)), written(after.get(login)))
        for login in dict.fromkeys((*after, *before))
        if before.get(login) != after.get(login)
    }
