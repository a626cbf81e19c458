"""What happens on a unit's account, and the postings that it comes to: they always cancel out (MO-1). Pure functions.

Debit is above nought, credit below. An entry speaks of one unit; its amounts are fen above nought, but for that of
an adjustment, whose sign says which way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal, get_args
from uuid import UUID

import msgspec

from core.sdk import Conflict, Invalid, NotFound, msgid

Account = Literal["receivable", "prepayment", "deposit", "clearing", "income"]
Means = Literal["cash", "card", "transfer", "qr"]
MEANS: Final[tuple[str, ...]] = get_args(Means)
MOST: Final = 10**13  # fen of one amount: 100 thousand million yuan, and sums stay within 64 bits


class Posting(msgspec.Struct, frozen=True):
    """A line of an entry."""

    account: Account
    amount_fen: int
    unit_id: UUID
    item_id: UUID | None = None
    party_id: UUID | None = None
    charge_id: UUID | None = None
    means: str = ""


class Part(msgspec.Struct, frozen=True):
    """So much of an amount for that charge."""

    charge_id: UUID
    amount_fen: int


class Charge(msgspec.Struct, frozen=True, tag="charge", tag_field="kind"):
    """A bill's line is owed from now on."""

    unit_id: UUID
    party_id: UUID
    item_id: UUID
    charge_id: UUID
    amount_fen: int


class Payment(msgspec.Struct, frozen=True, tag="payment", tag_field="kind"):
    """Money came: `parts` of it for charges, whoever owes them, the rest is prepaid by the party."""

    unit_id: UUID
    party_id: UUID
    means: Means
    amount_fen: int
    parts: tuple[Part, ...] = ()


class Allocation(msgspec.Struct, frozen=True, tag="allocation", tag_field="kind"):
    """Charges are paid from what the party has prepaid."""

    unit_id: UUID
    party_id: UUID
    parts: tuple[Part, ...]


class Deposit(msgspec.Struct, frozen=True, tag="deposit", tag_field="kind"):
    """Money is held for the party, for an item or without one."""

    unit_id: UUID
    party_id: UUID
    means: Means
    amount_fen: int
    item_id: UUID | None = None


class DepositReturn(msgspec.Struct, frozen=True, tag="deposit_return", tag_field="kind"):
    """What was held is given back, in whole or in part."""

    unit_id: UUID
    party_id: UUID
    means: Means
    amount_fen: int
    item_id: UUID | None = None


class Refund(msgspec.Struct, frozen=True, tag="refund", tag_field="kind"):
    """What was prepaid is given back, in whole or in part."""

    unit_id: UUID
    party_id: UUID
    means: Means
    amount_fen: int


class Waiver(msgspec.Struct, frozen=True, tag="waiver", tag_field="kind"):
    """So much of charges need not be paid."""

    unit_id: UUID
    parts: tuple[Part, ...]


class Adjustment(msgspec.Struct, frozen=True, tag="adjustment", tag_field="kind"):
    """A charge should have come to more, or to less: what was paid too much is prepaid by whoever owed it (BIL-7)."""

    unit_id: UUID
    charge_id: UUID
    amount_fen: int


Entry = Payment | Allocation | Deposit | DepositReturn | Refund | Waiver | Adjustment
"""What is posted on one unit's account; charges are issued many at once."""


class Owed(msgspec.Struct, frozen=True):
    """A charge as the ledger has it: what it came to in the end, and how much of that is open."""

    item_id: UUID
    party_id: UUID
    charged_fen: int
    open_fen: int


class Books(msgspec.Struct, frozen=True):
    """A unit's account: charges by id, what parties have prepaid, deposits by party and item."""

    unit_id: UUID
    charges: Mapping[UUID, Owed] = {}
    prepaid: Mapping[UUID, int] = {}
    deposits: Mapping[tuple[UUID, UUID | None], int] = {}

    def charge(self, charge_id: UUID) -> Owed:
        """Raises NotFound for a charge that is not on this account."""
        if charge_id not in self.charges:
            raise NotFound
        return self.charges[charge_id]


def issued(charge: Charge) -> tuple[Posting, ...]:
    """The postings of a charge. Raises Invalid."""
    fen = _amount(charge.amount_fen)
    of = charge.unit_id, charge.item_id, charge.party_id, charge.charge_id
    return Posting("receivable", fen, *of), Posting("income", -fen, *of)


def postings(entry: Entry, books: Books) -> tuple[Posting, ...]:
    """The postings of an entry on that account. Raises Invalid, NotFound, and Conflict for more than is there."""
    lines = tuple(line for line in _lines(entry, books) if line.amount_fen)
    allowed(lines, books)
    return lines


def reversal(lines: Iterable[Posting], books: Books) -> tuple[Posting, ...]:
    """The mirror of an entry's postings. Raises Conflict where what came later builds on them."""
    mirror = tuple(msgspec.structs.replace(line, amount_fen=-line.amount_fen) for line in lines)
    try:
        allowed(mirror, books)
    except Conflict:
        raise Conflict(msgid("Later entries build on this one. Undo those first.")) from None
    return mirror


