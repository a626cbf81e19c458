"""What the structs of a pack cannot say: names that must exist, values that must be unique, policies that must fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import available_timezones

from core.errors import Invalid
from core.policies.layers import validate
from core.policies.spec import PolicySpec
from core.tenancy.packs.model import Known, Mistake, Pack, PersonEntry, PolicyTables, SiteEntry
from core.tenancy.packs.overrides import overrides_of, policy_names, value_of
from core.tenancy.packs.teams import check_teams
from core.tenancy.packs.words import filled, unique, unknown

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,39}")
PASSWORD_LENGTH = 8

Inherited = Callable[[PolicySpec[Any]], Any]


def check_pack(pack: Pack, known: Known) -> list[Mistake]:
    """Every mistake in the pack, each with its key and the mend."""
    return [
        *_slug("company.slug", pack.company.slug),
        *filled("company.name", pack.company.name),
        *_password(pack),
        *unique("sites", "slug", [site.slug for site in pack.sites]),
        *unique("people", "login", [person.login for person in pack.people]),
        *unique("people", "staff_no", [person.staff_no for person in pack.people]),
        *_policies("policies", pack.policies, known, lambda spec: spec.default),
        *(mistake for index, site in enumerate(pack.sites) for mistake in _site(f"sites[{index}]", site, pack, known)),
        *(mistake for i, person in enumerate(pack.people) for mistake in _person(f"people[{i}]", person, pack, known)),
    ]


def _password(pack: Pack) -> Iterator[Mistake]:
    if pack.password is None:
        return
    if not pack.demo:
        yield Mistake("password", "only a pack with demo = true may hold one; take it out")
    elif len(pack.password) < PASSWORD_LENGTH:
        yield Mistake("password", f"use at least {PASSWORD_LENGTH} characters")


def _site(key: str, site: SiteEntry, pack: Pack, known: Known) -> Iterator[Mistake]:
    yield from _slug(f"{key}.slug", site.slug)
    yield from filled(f"{key}.name", site.name)
    if site.timezone not in available_timezones():
        yield unknown(f"{key}.timezone", "time zone", site.timezone, available_timezones(), "Asia/Shanghai")
    yield from unique(f"{key}.subscriptions", "plugin", [entry.plugin for entry in site.subscriptions])
    for index, entry in enumerate(site.subscriptions):
        place = f"{key}.subscriptions[{index}]"
        if entry.plugin not in known.plugins:
            yield unknown(f"{place}.plugin", "running plugin", entry.plugin, known.plugins)
        if entry.ends_on is not None and entry.ends_on < entry.starts_on:
            yield Mistake(f"{place}.to", f"ends before it starts; use {entry.starts_on} or later, or leave it out")
    yield from _policies(
        f"{key}.policies",
        site.policies,
        known,
        lambda spec: value_of(known.policies, spec, pack.policies),
        of_site=True,
    )
    yield from check_teams(key, site, pack, known)


def _person(key: str, person: PersonEntry, pack: Pack, known: Known) -> Iterator[Mistake]:
    if not _LOGIN.fullmatch(person.login):
        yield Mistake(f"{key}.login", "use 2 to 40 small letters, digits, dots and dashes, a letter first")
    yield from filled(f"{key}.name", person.name)
    yield from filled(f"{key}.staff_no", person.staff_no)
    if not person.roles:
        yield Mistake(f"{key}.roles", "name at least one role")
    for index, role in enumerate(person.roles):
        if role not in known.roles:
            yield unknown(f"{key}.roles[{index}]", "role", role, known.roles)
    slugs = [site.slug for site in pack.sites]
    for index, slug in enumerate(() if person.sites == "all" else person.sites):
        if slug not in slugs:
            yield unknown(f"{key}.sites[{index}]", "site in this pack", slug, slugs)


def _policies(
    key: str, tables: PolicyTables, known: Known, inherited: Inherited, *, of_site: bool = False
) -> Iterator[Mistake]:
    specs = {spec.name: spec for spec in known.policies.all() if not (of_site and spec.company_only)}
    for name, table in policy_names(tables):
        spec = specs.get(name)
        if spec is None:
            yield unknown(f"{key}.{name}", "policy", name, specs)
            continue
        try:
            validate(spec, overrides_of(known.policies, name, table), inherited(spec))
        except Invalid as error:
            yield from invalid(f"{key}.{name}", error)


def invalid(key: str, error: Invalid) -> Iterator[Mistake]:
    """The wrong fields of what is at `key`."""
    for field in error.fields:
        place = ".".join(filter(None, (key, field.field)))
        yield Mistake(place, field.message.format(**field.params) if field.params else field.message)


def _slug(key: str, slug: str) -> Iterator[Mistake]:
    if not _SLUG.fullmatch(slug):
        yield Mistake(key, "use 1 to 40 small letters, digits and dashes, a letter first")
