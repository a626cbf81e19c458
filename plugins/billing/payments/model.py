"""Payment providers of a site, and orders that are paid by a code (BIL-3). Amounts are whole fen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Final, Literal, get_args
from uuid import UUID

import msgspec

from plugins.billing.counter.model import NewPart, NewPayment

OrderStatus = Literal["waiting", "paid", "expired", "cancelled", "failed", "problem", "settled"]
STATUSES: Final[tuple[str, ...]] = get_args(OrderStatus)
Problem = Literal["", "amount", "refused", "twice"]
ClosedWhy = Literal["expired", "cancelled", "failed"]
ROWS: Final = 200  # of a page
Setting = Annotated[str, msgspec.Meta(max_length=8000)]  # a private key has that many letters


class Order(msgspec.Struct, frozen=True):
    """An order: `code` is what the picture shows, '' before the provider has answered; `failure` why it made none.
    `moved`: what it was for had been paid meanwhile, so all of it is prepaid. `problem_fen` came and is not posted:
    another amount than the order's, one that was refused, or paid a second time."""

    id: UUID
    number: str
    status: OrderStatus
    provider: str
    unit_id: UUID
    unit: str
    party_id: UUID
    payer_name: str
    amount_fen: int
    at: datetime
    by_name: str
    expires_at: datetime
    code: str
    failure: str
    closed_at: datetime | None
    paid_at: datetime | None
    reference: str
    receipt_id: UUID | None
    moved: bool
    problem: Problem
    problem_fen: int | None
    problem_reference: str
    settled_at: datetime | None
    settled_by_name: str
    settled_how: Literal["", "prepaid", "elsewhere"]
    settled_note: str
    version: int


class OrderPage(msgspec.Struct, frozen=True):
    """Orders, the newest first; `cursor` asks for the next page, null: there is none."""

    items: list[Order]
    cursor: str | None


class Wanted(msgspec.Struct, frozen=True):
    """Which orders: of a state, of these days (both included), with the text in number, reference or name."""

    status: OrderStatus | None = None
    since: date | None = None
    until: date | None = None
    text: str = ""


class Settlement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is done about money that came otherwise than asked for: it is prepaid, or was settled elsewhere, such as
    paid back at the provider's."""

    how: Literal["prepaid", "elsewhere"]
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class NewProvider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A provider that a plugin offers, with what it has to be told."""

    provider: Annotated[str, msgspec.Meta(max_length=60)]
    settings: dict[str, Setting] = {}
    active: bool = True


class ChangedProvider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What it is told; secrets that are left out or empty stay what they are."""

    settings: dict[str, Setting]
    active: bool


class Provider(msgspec.Struct, frozen=True):
    """A provider of the site as it is set up. `settings` has no secrets; `secrets` names those that are kept."""

    id: UUID
    provider: str
    settings: Mapping[str, str]
    secrets: list[str]
    active: bool
    offered: bool
    changed_at: datetime
    changed_by_name: str
    version: int


class Held(msgspec.Struct, frozen=True):
    """An order's row under its lock: what was shown, and what is known of its payment."""

    id: UUID
    number: str
    unit_id: UUID
    party_id: UUID
    amount_fen: int
    rounded_fen: int
    parts: str
    agent_name: str
    agent_relation: str
    remark: str
    reference: str
    receipt_id: UUID | None
    problem: Problem
    problem_fen: int | None
    problem_reference: str
    settled_at: datetime | None
    version: int

    def payment(self, reference: str) -> NewPayment:
        """The payment as it was shown."""
        return NewPayment(
            key=self.number,
            unit_id=self.unit_id,
            party_id=self.party_id,
            means="qr",
            amount_fen=self.amount_fen,
            parts=msgspec.json.decode(self.parts, type=tuple[NewPart, ...]),
            rounded_fen=self.rounded_fen,
            reference=reference[:60],
            agent_name=self.agent_name,
            agent_relation=self.agent_relation,
            identified=True,
            remark=self.remark,
        )

    def prepaid(self, fen: int, reference: str) -> NewPayment:
        """The same money for nothing in particular."""
        return msgspec.structs.replace(self.payment(reference), amount_fen=fen, parts=(), rounded_fen=0)