def allowed(lines: Sequence[Posting], books: Books) -> None:
    """Raises Conflict where the postings would leave less than nothing of what is owed, charged, prepaid or held."""
    owed: Counter[UUID | None] = Counter()
    charged: Counter[UUID | None] = Counter()
    prepaid: Counter[UUID | None] = Counter()
    held: Counter[tuple[UUID | None, UUID | None]] = Counter()
    for line in lines:
        match line.account:
            case "receivable":
                owed[line.charge_id] += line.amount_fen
            case "income":
                charged[line.charge_id] -= line.amount_fen
            case "prepayment":
                prepaid[line.party_id] -= line.amount_fen
            case "deposit":
                held[line.party_id, line.item_id] -= line.amount_fen
            case "clearing":
                pass
    charges: Mapping[Any, Owed] = books.charges
    before: Mapping[Any, int] = books.prepaid
    deposits: Mapping[Any, int] = books.deposits
    if any(charges[of].open_fen + fen < 0 for of, fen in owed.items()):
        raise Conflict(msgid("This is more than is open on a charge. Load the account again."))
    if any(charges[of].charged_fen + fen < 0 for of, fen in charged.items()):
        raise Conflict(msgid("A charge cannot come to less than nothing."))
    if any(before.get(of, 0) + fen < 0 for of, fen in prepaid.items()):
        raise Conflict(msgid("There is not as much prepaid. Load the account again."))
    if any(deposits.get(of, 0) + fen < 0 for of, fen in held.items()):
        raise Conflict(msgid("There is not as much of a deposit. Load the account again."))


class Open(msgspec.Struct, frozen=True):
    """An open charge: `day` is when it is due."""

    charge_id: UUID
    item_id: UUID
    day: date
    open_fen: int


def oldest_first(fen: int, charges: Iterable[Open], first: Sequence[UUID] = ()) -> tuple[Part, ...]:
    """An amount spread over open charges: those of the items named `first`, in that order, then the others; of an item
    the oldest. What is left over is in no part."""
    rank = {item_id: n for n, item_id in enumerate(first)}
    parts = []
    for charge in sorted(charges, key=lambda c: (rank.get(c.item_id, len(rank)), c.day, c.charge_id)):
        taken = min(fen, charge.open_fen)
        if taken > 0:
            parts.append(Part(charge.charge_id, taken))
            fen -= taken
    return tuple(parts)


def charges_of(entry: Entry) -> list[UUID]:
    """The charges that an entry speaks of."""
    match entry:
        case Payment() | Allocation() | Waiver():
            return [part.charge_id for part in entry.parts]
        case Adjustment():
            return [entry.charge_id]
        case _:
            return []


def _lines(entry: Entry, books: Books) -> Iterator[Posting]:
    unit_id = entry.unit_id
    match entry:
        case Payment():
            fen = _amount(entry.amount_fen)
            yield Posting("clearing", fen, unit_id, None, entry.party_id, None, _means(entry.means))
            yield from _settled(entry.parts, books)
            rest = fen - sum(part.amount_fen for part in entry.parts)
            if rest < 0:
                raise Invalid.field("parts", msgid("The parts come to more than the amount."))
            yield Posting("prepayment", -rest, unit_id, None, entry.party_id)
        case Allocation():
            yield Posting("prepayment", _sum(entry.parts), unit_id, None, entry.party_id)
            yield from _settled(entry.parts, books)
        case Deposit() | DepositReturn():
            fen = _amount(entry.amount_fen) * (1 if isinstance(entry, Deposit) else -1)
            yield Posting("clearing", fen, unit_id, None, entry.party_id, None, _means(entry.means))
            yield Posting("deposit", -fen, unit_id, entry.item_id, entry.party_id)
        case Refund():
            fen = _amount(entry.amount_fen)
            yield Posting("prepayment", fen, unit_id, None, entry.party_id)
            yield Posting("clearing", -fen, unit_id, None, entry.party_id, None, _means(entry.means))
        case Waiver():
            _sum(entry.parts)
            for part in entry.parts:
                owed = books.charge(part.charge_id)
                yield Posting("income", part.amount_fen, unit_id, owed.item_id, owed.party_id, part.charge_id)
            yield from _settled(entry.parts, books)
        case Adjustment():
            yield from _adjusted(entry, books.charge(entry.charge_id))


def _adjusted(entry: Adjustment, owed: Owed) -> Iterator[Posting]:
    if not 0 < abs(entry.amount_fen) <= MOST:
        raise Invalid.field("amount_fen", msgid("Enter by how much more or less."))
    of = entry.unit_id, owed.item_id, owed.party_id, entry.charge_id
    receivable = max(entry.amount_fen, -owed.open_fen)
    yield Posting("receivable", receivable, *of)
    yield Posting("prepayment", entry.amount_fen - receivable, entry.unit_id, None, owed.party_id)
    yield Posting("income", -entry.amount_fen, *of)


def _settled(parts: Sequence[Part], books: Books) -> Iterator[Posting]:
    if len({part.charge_id for part in parts}) < len(parts):
        raise Invalid.field("parts", msgid("Name each charge once."))
    for part in parts:
        owed = books.charge(part.charge_id)
        fen = _amount(part.amount_fen)
        yield Posting("receivable", -fen, books.unit_id, owed.item_id, owed.party_id, part.charge_id)


def _sum(parts: Sequence[Part]) -> int:
    if not parts:
        raise Invalid.field("parts", msgid("Name at least one charge."))
    return sum(_amount(part.amount_fen) for part in parts)


def _amount(fen: int) -> int:
    if not 0 < fen <= MOST:
        raise Invalid.field("amount_fen", msgid("Enter an amount above nought."))
    return fen


def _means(means: str) -> str:
    if means not in MEANS:
        raise Invalid.field("means", msgid("Choose how it was paid."))
    return means
