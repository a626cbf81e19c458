"""Compares a pack with what the database holds. Pure: the same two always give the same changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import reduce
from typing import Any, Literal
from uuid import UUID

import msgspec

from core.policies.layers import Overrides, diff, set_leaf
from core.policies.spec import PolicyRegistry
from core.tenancy.packs.model import Mistake, Pack, PersonEntry, PolicyTables, SiteEntry, SubscriptionEntry
from core.tenancy.packs.overrides import overrides_of, policy_names
from core.tenancy.packs.teams import CurrentTeam, kinds_of, roster_fields, rows_of, team_fields

Kind = Literal["company", "site", "subscription", "person", "policy", "team", "roster"]


class CurrentSite(msgspec.Struct, frozen=True):
    id: UUID
    slug: str
    name: str
    kind: str
    timezone: str
    telephone: str


class CurrentSubscription(msgspec.Struct, frozen=True):
    """One period of a plugin on a site; `enabled` is the plugin's switch there."""

    id: UUID
    site: str
    plugin: str
    starts_on: date
    ends_on: date | None
    enabled: bool


class CurrentPerson(msgspec.Struct, frozen=True):
    """Somebody who works for the company; roles and sites (slugs) are sorted."""

    membership_id: UUID
    login: str
    name: str
    staff_no: str
    department: str
    roles: tuple[str, ...]
    sites: tuple[str, ...] | Literal["all"]
    active: bool


class CurrentPolicy(msgspec.Struct, frozen=True):
    """The latest revision of a layer; `site` is a slug, None the company's layer."""

    name: str
    site: str | None
    number: int
    overrides: Overrides


class Current(msgspec.Struct, frozen=True):
    """A company as the database has it; `name` None: it has none."""

    name: str | None = None
    sites: tuple[CurrentSite, ...] = ()
    subscriptions: tuple[CurrentSubscription, ...] = ()
    people: tuple[CurrentPerson, ...] = ()
    policies: tuple[CurrentPolicy, ...] = ()
    teams: tuple[CurrentTeam, ...] = ()


class Change(msgspec.Struct, frozen=True):
    """One thing that differs. `fields` holds field → (before, after) for what is added or changed.

    `keep`: the database has it, the pack does not (any more); it is reported and left alone.
    """

    action: Literal["add", "change", "keep"]
    kind: Kind
    name: str
    site: str | None = None
    fields: dict[str, tuple[Any, Any]] = {}

    def lines(self) -> Iterator[str]:
        """The change as people read it."""
        at = f" @{self.site}" if self.site else ""
        match self.action:
            case "add":
                yield f"+ {self.kind} {self.name}{at}"
            case "keep":
                what = f": {', '.join(self.fields)}" if self.fields else ""
                yield f"= {self.kind} {self.name}{at}{what} is not in the pack; it stays as it is"
            case "change":
                for field, (before, after) in self.fields.items():
                    yield f"~ {self.kind} {self.name}{at} {field}: {_shown(before)} -> {_shown(after)}"


def plan(pack: Pack, current: Current, registry: PolicyRegistry) -> list[Change]:
    """What applying the pack would do, in the order in which it is done. No `add` or `change`: nothing to do."""
    return [
        *_company(pack, current),
        *(change for site in pack.sites for change in _site(site, current)),
        *(
            change
            for site in pack.sites
            for entry in site.subscriptions
            for change in _subscription(site, entry, current)
        ),
        *(change for person in pack.people for change in _person(person, current)),
        *_policies(None, pack.policies, current, registry),
        *(change for site in pack.sites for change in _policies(site.slug, site.policies, current, registry)),
        *(change for site in pack.sites for change in _teams(site, pack, current, registry)),
        *_kept(pack, current),
    ]


def conflicts(pack: Pack, current: Current) -> Iterator[Mistake]:
    """What of the pack the database cannot hold beside what it has."""
    listed = {person.login for person in pack.people}
    taken = {person.staff_no: person.login for person in current.people if person.login not in listed}
    for index, person in enumerate(pack.people):
        if person.staff_no in taken:
            yield Mistake(f"people[{index}].staff_no", f"{taken[person.staff_no]!r} has this number; use another")
    for i, site in enumerate(pack.sites):
        for j, entry in enumerate(site.subscriptions):
            earlier = _periods(site.slug, entry.plugin, current)[:-1]
            if any(period.ends_on is None or entry.starts_on <= period.ends_on for period in earlier):
                place = f"sites[{i}].subscriptions[{j}].from"
                yield Mistake(place, f"overlaps an earlier subscription; use a date after {earlier[-1].ends_on}")


def merged(current: CurrentPolicy | None, change: Change) -> Overrides:
    """The layer's overrides with the leaves of the change in place."""
    before: Overrides = {} if current is None else current.overrides
    return reduce(lambda overrides, leaf: set_leaf(overrides, leaf[0], leaf[1][1]), change.fields.items(), before)


def policy_of(current: Current, name: str, site: str | None) -> CurrentPolicy | None:
    """The layer's latest revision."""
    return next((policy for policy in current.policies if (policy.name, policy.site) == (name, site)), None)


def latest_period(current: Current, site: str, plugin: str) -> CurrentSubscription | None:
    """The subscription that a pack means; those before it are history."""
    return next(reversed(_periods(site, plugin, current)), None)


def team_of(current: Current, site: str, name: str) -> CurrentTeam | None:
    """The site's team of that name."""
    return next((team for team in current.teams if (team.site, team.name) == (site, name)), None)


