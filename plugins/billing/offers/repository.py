"""Every statement about prepayment offers; each names the company and the site, besides row level security."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.amounts.charge import Prorate, Why
from plugins.billing.amounts.rounding import Rounding
from plugins.billing.offers.model import NewOffer, Offer
from plugins.billing.runs.chunks_repository import granting
from plugins.billing.runs.facts import BilledItem, Held, Rules, UnitFacts
from plugins.billing.tariffs.model import RoundingMode, RoundingUnit
from plugins.billing.tariffs.scope import Assigned

_OFFER: Final = "o.id, o.item_id, i.title, o.title, o.paid, o.free, o.since, o.until, o.at, o.by_name, o.version"
_FROM: Final = """FROM billing_offer o
JOIN billing_item i ON i.company_id = o.company_id AND i.site_id = o.site_id AND i.id = o.item_id
WHERE o.company_id = $1 AND o.site_id = $2"""
_PAGE: Final = f"""
SELECT {_OFFER} {_FROM} AND ($3::date IS NULL OR (o.since <= $3 AND coalesce(o.until, $3) >= $3))
    AND ($4::uuid IS NULL OR o.id < $4) ORDER BY o.id DESC LIMIT $5
"""
_GET: Final = f"SELECT {_OFFER} {_FROM} AND o.id = $3"
_ITEM: Final = "SELECT title, basis FROM billing_item WHERE company_id = $1 AND site_id = $2 AND id = $3"
_ADD: Final = """
INSERT INTO billing_offer (company_id, site_id, id, item_id, title, paid, free, since, until, at, by_id, by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
_END: Final = """
UPDATE billing_offer SET until = $4, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $5
"""
# All that months of an offer cost at a unit, as runs know it (`runs.chunks_repository`), in one statement: whoever is
# at the counter waits for it. The last of it says up to when the unit is charged, or paid for ahead, and whether
# something was posted under the key.
_SEEN: Final = f"""
SELECT {_OFFER}, i.basis, i.cycle, i.payer, i.due_days, i.ended_on, u.label, u.building, u.moved_in_on,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(v.valid_from, v.number, v.price::text, v.formula, v.prorate,
        v.rounding_unit, v.rounding_mode)), '[]')::text
        FROM billing_version v WHERE v.company_id = $1 AND v.item_id = o.item_id),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(a.building, a.unit_id, a.since, a.until, a.charged)), '[]')::text
        FROM billing_assignment a
        WHERE a.company_id = $1 AND a.item_id = o.item_id AND (a.unit_id IS NULL OR a.unit_id = $4)),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(d.since, d.until, d.factor::text, d.kind, d.off_fen)), '[]')::text
        FROM billing_discount d
        WHERE d.company_id = $1 AND d.item_id = o.item_id AND (d.unit_id IS NULL OR d.unit_id = $4)),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(q.basis, q.valid_from, (q.value * 100)::bigint)), '[]')::text
        FROM billing_quantity q WHERE q.company_id = $1 AND q.unit_id = $4),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(h.party_id, h.role, h.starts_on, h.ends_on)), '[]')::text
        FROM occupancy h WHERE h.company_id = $1 AND h.unit_id = $4 AND h.role IN ('owner', 'tenant')),
    greatest(
        (SELECT max(c.last_day) FROM billing_charge c
            WHERE c.company_id = $1 AND c.unit_id = $4 AND c.item_id = o.item_id AND c.run_id IS NOT NULL),
        (SELECT max(d.until) FROM billing_discount d WHERE d.company_id = $1 AND d.unit_id = $4
            AND d.item_id = o.item_id AND d.kind = 'prepaid' AND d.until >= d.since)),
    EXISTS (SELECT FROM billing_entry e WHERE e.company_id = $1 AND e.site_id = $2 AND e.key = $5)
FROM billing_offer o
JOIN billing_item i ON i.company_id = o.company_id AND i.site_id = o.site_id AND i.id = o.item_id
LEFT JOIN unit u ON u.company_id = o.company_id AND u.site_id = o.site_id AND u.id = $4
WHERE o.company_id = $1 AND o.site_id = $2 AND o.id = $3
"""  # noqa: S608
# Behind the account's lock, so that of two cashiers the second one sees what the first has written. Months that are
# charged or paid for ahead by then are not taken again.
_TAKE: Final = """
INSERT INTO billing_discount (company_id, site_id, id, item_id, unit_id, kind, since, until, factor, reason, asked_by,
    asked_by_name, at, by_id, by_name, offer_id, receipt_id)
SELECT $1, $2, $4, o.item_id, $5, 'prepaid', $7, $8, 0, o.title, $10, $11, $12, o.by_id, o.by_name, o.id, $9
FROM billing_offer o WHERE o.company_id = $1 AND o.site_id = $2 AND o.id = $3
    AND NOT EXISTS (SELECT FROM billing_discount d
        JOIN billing_offer p ON p.company_id = d.company_id AND p.id = d.offer_id
        WHERE d.company_id = $1 AND d.unit_id = $5 AND d.item_id = o.item_id AND d.until >= d.since
            AND (d.since - make_interval(months => p.paid))::date <= $8::date AND d.until >= $6::date)
    AND NOT EXISTS (SELECT FROM billing_charge c WHERE c.company_id = $1 AND c.unit_id = $5
        AND c.item_id = o.item_id AND c.run_id IS NOT NULL AND c.first_day <= $8 AND c.last_day >= $6)
ON CONFLICT (company_id, receipt_id) WHERE receipt_id IS NOT NULL DO NOTHING
"""
_TAKEN: Final = """
SELECT id FROM billing_discount
WHERE company_id = $1 AND site_id = $2 AND receipt_id = $3 AND offer_id = $4 AND unit_id = $5 AND since = $6
"""
_rules: Final = msgspec.json.Decoder(
    list[tuple[date, int, str | None, str, Prorate, RoundingUnit, RoundingMode]]
).decode
_assigned: Final = msgspec.json.Decoder(list[tuple[str, UUID | None, date, date | None, bool]]).decode
_granted: Final = msgspec.json.Decoder(list[tuple[date, date | None, str | None, Why, int | None]]).decode
_quantities: Final = msgspec.json.Decoder(list[tuple[str, date, int]]).decode
_held: Final = msgspec.json.Decoder(list[tuple[UUID, str, date | None, date | None]]).decode


class Seen(msgspec.Struct, frozen=True):
    """An offer with what its months cost at a unit: the item and the unit as runs see them, the unit's label, the last
    day that is charged or paid for ahead, whether the key was used. `facts` None: the site has no such unit."""

    offer: Offer
    item: BilledItem
    label: str
    facts: UnitFacts | None
    charged_to: date | None
    used: bool


async def page(uow: UnitOfWork, site_id: UUID, day: date | None, before: UUID | None, limit: int) -> list[Offer]:
    """The latest first: an id's order is that in which they were made. `day`: those that can be taken on it."""
    return await uow.fetch(Offer, _PAGE, uow.company_id, site_id, day, before, limit)


async def get(uow: UnitOfWork, site_id: UUID, offer_id: UUID) -> Offer | None:
    return await uow.fetch_one(Offer, _GET, uow.company_id, site_id, offer_id)


async def item(uow: UnitOfWork, site_id: UUID, item_id: UUID) -> tuple[str, str] | None:
    """An item's title and basis. None: the site has no such item."""
    return await uow.fetch_one(lambda *row: row, _ITEM, uow.company_id, site_id, item_id)


async def add(
    uow: UnitOfWork, site_id: UUID, id: UUID, new: NewOffer, at: datetime, by: tuple[UUID | None, str]
) -> None:
    what = new.item_id, new.title, new.paid, new.free, new.since, new.until
    await uow.execute(_ADD, uow.company_id, site_id, id, *what, at, *by)


async def end(uow: UnitOfWork, site_id: UUID, offer_id: UUID, until: date | None, expected: int) -> bool:
    """False: somebody else was faster."""
    return bool(await uow.execute(_END, uow.company_id, site_id, offer_id, until, expected))


async def seen(uow: UnitOfWork, site_id: UUID, offer_id: UUID, unit_id: UUID, key: str = "") -> Seen | None:
    """None: the site has no such offer."""
    width = len(Offer.__struct_fields__)

    def read(*row: Any) -> Seen:
        offer = Offer(*row[:width])
        basis, cycle, payer, due_days, ended_on, label, building, moved_in_on = row[width : width + 8]
        versions, assigned, granted, quantities, held, charged_to, used = row[width + 8 :]
        rules = tuple(
            Rules(first, number, None if price is None else Fraction(price), formula, prorate, Rounding(unit, mode))
            for first, number, price, formula, prorate, unit, mode in _rules(versions)
        )
        discounts = tuple(granting(*each) for each in _granted(granted))
        places = tuple(Assigned(*each) for each in _assigned(assigned))
        of = BilledItem(offer.item_id, basis, cycle, payer, due_days, ended_on, rules, places, discounts)
        facts = None
        if label is not None:
            own = [place for place in places if place.unit_id is not None]
            by_basis: dict[str, list[tuple[date, int]]] = {}
            for name, first, value in _quantities(quantities):
                by_basis.setdefault(name, []).append((first, value))
            people = tuple(Held(*each) for each in _held(held))
            facts = UnitFacts(unit_id, building, moved_in_on, by_basis, people, {of.id: own} if own else {})
        return Seen(offer, of, label or "", facts, charged_to, used)

    return await uow.fetch_one(read, _SEEN, uow.company_id, site_id, offer_id, unit_id, key)


async def take(
    uow: UnitOfWork, site_id: UUID, offer_id: UUID, id: UUID, unit_id: UUID, days: tuple[date, date, date],
    receipt_id: UUID, by: tuple[UUID | None, str], at: datetime,
) -> bool:  # fmt: skip
    """The discount of a receipt; `days` are the first that is paid for, the first and the last that are free. False:
    some of them are charged or paid for ahead."""
    asked = offer_id, id, unit_id, *days, receipt_id, *by, at
    return bool(await uow.execute(_TAKE, uow.company_id, site_id, *asked))


async def taken(
    uow: UnitOfWork, site_id: UUID, receipt_id: UUID, offer_id: UUID, unit_id: UUID, free_first: date
) -> UUID | None:
    """The discount of a receipt. None: the receipt is for something else."""
    asked = receipt_id, offer_id, unit_id, free_first
    return await uow.fetch_one(lambda id: id, _TAKEN, uow.company_id, site_id, *asked)
