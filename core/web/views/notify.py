"""Notifications, webhooks, message providers, the delivery log."""

from __future__ import annotations

from datetime import datetime

import msgspec

from core.web.views.parts import Word


class NoticeRow(msgspec.Struct, frozen=True):
    """Something a person was told; `text` is in their language already."""

    id: str
    text: str
    site: str
    kind: str
    severity: Word
    created_at: datetime
    unread: bool


class WebhookRow(msgspec.Struct, frozen=True):
    """A webhook as listed; `sites` are names."""

    id: str
    url: str
    description: str
    events: tuple[str, ...]
    sites: tuple[str, ...]
    active: bool
    version: int


class ProviderRow(msgspec.Struct, frozen=True):
    """A provider as listed; `kinds` are message ids, `sites` names."""

    id: str
    name: str
    label: str
    kinds: tuple[str, ...]
    sites: tuple[str, ...]
    active: bool
    version: int


class DeliveryRow(msgspec.Struct, frozen=True):
    """A line of the delivery log; `kind` is a message id or an event's type, `answer` a message id that says
    what went wrong, `status` the other side's code."""

    id: str
    created_at: datetime
    channel: str
    target: str
    kind: str
    state: Word
    attempts: int
    answer: str
    status: int | None
    next_at: datetime | None
    again: bool
