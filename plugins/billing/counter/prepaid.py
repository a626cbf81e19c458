"""Prepaid money used for what a household owes (BIL-3): no money comes, so there is a slip and no receipt. Callers
commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec

from core.sdk import Conflict, Invalid, Site, Work, msgid
from plugins.billing.access import enter
from plugins.billing.counter.model import Fen, Key
from plugins.billing.counter.plan import Ticked
from plugins.billing.ledger import reading
from plugins.billing.ledger import service as ledger
from plugins.billing.ledger.entries import Allocation, Part, oldest_first
from plugins.billing.ledger.model import Posted
from plugins.billing.telling import yuan

_SLIP: Final = """
SELECT e.id, e.at, e.by_name, coalesce(y.name, ''), u.id, u.label, p.amount_fen,
    EXISTS (SELECT FROM billing_entry r WHERE r.company_id = e.company_id AND r.reverses = e.id),
    (SELECT jsonb_agg(jsonb_build_array(i.title, c.first_day, c.last_day, -l.amount_fen) ORDER BY l.line)
     FROM billing_posting l JOIN billing_item i ON i.company_id = l.company_id AND i.id = l.item_id
     LEFT JOIN billing_charge c ON c.company_id = l.company_id AND c.id = l.charge_id
     WHERE l.company_id = e.company_id AND l.entry_id = e.id AND l.account = 'receivable')::text
FROM billing_entry e
JOIN billing_posting p ON p.company_id = e.company_id AND p.entry_id = e.id AND p.account = 'prepayment'
JOIN unit u ON u.company_id = p.company_id AND u.id = p.unit_id
LEFT JOIN party y ON y.company_id = p.company_id AND y.id = p.party_id
WHERE e.company_id = $1 AND e.site_id = $2 AND e.id = $3 AND e.kind = 'allocation'
"""
_lines = msgspec.json.Decoder(list[tuple[str, date | None, date | None, int]]).decode


class UsedPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much for that charge of the unit."""

    charge_id: UUID
    amount_fen: Fen


class NewUse(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a party has prepaid for a unit pays charges of it. `key`: the same again is the same use."""

    key: Key
    unit_id: UUID
    party_id: UUID
    parts: Annotated[tuple[UsedPart, ...], msgspec.Meta(min_length=1, max_length=500)]


class SlipLine(msgspec.Struct, frozen=True):
    """A charge that was paid, or a part of it."""

    item: str
    first_day: date | None
    last_day: date | None
    amount_fen: int


class Slip(msgspec.Struct, frozen=True):
    """What prepaid money was used for; `undone`: it was not, after all."""

    id: UUID
    at: datetime
    by_name: str
    payer: str
    unit_id: UUID
    unit: str
    amount_fen: int
    undone: bool
    lines: list[SlipLine]


class Use(msgspec.Struct, frozen=True):
    """What is used and what for; `left_fen` stays prepaid, `open_fen` stays open of what is ticked."""

    amount_fen: int
    parts: tuple[UsedPart, ...]
    left_fen: int
    open_fen: int


def spread(charges: Sequence[Ticked], prepaid_fen: int, asked_fen: int | None) -> Use:
    """The oldest charges first; without an amount as much as there is and is ticked. Raises Invalid naming the
    field."""
    total = sum(each.charge.open_fen for each in charges)
    amount = min(prepaid_fen, total) if asked_fen is None else asked_fen
    if not total:
        raise Invalid.field("amount", msgid("Tick what is paid from the prepayment."))
    if amount <= 0:
        raise Invalid.field("amount", msgid("Enter an amount above nought."))
    if amount > prepaid_fen:
        raise Invalid.field("amount", msgid("Only {yuan} yuan are prepaid."), yuan=yuan(prepaid_fen))
    if amount > total:
        raise Invalid.field("amount", msgid("Only {yuan} yuan are ticked."), yuan=yuan(total))
    parts = oldest_first(amount, (each.charge for each in charges))
    used = tuple(UsedPart(part.charge_id, part.amount_fen) for part in parts)
    return Use(amount, used, prepaid_fen - amount, total - amount)


async def use(work: Work, site: Site, new: NewUse) -> Posted:
    """Pay charges of a unit from what the party has prepaid for it; the same key again posts nothing (MO-3). Raises
    NotFound, Invalid, and Conflict for more than is prepaid or open by now, for another use under the key, and where
    the month is closed (MO-4, MO-7)."""
    parts = tuple(Part(part.charge_id, part.amount_fen) for part in new.parts)
    entry = Allocation(new.unit_id, new.party_id, parts)
    posted = await ledger.post(work, site, entry, key=f"prepaid {new.key}")
    if posted.new:
        changes = {"amount_fen": sum(part.amount_fen for part in parts)}
        work.audit("billing.prepaid.used", "billing_entry", posted.id, changes, site_id=site.id)
    return posted


async def slip(work: Work, site: Site, entry_id: UUID) -> Slip:
    """What was used. Raises NotFound, and Conflict for an entry of another kind."""
    enter(work, site)

    def read(*row: Any) -> Slip:
        told: list[Any] = [*row[:-1], [SlipLine(*line) for line in _lines(row[-1])]]
        return Slip(*told)

    found = await work.uow.fetch_one(read, _SLIP, work.uow.company_id, site.id, entry_id)
    if found is None:
        await reading.entry(work, site, entry_id)
        raise Conflict(msgid("This entry used no prepaid money."))
    return found
