"""Every statement about prices; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from core.sdk import Question, UnitOfWork, new_id
from plugins.repairs.prices.model import NewPrices, Price

_decode = msgspec.json.Decoder(Price).decode
_COLUMNS = ", ".join(Price.__struct_fields__)
# A code's price that is in force on the day: the last to begin by then.
_IN_FORCE = f"""
SELECT {_COLUMNS} FROM (
    SELECT DISTINCT ON (code) {_COLUMNS} FROM repairs_price
    WHERE company_id = $1 AND site_id = $2 AND valid_from <= $3 ORDER BY code, valid_from DESC
) p WHERE NOT retired ORDER BY kind DESC, code LIMIT 2000
"""  # noqa: S608
_COMING = f"""
SELECT {_COLUMNS} FROM repairs_price WHERE company_id = $1 AND site_id = $2 AND valid_from > $3
ORDER BY valid_from, code LIMIT 500
"""  # noqa: S608
_HISTORY = f"""
SELECT {_COLUMNS} FROM repairs_price WHERE company_id = $1 AND site_id = $2 AND code = $3 ORDER BY valid_from DESC
"""  # noqa: S608
_ONE = f"""
SELECT {_COLUMNS} FROM repairs_price p WHERE company_id = $1 AND site_id = $2 AND code = $3 AND valid_from <= $4
ORDER BY valid_from DESC LIMIT 1
"""  # noqa: S608
_ASKED = """
SELECT to_jsonb(p)::text FROM repairs_price p WHERE company_id = $1 AND site_id = ({row} ->> 'site_id')::uuid
    AND code = {row} ->> 'code' AND valid_from <= ({row} ->> 'day')::date
ORDER BY valid_from DESC LIMIT 1
"""
_ADD = """
INSERT INTO repairs_price (company_id, id, site_id, code, name, kind, unit, price_fen, warranty_days, valid_from,
    retired, set_at, set_by_name)
SELECT $1, n.id, $2, n.code, n.name, n.kind, n.unit, n.price_fen, n.warranty_days, $3, n.retired, $4, $5
FROM unnest($6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bigint[], $12::int[], $13::boolean[])
    AS n (id, code, name, kind, unit, price_fen, warranty_days, retired)
WHERE NOT EXISTS (
    SELECT FROM (SELECT name, kind, unit, price_fen, warranty_days, retired FROM repairs_price p
                 WHERE p.company_id = $1 AND p.site_id = $2 AND p.code = n.code AND p.valid_from <= $3
                 ORDER BY p.valid_from DESC LIMIT 1) now
    WHERE (now.name, now.kind, now.unit, now.price_fen, now.warranty_days, now.retired)
        = (n.name, n.kind, n.unit, n.price_fen, n.warranty_days, n.retired))
ON CONFLICT DO NOTHING RETURNING code
"""
_FIXED = """
SELECT code FROM repairs_price WHERE company_id = $1 AND site_id = $2 AND valid_from = $3 AND code = ANY ($4)
"""


async def in_force(uow: UnitOfWork, site_id: UUID, day: date) -> list[Price]:
    """The list as it holds on the day, labour first, 2,000 at most."""
    return await uow.fetch(Price, _IN_FORCE, uow.company_id, site_id, day)


async def coming(uow: UnitOfWork, site_id: UUID, day: date) -> list[Price]:
    """What changes after the day."""
    return await uow.fetch(Price, _COMING, uow.company_id, site_id, day)


async def history(uow: UnitOfWork, site_id: UUID, code: str) -> list[Price]:
    """A code's revisions, the latest first."""
    return await uow.fetch(Price, _HISTORY, uow.company_id, site_id, code)


async def one(uow: UnitOfWork, site_id: UUID, code: str, day: date) -> Price | None:
    """What a code costs on the day; None if nothing was charged under it yet."""
    return await uow.fetch_one(Price, _ONE, uow.company_id, site_id, code, day)


class _Asked(msgspec.Struct, frozen=True):
    site_id: UUID
    code: str
    day: date


def question(site_id: UUID, code: str, day: date) -> Question[Price | None]:
    """The same, carried along by another statement."""
    return Question(lambda text: None if text is None else _decode(text), _ASKED, _Asked(site_id, code, day))


async def add(uow: UnitOfWork, site_id: UUID, new: NewPrices, now: datetime, by_name: str) -> list[str]:
    """Append revisions; the codes of those that change something and were not there for that day."""
    return await uow.fetch(
        str,
        _ADD,
        uow.company_id,
        site_id,
        new.valid_from,
        now,
        by_name,
        [new_id() for _ in new.prices],
        [p.code for p in new.prices],
        [p.name.strip() for p in new.prices],
        [p.kind for p in new.prices],
        [p.unit.strip() for p in new.prices],
        [p.price_fen for p in new.prices],
        [p.warranty_days for p in new.prices],
        [p.retired for p in new.prices],
    )


async def fixed(uow: UnitOfWork, site_id: UUID, day: date, codes: Sequence[str]) -> list[str]:
    """Those of the codes that have a revision which begins on that day."""
    return await uow.fetch(str, _FIXED, uow.company_id, site_id, day, list(codes))
