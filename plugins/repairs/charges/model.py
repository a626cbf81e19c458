"""Charges (REP-3): what rules, API and console share."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.sdk import NewSignature, msgid
from plugins.repairs.orders.state import Moment

ConfirmedBy = Literal["telephone", "message", "in_person"]
Agreed = Literal["estimate", "charge"]
SIGNED_FOR: dict[Agreed, str] = {
    "estimate": msgid("The estimate, before the work"),
    "charge": msgid("The charge, once it is done"),
}
HOWS: dict[str, str] = {
    "signature": msgid("Signed here"),
    "paper": msgid("Signed on paper"),
    "telephone": msgid("By telephone"),
    "message": msgid("By message"),
    "in_person": msgid("Said in person"),
}


class NewLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much of something on the price list; `quantity` in thousandths of its unit (1500 is 1.5)."""

    code: Annotated[str, msgspec.Meta(max_length=20)]
    quantity: Annotated[int, msgspec.Meta(ge=1, le=100_000_000)]
    note: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Counter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a line is taken back."""

    note: Annotated[str, msgspec.Meta(max_length=200)]


class NewConsent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That the resident agrees without signing to `amount_fen`, which must be what the order comes to now.

    `estimate`: before the work; `charge`: to what it came to.
    """

    kind: Agreed
    amount_fen: Annotated[int, msgspec.Meta(ge=1)]
    how: ConfirmedBy
    resident_name: Annotated[str, msgspec.Meta(max_length=60)]


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the resident was shown and signs for: the order's `due_fen`, and the `revision` it was at."""

    kind: Agreed
    amount_fen: Annotated[int, msgspec.Meta(ge=0)]
    revision: Annotated[int, msgspec.Meta(ge=0)]


class Signing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The resident signs for what they were shown: with that, it is agreed to."""

    shown: Shown
    signature: NewSignature


class Waiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That `amount_fen`, which must be what the order comes to now, is not charged, and why."""

    amount_fen: Annotated[int, msgspec.Meta(ge=1)]
    reason: Annotated[str, msgspec.Meta(max_length=400)]


class PhotoMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which moment a picture among the ticket's files shows."""

    attachment_id: UUID
    moment: Moment


class Pause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the work waits for: one of the site's reasons, and what there is to say besides."""

    reason: Annotated[str, msgspec.Meta(max_length=40)]
    note: Annotated[str, msgspec.Meta(max_length=400)] = ""
