"""Policies, modules, API tokens, the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

import msgspec

from core.policies.forms import FormField
from core.policies.service import REASON
from core.web.i18n import msgid
from core.web.views.page import SiteLink
from core.web.views.parts import Field, Notice


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
    state: Literal["", "in_force", "planned"] = ""
    changed: tuple[str, ...] = ()


class PolicyView(msgspec.Struct, frozen=True):
    """A policy at one layer, with the fields made from its struct.

    `version` numbers the layer's last revision and `base` the revisions in force: a change posts both. `open_tickets`
    are those that a change leaves as they are, None for a policy that no ticket was promised anything by.
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
    effective: Field = Field("effective_at", msgid("In force from"), "datetime-local", help=msgid("Empty: at once."))
    reason: Field = Field("reason", msgid("Reason"), required=True, maximum=REASON)


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
    """An API token as listed; `scopes` are permissions, `sites` the names of its sites."""

    id: str
    name: str
    scopes: tuple[str, ...]
    sites: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    expired: bool = False


class AuditRow(msgspec.Struct, frozen=True):
    """An entry of the audit log; `action` is a message id, or the action's code where core has no words for it."""

    at: datetime
    who: str
    action: str
    subject: str
    site: str = ""
    detail: str = ""
