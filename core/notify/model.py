"""What people are told, and the shapes that services, API and console share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.policies.notifications import TimeOfDay

Kind = Literal["assigned", "breached", "answer_due", "escalated", "watched", "offered", "promised", "asked", "told"]
KINDS: tuple[Kind, ...] = (
    "assigned", "offered", "asked", "told", "breached", "answer_due", "promised", "escalated", "watched",
)  # fmt: skip
When = Literal["now", "digest", "off"]
Locale = Literal["zh-CN", "en"]
State = Literal["waiting", "sent", "dropped", "parked"]
Channel = Literal["email", "sms", "chat", "webhook"]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one kind of news reaches a person besides the bell: at once, in the daily digest, or not."""

    email: When = "now"
    sms: Literal["now", "off"] = "off"


# Until somebody chooses: what they have to act on comes at once, the rest once a day. Nobody is sent text messages.
USUAL: dict[Kind, Choice] = {
    "assigned": Choice(),
    "offered": Choice(),
    "asked": Choice(),
    "breached": Choice(),
    "answer_due": Choice("digest"),
    "promised": Choice(),
    "escalated": Choice(),
    "watched": Choice("digest"),
    "told": Choice(),
}


class Preferences(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a person wants to be told. Quiet hours may span midnight; both ends or neither."""

    locale: Locale = "zh-CN"
    quiet_from: TimeOfDay | None = None
    quiet_until: TimeOfDay | None = None
    choices: dict[Kind, Choice] = {}

    def of(self, kind: Kind) -> Choice:
        return self.choices.get(kind) or USUAL[kind]


class Contacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a person is reached; '' is nowhere. Stored sealed, with whether they have shown that they read it."""

    email: str = ""
    phone: str = ""
    email_confirmed: bool = False
    phone_confirmed: bool = False

    @property
    def reachable(self) -> Contacts:
        """What may be written to: the confirmed addresses alone."""
        return Contacts(
            self.email if self.email_confirmed else "",
            self.phone if self.phone_confirmed else "",
            self.email_confirmed,
            self.phone_confirmed,
        )

    def of(self, channel: Literal["email", "sms"]) -> str:
        return self.email if channel == "email" else self.phone

    def confirmed(self, channel: Literal["email", "sms"]) -> Contacts:
        return msgspec.structs.replace(
            self,
            email_confirmed=self.email_confirmed or channel == "email",
            phone_confirmed=self.phone_confirmed or channel == "sms",
        )


Email = Annotated[str, msgspec.Meta(max_length=254)]
Phone = Annotated[str, msgspec.Meta(max_length=30)]


class NewPreferences(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person sets. An address that is left out stays; an empty one is forgotten."""

    preferences: Preferences
    email: Email | None = None
    phone: Phone | None = None


class MyPreferences(msgspec.Struct, frozen=True):
    """As shown to the person: the telephone number masked. `version` 0: nothing was set yet. Nothing but the request to
    confirm it goes to an address that is not confirmed; `asked` are those that such a request waits at."""

    preferences: Preferences
    email: str
    phone: str
    version: int
    email_confirmed: bool = False
    phone_confirmed: bool = False
    asked: list[Literal["email", "sms"]] = []


class Notice(msgspec.Struct, frozen=True):
    """A notification as stored; `params` fill its text. One without a ticket is `told` by a module: `params` hold its
    text (a message id) and the page of the site that it leads to."""

    id: UUID
    site_id: UUID
    kind: Kind
    severity: str
    ticket_id: UUID | None
    params: dict[str, str]
    created_at: datetime
    read_at: datetime | None


class Inbox(msgspec.Struct, frozen=True):
    """A page of somebody's notifications, the newest first; `cursor` goes into the next request, null at the end."""

    items: list[Notice]
    unread: int
    cursor: UUID | None


class Delivery(msgspec.Struct, frozen=True):
    """A line of the delivery log: what was sent where, and what came of it. `target` is no address of a person."""

    id: UUID
    channel: Channel
    kind: str
    target: str
    state: State
    attempts: int
    created_at: datetime
    last_at: datetime | None
    last_status: int | None
    last_error: str | None
    due_at: datetime | None


class DeliveryPage(msgspec.Struct, frozen=True):
    """A page of the log; `cursor` goes into the next request, null at the end."""

    items: list[Delivery]
    cursor: UUID | None
