"""The rules of rent contracts (BIL-1): entered once, ended early or replaced, never changed. Callers commit."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from core.sdk import Conflict, Invalid, Malformed, NotFound, PreconditionFailed, Site, Work, part_of
from plugins.billing.access import enter
from plugins.billing.amounts.history import Since
from plugins.billing.amounts.number import exact, plain
from plugins.billing.amounts.rent import Escalation, Terms
from plugins.billing.amounts.rounding import Rounding
from plugins.billing.amounts.spans import months_after
from plugins.billing.marks import place, read_place
from plugins.billing.rents import repository
from plugins.billing.rents.model import (
    EXPORTED,
    YEARS,
    Agreed,
    ListedRent,
    NewRent,
    Rent,
    RentChange,
    RentDetail,
    RentPage,
    Show,
    Step,
)
from plugins.billing.tariffs.service import within_reason

_FIRST: Final = (date.min, UUID(int=0))
_LAST: Final = (date.max, UUID(int=2**128 - 1))
_LINES: Final = 24  # billed lines on a contract's page
_HIGHEST: Final = 999_999_999  # yuan a month, as of any price


async def page(
    work: Work,
    site: Site,
    show: Show = "current",
    text: str = "",
    item_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> RentPage:
    """Contracts of the site; `text` is part of a unit's name or of a contract's number. Raises Malformed."""
    found = await _rows(work, site, show, text, item_id, _read(cursor, show), limit + 1)
    more = place(found[limit - 1].until.isoformat(), found[limit - 1].id) if len(found) > limit else None
    return RentPage([listed(each, site.today(work.now)) for each in found[:limit]], more)


async def exported(work: Work, site: Site, show: Show, text: str = "", item_id: UUID | None = None) -> list[ListedRent]:
    """For a workbook; one more than EXPORTED says that there are more."""
    found = await _rows(work, site, show, text, item_id, _read(None, show), EXPORTED + 1)
    return [listed(each, site.today(work.now)) for each in found]


async def get(work: Work, site: Site, rent_id: UUID) -> Rent:
    """Raises NotFound, also for one of another site."""
    enter(work, site)
    rent = await repository.get(work.uow, site.id, rent_id)
    if rent is None:
        raise NotFound
    return rent


async def detail(work: Work, site: Site, rent_id: UUID) -> RentDetail:
    """A contract with its steps and what it has been billed. Raises NotFound."""
    rent = await get(work, site, rent_id)
    billed = await repository.billed(work.uow, site.id, rent, _LINES)
    return RentDetail(rent, listed(rent, site.today(work.now)).today, steps(rent), billed)


async def add(work: Work, site: Site, new: NewRent) -> Rent:
    """A contract; the days of a unit have one each for an item. Raises Invalid naming the field."""
    enter(work, site)
    new = msgspec.structs.replace(new, number=new.number.strip(), note=new.note.strip())
    if not new.number:
        raise Invalid.field("number", "Give the contract's number.")
    checked(new)
    asked = await repository.asked(work.uow, site.id, new.item_id, new.unit_id, new.party_id)
    if asked.item is None or asked.item[1] != "rent":
        raise Invalid.field("item_id", "Choose an item for rents.")
    if asked.item[2] is not None and asked.item[2] < new.first_day:
        raise Invalid.field("item_id", "{title} has ended.", title=asked.item[0])
    if asked.unit is None:
        raise Invalid.field("unit_id", "There is no such unit in the household roll of this site.")
    if asked.party is None:
        raise Invalid.field("party_id", "The household roll of this site does not have them: choose the tenant.")
    by = work.ctx.actor.id, work.ctx.actor.name
    id = await repository.add(work.uow, site.id, new, work.now, by)
    if id is None:
        raise await _taken(work, site, new, "first_day", UUID(int=0), new.last_day)
    changes: dict[str, object] = {"unit": new.unit_id, "since": new.first_day, "until": new.last_day}
    work.audit("billing.rent.added", "billing_rent", id, changes | {"price": new.price}, site_id=site.id)
    return Rent(
        id=id,
        item=asked.item[0],
        unit=asked.unit,
        party=asked.party,
        ended_on=None,
        until=new.last_day,
        at=work.now,
        by_name=by[1],
        version=1,
        **{name: getattr(new, name) for name in NewRent.__struct_fields__},
    )


async def change(work: Work, site: Site, rent_id: UUID, entry: RentChange, expected: int) -> Rent:
    """Another number or note, or another end; bills that were made stay until they are corrected (BIL-7).

    Raises NotFound, Invalid, Conflict, PreconditionFailed.
    """
    before = await get(work, site, rent_id)
    entry = msgspec.structs.replace(entry, number=entry.number.strip(), note=entry.note.strip())
    if not entry.number:
        raise Invalid.field("number", "Give the contract's number.")
    if entry.ended_on == before.last_day:
        entry = msgspec.structs.replace(entry, ended_on=None)
    if entry.ended_on is not None and not before.first_day - timedelta(1) <= entry.ended_on < before.last_day:
        raise Invalid.field(
            "ended_on",
            "Give a day from {first} to {last}: a longer lease is another contract.",
            first=str(before.first_day - timedelta(1)),
            last=str(before.last_day),
        )
    until = entry.ended_on or before.last_day
    if until > before.until and before.version == expected:
        other = await repository.other(
            work.uow, site.id, before.item_id, before.unit_id, rent_id, before.first_day, until
        )
        if other is not None:
            raise _overlaps("ended_on", other)
    try:
        changed = await repository.change(work.uow, site.id, rent_id, entry, expected)
    except asyncpg.ExclusionViolationError:
        raise Conflict("Another contract of this unit has just been entered: look at it first.") from None
    if not changed:
        raise PreconditionFailed
    told: dict[str, object] = {"until": [before.until, until]} if until != before.until else {}
    action = "ended" if told else "changed"
    told |= {"contract": [before.number, entry.number]} if before.number != entry.number else {}
    work.audit(f"billing.rent.{action}", "billing_rent", rent_id, told, site_id=site.id)
    of = {"number": entry.number, "note": entry.note, "ended_on": entry.ended_on, "until": until}
    return msgspec.structs.replace(before, **of, version=before.version + 1)


def checked(agreed: Agreed) -> Terms:
    """The terms that were agreed, as they are reckoned with. Raises Invalid naming the field."""
    within_reason("first_day", agreed.first_day)
    within_reason("last_day", agreed.last_day)
    if agreed.last_day < agreed.first_day:
        raise Invalid.field("last_day", "The last day is before the first.")
    if agreed.last_day >= months_after(agreed.first_day, YEARS * 12):
        raise Invalid.field("last_day", "A lease is good for {years} years at most.", years=YEARS)
    if agreed.rise is not None and not exact(agreed.rise.by):
        raise Invalid.field("by", "Give by how much it rises.")
    if agreed.rise is not None and agreed.rise.how == "rate" and exact(agreed.rise.by) > 10:
        raise Invalid.field("by", "That is more than ten times the price.")
    terms = terms_of(agreed)
    if max(since.value for since in terms.prices) > _HIGHEST:
        raise Invalid.field("by", "The price rises to more than can be charged.")
    return terms


def terms_of(agreed: Agreed | Rent) -> Terms:
    """Price and rise as they are reckoned with."""
    rise, escalation = agreed.rise, None
    if rise is not None:
        rounding = Rounding(rise.rounding_unit, rise.rounding_mode) if rise.rounding_unit else None
        escalation = Escalation(rise.every_months, rise.how, exact(rise.by), rounding)
    return Terms(agreed.first_day, agreed.last_day, exact(agreed.price), escalation)


def steps(agreed: Agreed | Rent) -> list[Step]:
    """From which day to which day what price is agreed; nothing after an early end."""
    until = agreed.until if isinstance(agreed, Rent) else agreed.last_day
    prices = [since for since in terms_of(agreed).prices if since.first <= until]
    ends = [after.first - timedelta(1) for _, after in pairwise(prices)]
    return [Step(since.first, last, plain(since.value)) for since, last in zip(prices, [*ends, until], strict=False)]


def listed(rent: Rent, today: date) -> ListedRent:
    """With its price on that day and its next rise."""
    prices: tuple[Since, ...] = terms_of(rent).prices
    begun: list[Fraction] = [since.value for since in prices if since.first <= today]
    running = begun and today <= rent.until
    coming = next((since.first for since in prices[1:] if today < since.first <= rent.until), None)
    return ListedRent(rent, plain(begun[-1]) if running else None, coming)


async def _rows(
    work: Work, site: Site, show: Show, text: str, item_id: UUID | None, at: tuple[date, UUID], limit: int
) -> list[Rent]:
    enter(work, site)
    pattern = part_of(text.strip()[:80]) if text.strip() else ""
    read = repository.ended if show == "ended" else repository.current
    return await read(work.uow, site.id, item_id, pattern, site.today(work.now), at, limit)


def _read(cursor: str | None, show: Show) -> tuple[date, UUID]:
    if not cursor:
        return _LAST if show == "ended" else _FIRST
    key, id = read_place(cursor)
    try:
        return date.fromisoformat(key), id
    except ValueError:
        raise Malformed("This page mark is not valid. Start from the first page.") from None


async def _taken(work: Work, site: Site, new: NewRent, field: str, but: UUID, until: date) -> Invalid:
    other = await repository.other(work.uow, site.id, new.item_id, new.unit_id, but, new.first_day, until)
    if other is None:  # whoever had the days has ended it meanwhile
        return Invalid.field(field, "Another contract of this unit has some of these days.")
    return _overlaps(field, other)


def _overlaps(field: str, other: Rent) -> Invalid:
    return Invalid.field(
        field,
        "Contract {number} has some of these days already, from {first} to {last}: end it first.",
        number=other.number,
        first=str(other.first_day),
        last=str(other.until),
    )
