"""Policies, modules, API tokens, the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

import msgspec

from core.i18n import msgid
from core.policies.forms import FormField
from core.policies.service import REASON
from core.web.views.page import SiteLink
from core.web.views.parts import Choice, Field, Notice


class PolicyLink(msgspec.Struct, frozen=True):
    """A policy in the list, and how many of its values this layer sets itself."""

    name: str
    label: str
    help: str
    href: str
    own_values: int = 0


class Revision(msgspec.Struct, frozen=True):
    """A state of a layer, past, in force or planned; `changed` are the translated labels of what it changed."""

    number: int
    at: datetime
    who: str
    reason: str
    effective_at: datetime
    state: Literal["", "in_force", "planned", "withdrawn", "withdraws"] = ""
    changed: tuple[str, ...] = ()


class Holiday(msgspec.Struct, frozen=True):
    """A public holiday ahead: its name, its days of rest, and the days worked in exchange."""

    name: str
    first: date
    last: date
    made_up: tuple[date, ...] = ()


class Lane(msgspec.Struct, frozen=True):
    """A category at a severity whose clocks run day and night, with its goals as (label, amount, unit)."""

    category: str
    severity: str
    goals: tuple[tuple[str, int, str], ...]


class Difference(msgspec.Struct, frozen=True):
    """One value that a revision changed, in words; empty: inherited."""

    label: str
    before: str
    after: str


class PastRevision(msgspec.Struct, frozen=True):
    """A revision with all it changed; by whoever may change the policy it is `restorable` unless it is the latest, and
    `withdrawable` as long as it is to come. `withdraws` numbers the one it took back, 0 for none; `open_tickets`: those
    taken in before were held to it as well."""

    revision: Revision
    changes: tuple[Difference, ...]
    restorable: bool
    withdrawable: bool = False
    withdraws: int = 0
    open_tickets: bool = False


class PolicyView(msgspec.Struct, frozen=True):
    """A policy at one layer, with the fields made from its struct.

    `version` numbers the layer's last revision and `base` the revisions in force: a change posts both. `open_tickets`
    is how many there are, None for a policy that no ticket was promised anything by; `renewal` says what becomes of
    them: they are held to new promises if `asked`, are counted by a new calendar by themselves, or go up by other
    steps. `simulated`: a draft can be tried.
    """

    name: str
    label: str
    help: str
    action: str
    layer: Literal["company", "site"]
    version: int
    base: str
    editable: bool
    fields: tuple[FormField, ...]
    history: tuple[Revision, ...] = ()
    notices: tuple[Notice, ...] = ()
    open_tickets: int | None = None
    renewal: Literal["", "asked", "itself", "steps"] = ""
    renewed: bool = False
    simulated: bool = False
    holidays: tuple[Holiday, ...] = ()
    lanes: tuple[Lane, ...] = ()
    effective: Field = Field("effective_at", msgid("In force from"), "datetime-local", help=msgid("Empty: at once."))
    reason: Field = Field("reason", msgid("Reason"), required=True, maximum=REASON)


class TrialRow(msgspec.Struct, frozen=True):
    """A category, a goal of it, or a site in a trial: shares kept in percent (None: nothing decided) and how many were
    missed; `gained` and `lost` are tickets that would miss less, and more."""

    label: str
    tickets: int
    share_before: int | None
    share_after: int | None
    missed_before: int
    missed_after: int
    goals: tuple[TrialRow, ...] = ()
    gained: int = 0
    lost: int = 0


class TrialTicket(msgspec.Struct, frozen=True):
    """A ticket that would come out differently: the goals it would miss, and those it would no longer miss; or whose
    next deadline would move (`moves`)."""

    href: str
    number: str
    category: str
    site: str
    missed: tuple[str, ...]
    kept: tuple[str, ...]
    moves: bool
    before: datetime | None
    after: datetime | None


class TrialTickets(msgspec.Struct, frozen=True):
    """A page of them. `href` is its address without a query, `turns` the choices of which as (choice, how many), `turn`
    the one shown, `next` the query of the following page (empty: none)."""

    href: str
    export: str
    turn: str
    turns: tuple[tuple[Choice, int], ...]
    rows: tuple[TrialTicket, ...]
    next: str
    exportable: bool
    by_site: bool


class Trial(msgspec.Struct, frozen=True):
    """A draft tried on past tickets: how far it is, and what it came to so far. `href` is its own address, `sites` are
    those of a company's draft."""

    href: str
    state: Literal["running", "done", "cancelled"]
    done: int
    total: int
    rows: tuple[TrialRow, ...] = ()
    sites: tuple[TrialRow, ...] = ()
    turned: int = 0
    gained: int = 0
    lost: int = 0
    open_count: int = 0
    sooner: int = 0
    later: int = 0


class PluginCell(msgspec.Struct, frozen=True):
    """One plugin at one site: subscribed from `starts` to `ends`, both included, and whether it is switched on."""

    site: SiteLink
    subscribed: bool
    enabled: bool
    starts: date | None = None
    ends: date | None = None


class PluginRow(msgspec.Struct, frozen=True):
    """A plugin with its sites; `alarm`, filled by `params`, says why it does not run."""

    id: str
    label: str
    version: str
    cells: tuple[PluginCell, ...]
    alarm: str = ""
    params: Mapping[str, object] = {}


class TokenRow(msgspec.Struct, frozen=True):
    """An API token as listed; `scopes` are permissions, `sites` the names of its sites. `account` is the service
    account it belongs to, its id and its name; `good`: it can still be used."""

    id: str
    name: str
    scopes: tuple[str, ...]
    sites: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    account: tuple[str, str] = ("", "")
    used_on: date | None = None
    used_from: str = ""
    good: bool = True


class AccountRow(msgspec.Struct, frozen=True):
    """A service account in the list, with how many of its tokens are good."""

    id: str
    name: str
    purpose: str
    sites: tuple[str, ...]
    active: bool
    permissions: int
    tokens: int
