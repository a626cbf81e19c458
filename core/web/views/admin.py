"""Policies, modules, API tokens, the audit log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from core.policies.forms import FormField
from core.web.i18n import msgid
from core.web.views.page import SiteLink
from core.web.views.parts import Field


class PolicyLink(msgspec.Struct, frozen=True):
    """A policy in the list, and how many of its values this layer sets itself."""

    name: str
    label: str
    help: str
    href: str
    own_values: int = 0


class Revision(msgspec.Struct, frozen=True):
    """A past state of a layer; `changed` are the labels or paths of what it changed."""

    number: int
    at: datetime
    who: str
    reason: str
    effective_at: datetime
    changed: tuple[str, ...] = ()


class PolicyView(msgspec.Struct, frozen=True):
    """A policy at one layer, with the fields made from its struct; `version` numbers the layer's last revision."""

    name: str
    label: str
    help: str
    action: str
    layer: Literal["company", "site"]
    version: int
    fields: tuple[FormField, ...]
    history: tuple[Revision, ...] = ()
    effective: Field = Field("effective_at", msgid("In force from"), "datetime-local", help=msgid("Empty: at once."))
    reason: Field = Field("reason", msgid("Reason"), required=True, maximum=200)


class PluginCell(msgspec.Struct, frozen=True):
    """One plugin at one site: subscribed from `starts` until the day before `ends`; whether an admin switched it on."""

    site: SiteLink
    subscribed: bool
    enabled: bool
    starts: date | None = None
    ends: date | None = None


class PluginRow(msgspec.Struct, frozen=True):
    """A plugin with its sites; `alarm` says why it is quarantined."""

    id: str
    label: str
    version: str
    cells: tuple[PluginCell, ...]
    alarm: str = ""


class TokenRow(msgspec.Struct, frozen=True):
    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class AuditRow(msgspec.Struct, frozen=True):
    at: datetime
    who: str
    action: str
    subject: str
    site: str = ""
    detail: str = ""
