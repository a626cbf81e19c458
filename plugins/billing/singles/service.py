"""The rules of single charges (BIL-1): a line like any other, without a run, and posted with it. Callers commit."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from uuid import UUID

from core.sdk import Invalid, Site, Work, new_id, part_of
from plugins.billing.access import enter
from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.number import as_json, exact
from plugins.billing.amounts.rounding import TO_THE_FEN, Rounding
from plugins.billing.amounts.single import Single as Asked
from plugins.billing.amounts.single import single
from plugins.billing.amounts.spans import Days
from plugins.billing.ledger import service as ledger
from plugins.billing.ledger.entries import MOST, Charge
from plugins.billing.runs.facts import Held
from plugins.billing.runs.scope import payers
from plugins.billing.singles import repository
from plugins.billing.singles.model import NewSingle, Single, SinglePage
from plugins.billing.tariffs.service import within_reason


async def page(work: Work, site: Site, text: str = "", cursor: UUID | None = None, limit: int = 50) -> SinglePage:
    """The single charges of the site, the latest first; `text` is part of a unit's name."""
    enter(work, site)
    pattern = part_of(text.strip()[:80]) if text.strip() else ""
    found = await repository.page(work.uow, site.id, pattern, cursor, limit + 1)
    return SinglePage(found[:limit], found[limit - 1].id if len(found) > limit else None)


async def add(work: Work, site: Site, new: NewSingle) -> Single:
    """Charge it, and post it at once (MO-1). Raises Invalid naming the field, and Conflict where the present month is
    closed (MO-7)."""
    enter(work, site)
    within_reason("day", new.day)
    within_reason("due_on", new.due_on)
    seen = await repository.asked(work.uow, site.id, new.item_id, new.unit_id, new.day)
    if seen is None or seen.basis != "once":
        raise Invalid.field("item_id", "Choose an item for something single.")
    if seen.ended_on is not None and seen.ended_on < new.day:
        raise Invalid.field("item_id", "{title} has ended.", title=seen.title)
    if seen.unit is None:
        raise Invalid.field("unit_id", "There is no such unit in the household roll of this site.")
    version, asked = _price(seen, new)
    found = single(asked)
    if not 0 < found.amount_fen <= MOST:
        raise Invalid.field("times", "This comes to nothing, or to more than can be charged.")
    party_id, name = _payer(seen, new)
    due_on = new.due_on or new.day + timedelta(days=seen.due_days)
    if due_on < new.day:
        raise Invalid.field("due_on", "The last day is before the first.")
    owed = Single(
        new_id(), new.item_id, seen.title, new.unit_id, seen.unit, party_id, name, new.day, due_on, found.amount_fen
    )
    facts = f'{{"version":{version},"facts":{as_json(asked)},"outcome":{as_json(found)}}}'
    await repository.add(work.uow, site.id, owed, facts)
    await ledger.issue(work, site, [Charge(owed.unit_id, party_id, owed.item_id, owed.id, owed.amount_fen)])
    changes = {"unit": owed.unit_id, "day": owed.day, "amount_fen": owed.amount_fen}
    work.audit("billing.single.charged", "billing_charge", owed.id, changes, site_id=site.id)
    return owed


def _price(seen: repository.Asked, new: NewSingle) -> tuple[int, Asked]:
    """The version that counts, 0 for none, and what it is computed from."""
    times = exact(new.times)
    if seen.price is not None:
        if new.amount_fen is not None:
            raise Invalid.field("amount_fen", "This item has a price: leave the amount empty.")
        number, price, unit, mode = seen.price
        return number, Asked(exact(price), times, Rounding(unit, mode))
    if new.amount_fen is None:
        raise Invalid.field("amount_fen", "This item has no price on that day: give the amount.")
    return 0, Asked(Fraction(new.amount_fen, 100), times, TO_THE_FEN)


def _payer(seen: repository.Asked, new: NewSingle) -> tuple[UUID, str]:
    """Who pays, and their name: whoever is named, or who the item says."""
    names = {party_id: name for party_id, name, *_ in seen.people}
    if new.party_id is not None:
        if new.party_id not in names:
            raise Invalid.field("party_id", "Nobody of that name is at this unit on that day.")
        return new.party_id, names[new.party_id]
    held = [Held(party_id, role, first, last) for party_id, _, role, first, last in seen.people]
    try:
        found = payers(Days(new.day, new.day), held, seen.payer).payers
    except AmountError:
        found = ()
    if not found:
        raise Invalid.field("unit_id", "Nobody is known who pays for this unit on that day: enter the owner first.")
    party_id = UUID(found[0][0])
    return party_id, names[party_id]