def _company(pack: Pack, current: Current) -> Iterator[Change]:
    if current.name is None:
        yield Change("add", "company", pack.company.slug, fields={"name": (None, pack.company.name)})
    elif current.name != pack.company.name:
        yield Change("change", "company", pack.company.slug, fields={"name": (current.name, pack.company.name)})


def _site(site: SiteEntry, current: Current) -> Iterator[Change]:
    before = next((known for known in current.sites if known.slug == site.slug), None)
    yield from _compared("site", site.slug, None, before, site, ("name", "kind", "timezone", "telephone"))


def _subscription(site: SiteEntry, entry: SubscriptionEntry, current: Current) -> Iterator[Change]:
    before = latest_period(current, site.slug, entry.plugin)
    yield from _compared("subscription", entry.plugin, site.slug, before, entry, ("starts_on", "ends_on", "enabled"))


def _person(person: PersonEntry, current: Current) -> Iterator[Change]:
    before = next((known for known in current.people if known.login == person.login), None)
    wanted = CurrentPerson(
        membership_id=UUID(int=0),
        login=person.login,
        name=person.name,
        staff_no=person.staff_no,
        department=person.department,
        roles=tuple(sorted(set(person.roles))),
        sites="all" if person.sites == "all" else tuple(sorted(set(person.sites))),
        active=person.active,
    )
    fields = ("name", "staff_no", "department", "roles", "sites", "active")
    yield from _compared("person", person.login, None, before, wanted, fields)


def _policies(site: str | None, tables: PolicyTables, current: Current, registry: PolicyRegistry) -> Iterator[Change]:
    """One change a layer, leaf by leaf; leaves that the pack does not name stay overridden."""
    for name, table in policy_names(tables):
        before = policy_of(current, name, site)
        leaves = diff(
            registry.get(name), {} if before is None else before.overrides, overrides_of(registry, name, table)
        )
        wanted = {leaf.path: (_known(leaf.before), leaf.after) for leaf in leaves if leaf.after is not msgspec.UNSET}
        if wanted:
            yield Change("add" if before is None else "change", "policy", name, site, wanted)
        stray = {leaf.path: (leaf.before, leaf.before) for leaf in leaves if leaf.after is msgspec.UNSET}
        if stray:
            yield Change("keep", "policy", name, site, stray)


def _teams(site: SiteEntry, pack: Pack, current: Current, registry: PolicyRegistry) -> Iterator[Change]:
    """Teams, each followed by its roster."""
    kinds = kinds_of(site, pack, registry)
    for team in site.teams:
        before = team_of(current, site.slug, team.name)
        after = team_fields(team)
        yield from _differing("team", team.name, site.slug, team_fields(before) if before else None, after)
        if team.roster is not None:
            rows = before.roster if before else {}
            if fields := roster_fields(rows, rows_of(team.roster, kinds), kinds):
                yield Change("change" if before and before.since else "add", "roster", team.name, site.slug, fields)


def _kept(pack: Pack, current: Current) -> Iterator[Change]:
    """What only the database has, by the same keys as above."""
    sites = {site.slug: site for site in pack.sites}
    layers: set[tuple[str, str | None]] = {(name, None) for name, _ in policy_names(pack.policies)}
    layers |= {(name, site.slug) for site in pack.sites for name, _ in policy_names(site.policies)}
    subscribed = {(slug, entry.plugin) for slug, site in sites.items() for entry in site.subscriptions}
    logins = {person.login for person in pack.people}
    yield from (Change("keep", "site", known.slug) for known in current.sites if known.slug not in sites)
    for slug, plugin in dict.fromkeys((known.site, known.plugin) for known in current.subscriptions):
        if (slug, plugin) not in subscribed:
            yield Change("keep", "subscription", plugin, slug)
    yield from (
        Change("keep", "person", known.login) for known in current.people if known.active and known.login not in logins
    )
    yield from (
        Change("keep", "policy", known.name, known.site)
        for known in current.policies
        if known.overrides and (known.name, known.site) not in layers
    )
    teams = {(site.slug, team.name): team for site in pack.sites for team in site.teams}
    for known in current.teams:
        entry = teams.get((known.site, known.name))
        if entry is None and known.active:
            yield Change("keep", "team", known.name, known.site)
        elif entry is not None and entry.roster is None and known.roster:
            yield Change("keep", "roster", known.name, known.site)


def _compared(
    kind: Kind, name: str, site: str | None, before: object | None, after: object, fields: Iterable[str]
) -> Iterator[Change]:
    known = None if before is None else {field: getattr(before, field) for field in fields}
    yield from _differing(kind, name, site, known, {field: getattr(after, field) for field in fields})


def _differing(
    kind: Kind, name: str, site: str | None, before: dict[str, object] | None, after: dict[str, object]
) -> Iterator[Change]:
    if before is None:
        yield Change("add", kind, name, site, {field: (None, value) for field, value in after.items()})
    elif differing := {field: (before[field], value) for field, value in after.items() if before[field] != value}:
        yield Change("change", kind, name, site, differing)


def _periods(site: str, plugin: str, current: Current) -> list[CurrentSubscription]:
    periods = [known for known in current.subscriptions if (known.site, known.plugin) == (site, plugin)]
    return sorted(periods, key=lambda period: period.starts_on)


def _known(value: Any) -> Any:
    return None if value is msgspec.UNSET else value


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str | date):
        return str(value)
    return msgspec.json.encode(value).decode()
