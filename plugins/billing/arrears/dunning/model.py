"""What is told of dunning, and what is asked for (BIL-5). Amounts are fen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal, get_args
from uuid import UUID

import msgspec

from plugins.billing.arrears.dunning.ladder import Standing, Step

Outcome = Literal["met", "absent", "promised", "refused"]
OUTCOMES: Final[tuple[str, ...]] = get_args(Outcome)
Gentle = Literal["message", "letter", "visit"]
Pressing = Literal["notice", "legal"]
PromiseState = Literal["open", "kept", "broken"]
MOST: Final = 100  # households that a step is taken with at once
Words = Annotated[str, msgspec.Meta(max_length=500)]
Units = Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MOST)]
Fen = Annotated[int, msgspec.Meta(gt=0, le=10**13)]


class Promised(msgspec.Struct, frozen=True):
    """The latest promise of a household, kept where as much was paid since, by its day. `paid_fen` says how much."""

    id: UUID
    amount_fen: int
    promised_on: date
    paid_fen: int

    def state(self, today: date) -> PromiseState:
        """Kept, open until its day has passed, or broken."""
        return "kept" if self.paid_fen >= self.amount_fen else "open" if self.promised_on >= today else "broken"


class Late(msgspec.Struct, frozen=True):
    """A household with what it owes overdue, as the ladder sees it, and who of it owes the most. `disputed`: some of it
    is."""

    unit_id: UUID
    unit: str
    sort_key: str
    party_id: UUID
    party: str
    standing: Standing
    promised: Promised | None
    disputed: bool


class Row(msgspec.Struct, frozen=True):
    """A household that a step is due for. `fen`, `oldest_on` and `days` are of what the step asks for."""

    unit_id: UUID
    unit: str
    party: str
    step: Step
    amount_fen: int
    oldest_on: date
    days: int
    asked_on: date | None
    broken: bool


class Worklist(msgspec.Struct, frozen=True):
    """Households by unit that a step is due for, how many are due for each of them, and how many are left alone for a
    promise. `cursor` asks for the next page; null: there is none."""

    items: list[Row]
    cursor: str | None
    counts: dict[str, int]
    promised: int
    broken: int


class Debt(msgspec.Struct, frozen=True):
    """A charge that a step asks for, as it is open on that day."""

    charge_id: UUID
    item: str
    first_day: date | None
    last_day: date | None
    due_on: date
    open_fen: int


class Taken(msgspec.Struct, frozen=True):
    """A step on the dunning record. `lines` are what was asked for, as it was open on that day; `number` is of the
    site; `proofs` are files that prove it, without those that were struck out."""

    id: UUID
    batch_id: UUID
    number: int
    unit_id: UUID
    unit: str
    party_id: UUID
    party: str
    step: Step
    done_on: date
    amount_fen: int
    lines: list[Debt]
    who: str
    outcome: Literal["", "met", "absent", "promised", "refused"]
    note: str
    at: datetime
    by_name: str
    proofs: int = 0


class TakeStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A message, a letter or a visit, with up to 100 households that are due for it. Of a visit: `who` went, and what
    came of it."""

    step: Gentle
    unit_ids: Units
    who: Annotated[str, msgspec.Meta(max_length=60)] = ""
    outcome: Outcome | None = None
    note: Words = ""


class Press(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A formal notice, or handing over to the lawyer, with up to 100 households that are due for it."""

    step: Pressing
    unit_ids: Units
    note: Words = ""


class Outcomes(msgspec.Struct, frozen=True):
    """What came of it: the first step on record (null: nothing was done), how many, which units were not due any more,
    and which could not be reached by message."""

    dunning_id: UUID | None
    taken: int
    amount_fen: int
    not_due: list[UUID]
    not_reached: list[UUID]


class NewPromise(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So much will be paid by that day, says somebody who owes."""

    party_id: UUID
    amount_fen: Fen
    promised_on: date
    note: Words = ""


class Promise(msgspec.Struct, frozen=True):
    """A promise as made. Only the latest of a household is held to."""

    id: UUID
    party: str
    amount_fen: int
    promised_on: date
    note: str
    at: datetime
    by_name: str


class NewDispute(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody who owes disputes an item, or without one all that the household owes."""

    party_id: UUID
    item_id: UUID | None = None
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Settle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came of a dispute."""

    outcome: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Dispute(msgspec.Struct, frozen=True):
    """A dispute; nobody asks for what is disputed while it is open."""

    id: UUID
    item_id: UUID | None
    item: str
    party: str
    reason: str
    status: Literal["open", "settled"]
    opened_on: date
    opened_by_name: str
    settled_on: date | None
    settled_by_name: str
    outcome: str
    version: int


class Record(msgspec.Struct, frozen=True):
    """A household's dunning record: the step that is due, what was done, promised and disputed, the latest first."""

    unit_id: UUID
    unit: str
    due: Step | None
    asked_on: date | None
    promise_state: PromiseState | None
    promise_paid_fen: int
    payers: list[tuple[UUID, str]]
    steps: list[Taken]
    promises: list[Promise]
    disputes: list[Dispute]
