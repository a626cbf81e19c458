"""How money at the counter is spread: said before it is posted, and posted as it was said. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import msgspec

from core.sdk import Invalid, msgid
from plugins.billing.counter.model import NewPart, NewPayment
from plugins.billing.ledger.entries import MOST, Entry, Open, Part, Payment, Waiver, oldest_first
from plugins.billing.telling import yuan

NOTHING: Final = msgid("Tick what is paid, or enter an amount to be prepaid.")


class Ticked(msgspec.Struct, frozen=True):
    """A charge that is to be paid, and whose account it is on."""

    unit_id: UUID
    charge: Open


class Asked(msgspec.Struct, frozen=True):
    """What the cashier entered. Without an amount it is all that is ticked."""

    amount_fen: int | None = None
    round_off: bool = False
    given_fen: int | None = None


class Plan(msgspec.Struct, frozen=True):
    """An amount and where it goes; `prepaid_fen` is left over, `open_fen` stays open of what was ticked."""

    amount_fen: int
    parts: tuple[NewPart, ...]
    rounded_fen: int = 0
    prepaid_fen: int = 0
    open_fen: int = 0
    change_fen: int | None = None


def plan(charges: Sequence[Ticked], asked: Asked, most_rounded: int) -> Plan:
    """The oldest charges first. Rounded off are the fen below a whole yuan, or what the amount is less than all that is
    ticked, `most_rounded` fen at most. Raises Invalid naming the field."""
    total = sum(each.charge.open_fen for each in charges)
    amount, rounded = asked.amount_fen, 0
    if asked.round_off and total:
        rounded = total % 100 if amount is None else total - amount
        if not 0 <= rounded <= most_rounded:
            raise Invalid.field("amount", msgid("At most {yuan} yuan are rounded off."), yuan=yuan(most_rounded))
    amount = total - rounded if amount is None else amount
    if amount <= 0:
        raise Invalid.field("amount", NOTHING)
    if amount > MOST:
        raise Invalid.field("amount", msgid("This is more than one receipt can be for."))
    if asked.given_fen is not None and asked.given_fen < amount:
        raise Invalid.field("given", msgid("This is less than the amount."))
    units = {each.charge.charge_id: each.unit_id for each in charges}
    parts = oldest_first(amount + rounded, (each.charge for each in charges))
    settled = sum(part.amount_fen for part in parts)
    return Plan(
        amount,
        tuple(NewPart(units[part.charge_id], part.charge_id, part.amount_fen) for part in parts),
        rounded,
        amount + rounded - settled,
        total - settled,
        None if asked.given_fen is None else asked.given_fen - amount,
    )


def entries_of(new: NewPayment) -> list[Entry]:
    """What is posted for a payment: for each unit what is paid, and what is rounded off. Raises Invalid."""
    settled = sum(part.amount_fen for part in new.parts)
    left = new.amount_fen + new.rounded_fen - settled
    if left < 0:
        raise Invalid.field("parts", msgid("The parts come to more than the amount."))
    if left and new.rounded_fen:
        raise Invalid.field("rounded_fen", msgid("What is rounded off comes off what is paid: nothing is left over."))
    if len({part.charge_id for part in new.parts}) < len(new.parts):
        raise Invalid.field("parts", msgid("Name each charge once."))
    paid, waived = _off_the_last(new.parts, new.rounded_fen)
    posted: list[Entry] = []
    for unit_id in dict.fromkeys([new.unit_id, *(part.unit_id for part in new.parts)]):
        own = _of(paid, unit_id)
        fen = sum(part.amount_fen for part in own) + (left if unit_id == new.unit_id else 0)
        if fen:
            posted.append(Payment(unit_id, new.party_id, new.means, fen, own))
        if off := _of(waived, unit_id):
            posted.append(Waiver(unit_id, off))
    return posted


def _off_the_last(parts: Sequence[NewPart], rounded: int) -> tuple[list[NewPart], list[NewPart]]:
    """What is paid of the parts and what is not."""
    paid: list[NewPart] = []
    waived: list[NewPart] = []
    for part in reversed(parts):
        off = min(rounded, part.amount_fen)
        rounded -= off
        if off:
            waived.append(msgspec.structs.replace(part, amount_fen=off))
        if part.amount_fen > off:
            paid.append(msgspec.structs.replace(part, amount_fen=part.amount_fen - off))
    return paid[::-1], waived[::-1]


def _of(parts: Iterable[NewPart], unit_id: UUID) -> tuple[Part, ...]:
    return tuple(Part(part.charge_id, part.amount_fen) for part in parts if part.unit_id == unit_id)
