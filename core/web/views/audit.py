"""The page of the audit log."""

from __future__ import annotations

from datetime import date, datetime

import msgspec


class Changed(msgspec.Struct, frozen=True):
    """What an entry changed: a field and its value, or `old → new`; both as they are shown."""

    label: str
    text: str


class AuditRow(msgspec.Struct, frozen=True):
    """An entry of the audit log, in words. `page` shows its subject; `of_actor`, `of_subject` narrow the log down."""

    at: datetime
    who: str
    action: str
    subject: str
    site: str = ""
    changes: tuple[Changed, ...] = ()
    page: str = ""
    of_actor: str = ""
    of_subject: str = ""


class Narrowed(msgspec.Struct, frozen=True):
    """The one colleague or subject that the log was narrowed to; `href` leads back to all of them."""

    label: str
    icon: str
    href: str


class AuditChain(msgspec.Struct, frozen=True):
    """How the chain stands: entries it holds and those that wait, and what the last daily check found, up to which
    place. `fault` is a message id, '' for none, with the place or the day of the break."""

    linked: int
    waiting: int
    checked_at: datetime | None
    checked: int = 0
    fault: str = ""
    seq: int | None = None
    day: date | None = None
