"""A contract as runs charge it, and how it is read for many units at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.amounts.rent import Escalation, Terms
from plugins.billing.amounts.rounding import Rounding

Per = Literal["month", "built", "usable", "charged"]
TERMS: Final = "first_day, last_day, price, rises_every, rises_how, rises_by, rises_unit, rises_mode"
_OF_UNITS: Final = f"""
SELECT unit_id, item_id, party_id, until, per, {TERMS} FROM billing_rent
WHERE company_id = $1 AND site_id = $2 AND unit_id = ANY ($3) AND item_id = ANY ($4) AND until >= $5
ORDER BY unit_id, first_day
"""  # noqa: S608


class Lease(msgspec.Struct, frozen=True):
    """Who pays what rent for a unit: on the days from the first of its terms up to and with `until`."""

    party_id: UUID
    until: date
    per: Per
    terms: Terms


def terms_of(
    first: date,
    last: date,
    price: Decimal | Fraction,
    every: int | None,
    how: Any,
    by: Decimal | Fraction | None,
    unit: Any,
    mode: Any,
) -> Terms:
    """The terms that a row holds."""
    escalation = None
    if every is not None and by is not None:
        escalation = Escalation(every, how, Fraction(by), Rounding(unit, mode) if unit is not None else None)
    return Terms(first, last, Fraction(price), escalation)


async def leases_of(
    uow: UnitOfWork, site_id: UUID, units: Sequence[UUID], items: Sequence[UUID], since: date
) -> list[tuple[UUID, UUID, Lease]]:
    """The contracts of these units for these items that reach that day, by unit and item, the earlier first."""

    def read(unit_id: UUID, item_id: UUID, party_id: UUID, until: date, per: Per, *terms: Any) -> Any:
        return unit_id, item_id, Lease(party_id, until, per, terms_of(*terms))

    return await uow.fetch(read, _OF_UNITS, uow.company_id, site_id, units, items, since)
