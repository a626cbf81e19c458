"""Statements by link: what rules, API, console and the household's page share (BIL-8)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

TRIES: Final = 5  # wrong codes that a link bears
CODES: Final = 5  # codes that are sent for a link
MONTHS: Final = 12  # of payments that a statement tells


class NewStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom of the household the link goes."""

    party_id: UUID


class Statement(msgspec.Struct, frozen=True):
    """A link as it was sent: to whom, how long it is good, and how often it was read. `tries` are wrong codes; after
    five of them the link opens nothing any more."""

    id: UUID
    unit_id: UUID
    party_id: UUID
    party: str
    sent_at: datetime
    sent_by_name: str
    expires_at: datetime
    codes: int
    tries: int
    looks: int
    looked_at: datetime | None


class Reader(msgspec.Struct, frozen=True):
    """Somebody of the household who has a telephone that a message can be sent to; the number is masked."""

    party_id: UUID
    name: str
    phone: str


class Household(msgspec.Struct, frozen=True):
    """A unit with those who can be sent a link, and the links that they were sent. `reachable`: the site has a text
    message service."""

    unit_id: UUID
    unit: str
    reachable: bool
    readers: list[Reader]
    sent: list[Statement]


class Asked(msgspec.Struct, frozen=True):
    """What a link names, before any code: nothing of what is owed."""

    id: UUID
    site_id: UUID
    unit_id: UUID
    unit: str
    party_id: UUID
    party: str
    expires_at: datetime
    codes: int
    tries: int
    code_at: datetime | None
    code_until: datetime | None


class OpenCharge(msgspec.Struct, frozen=True):
    """What is open of a charge, in fen."""

    item: str
    first_day: date | None
    last_day: date | None
    due_on: date
    charged_fen: int
    open_fen: int


class Paid(msgspec.Struct, frozen=True):
    """Money that came (above nought) or went back; in fen. `receipt` is the number of the receipt, if there is one."""

    day: date
    kind: str
    means: str
    amount_fen: int
    undone: bool
    receipt: str


class Told(msgspec.Struct, frozen=True):
    """What the household reads; amounts in fen."""

    charges: list[OpenCharge]
    open_fen: int
    prepaid_fen: int
    deposit_fen: int
    paid: list[Paid]
