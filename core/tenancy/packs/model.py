"""What a pack file says, as structs, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

import msgspec

from core.auth.permissions import ROLES
from core.policies.spec import PolicyRegistry

SiteKind = Literal["residential", "office", "mixed", "other"]
# owner → noun → overrides, as `[policies.core.calendar]` reads; what they hold is for the policy's shape to say
PolicyTables = dict[str, dict[str, dict[str, Any]]]


class SubscriptionEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plugin on a site, both dates included. `enabled` switches it on."""

    plugin: str
    starts_on: date = msgspec.field(name="from")
    ends_on: date | None = msgspec.field(name="to", default=None)
    enabled: bool = True


class RosterEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The weeks from that of `since` on: by login a cell a day, Monday first, as people write rosters."""

    since: date
    week: dict[str, tuple[str, str, str, str, str, str, str]]


class TeamEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A team of the site. `leads` and `members` are logins, each person once; no `categories`: it takes any matter."""

    name: str
    categories: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    active: bool = True
    roster: RosterEntry | None = None


class SiteEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    slug: str
    name: str
    kind: SiteKind
    timezone: str
    telephone: str = ""
    subscriptions: tuple[SubscriptionEntry, ...] = ()
    policies: PolicyTables = {}
    teams: tuple[TeamEntry, ...] = ()


class PersonEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`sites` are slugs, or all there are and will be. `active` false shuts the person out."""

    login: str
    name: str
    staff_no: str
    roles: tuple[str, ...]
    sites: Literal["all"] | tuple[str, ...]
    department: str = ""
    active: bool = True


class CompanyEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    slug: str
    name: str


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One company. Only a `demo` may give the people it creates a `password`, which everybody can read in the file."""

    company: CompanyEntry
    demo: bool = False
    password: str | None = None
    sites: tuple[SiteEntry, ...] = ()
    people: tuple[PersonEntry, ...] = ()
    policies: PolicyTables = {}


class PackFile(msgspec.Struct, frozen=True):
    """A pack with the name of its file, as messages have it."""

    name: str
    pack: Pack


class Known(msgspec.Struct, frozen=True):
    """What a pack may refer to: the plugins that run and the policies there are."""

    plugins: frozenset[str]
    policies: PolicyRegistry
    roles: frozenset[str] = frozenset(ROLES)


class Mistake(msgspec.Struct, frozen=True):
    """What is wrong at `key` (`sites[1].timezone`; '' is the file as a whole), with its mend."""

    key: str
    message: str


class PackError(Exception):
    """A pack that cannot be applied; one line a mistake, each naming file, key and mend."""

    def __init__(self, file: str, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(": ".join(filter(None, (file, m.key, m.message))) for m in self.mistakes))
