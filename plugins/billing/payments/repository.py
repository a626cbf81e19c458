"""Statements about providers and orders; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.payments.model import ClosedWhy, Held, Order, Problem

_LABEL = "u.label"
_ELSEWHERE = {"provider": "v.provider", "unit": _LABEL, "payer_name": "coalesce(y.name, '')"}
_ORDER = ", ".join(_ELSEWHERE.get(name, f"o.{name}") for name in Order.__struct_fields__)
_HELD = ", ".join(f"o.{name}" for name in Held.__struct_fields__)
_FROM = """
FROM billing_order o JOIN billing_provider v ON v.company_id = o.company_id AND v.id = o.provider_id
JOIN unit u ON u.company_id = o.company_id AND u.id = o.unit_id
LEFT JOIN party y ON y.company_id = o.company_id AND y.id = o.party_id
WHERE o.company_id = $1 AND o.site_id = $2
"""
_KNOWN = (
    "v.id, v.site_id, v.provider, v.settings, v.secrets_sealed, v.active, v.changed_at, v.changed_by_name, v.version"
)
_OWN = f"SELECT {_KNOWN} FROM billing_provider v WHERE v.company_id = $1"  # noqa: S608
_PROVIDERS = f"{_OWN} AND v.site_id = $2 ORDER BY v.provider"
_ACTIVE = f"{_OWN} AND v.site_id = $2 AND v.active"
_PROVIDER = f"{_OWN} AND v.id = $2"
_ADD = """
INSERT INTO billing_provider (company_id, id, site_id, provider, settings, secrets_sealed, active, changed_at,
    changed_by, changed_by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (company_id, site_id, provider) DO NOTHING
"""
_SET = """
UPDATE billing_provider SET settings = $5, secrets_sealed = $6, active = $7, changed_at = $8, changed_by = $9,
    changed_by_name = $10, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $4
"""
_OTHERS_OFF = """
UPDATE billing_provider SET active = false, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id <> $3 AND active
"""
_NEW = """
INSERT INTO billing_order (company_id, site_id, id, provider_id, number, key, unit_id, party_id, amount_fen,
    rounded_fen, parts, agent_name, agent_relation, remark, at, by_id, by_name, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
ON CONFLICT (company_id, site_id, key) DO NOTHING
"""
_GET = f"SELECT {_ORDER} {_FROM} AND o.id = $3"
_OF_KEY = f"SELECT o.parts, {_ORDER} {_FROM} AND o.key = $3"
_READY = f"SELECT {_KNOWN}, o.by_id, {_ORDER} {_FROM} AND o.id = $3"
_OF_NUMBER = """
SELECT id, by_id, by_name FROM billing_order
WHERE company_id = $1 AND site_id = $2 AND provider_id = $3 AND number = $4
"""
_PAGE = f"""
SELECT {_ORDER} {_FROM} AND ($3::text IS NULL OR o.status = $3)
    AND ($4::timestamptz IS NULL OR o.at >= $4) AND ($5::timestamptz IS NULL OR o.at < $5)
    AND ($6::text IS NULL OR o.number ILIKE $6 OR o.reference ILIKE $6 OR y.name ILIKE $6 OR u.label ILIKE $6)
    AND ($7::text IS NULL OR (o.at, o.id) < ($7::text::timestamptz, $8::uuid))
ORDER BY o.at DESC, o.id DESC LIMIT $9
"""
_CODE = """
UPDATE billing_order SET code = $4, version = version + 1 WHERE company_id = $1 AND site_id = $2 AND id = $3
"""
_CLOSE = """
UPDATE billing_order SET closed_at = $4, closed_why = $5, failure = $6, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND status = 'waiting'
"""
_LOCK = f"""
SELECT {_HELD} FROM billing_order o WHERE o.company_id = $1 AND o.site_id = $2 AND o.id = $3 FOR UPDATE
"""  # noqa: S608
_PAID = """
UPDATE billing_order SET paid_at = $4, reference = $5, receipt_id = $6, moved = $7, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3
"""
_PROBLEM = """
UPDATE billing_order SET paid_at = coalesce(paid_at, $4), problem = $5, problem_fen = $6, problem_reference = $7,
    settled_at = NULL, settled_by = NULL, settled_by_name = '', settled_how = '', settled_note = '',
    version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3
"""
_SETTLE = """
UPDATE billing_order SET settled_at = $4, settled_by = $5, settled_by_name = $6, settled_how = $7, settled_note = $8,
    receipt_id = coalesce(receipt_id, $9), version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3
"""
# Whoever asks takes them for half a minute, so that two workers do not ask about the same.
_WAITING = """
UPDATE billing_order o SET asked_at = $3 FROM (
    SELECT id, site_id FROM billing_order WHERE company_id = $1 AND site_id = ANY ($2) AND status = 'waiting'
        AND (asked_at IS NULL OR asked_at < $3::timestamptz - interval '20 seconds')
        AND at < $3::timestamptz - interval '10 seconds'
    ORDER BY asked_at NULLS FIRST, at LIMIT $4 FOR UPDATE SKIP LOCKED
) w
WHERE o.company_id = $1 AND o.id = w.id RETURNING w.site_id, o.id
"""


class Known(msgspec.Struct, frozen=True):
    """A provider's row."""

    id: UUID
    site_id: UUID
    provider: str
    settings: str
    secrets_sealed: bytes | None
    active: bool
    changed_at: datetime
    changed_by_name: str
    version: int


_COLUMNS = len(Known.__struct_fields__)


async def providers(uow: UnitOfWork, site_id: UUID) -> list[Known]:
    return await uow.fetch(Known, _PROVIDERS, uow.company_id, site_id)


async def active(uow: UnitOfWork, site_id: UUID) -> Known | None:
    return await uow.fetch_one(Known, _ACTIVE, uow.company_id, site_id)


async def provider(uow: UnitOfWork, id: UUID) -> Known | None:
    """Of whatever site of the company."""
    return await uow.fetch_one(Known, _PROVIDER, uow.company_id, id)


async def others_off(uow: UnitOfWork, site_id: UUID, id: UUID) -> None:
    """One is active at a site."""
    await uow.execute(_OTHERS_OFF, uow.company_id, site_id, id)


async def add(
    uow: UnitOfWork, site_id: UUID, id: UUID, provider: str, settings: str, sealed: bytes | None, active: bool,
    at: datetime, by: tuple[UUID | None, str],
) -> bool:  # fmt: skip
    """Whether it was not there yet."""
    told = provider, settings, sealed, active, at, *by
    return bool(await uow.execute(_ADD, uow.company_id, id, site_id, *told))


async def change(
    uow: UnitOfWork, site_id: UUID, id: UUID, version: int, settings: str, sealed: bytes | None, active: bool,
    at: datetime, by: tuple[UUID | None, str],
) -> bool:  # fmt: skip
    """Whether it had that version."""
    told = settings, sealed, active, at, *by
    return bool(await uow.execute(_SET, uow.company_id, site_id, id, version, *told))


async def new(uow: UnitOfWork, site_id: UUID, *values: object) -> bool:
    """Whether the form's key was not there yet."""
    return bool(await uow.execute(_NEW, uow.company_id, site_id, *values))


async def get(uow: UnitOfWork, site_id: UUID, order_id: UUID) -> Order | None:
    return await uow.fetch_one(Order, _GET, uow.company_id, site_id, order_id)


async def of_key(uow: UnitOfWork, site_id: UUID, key: str) -> tuple[str, Order] | None:
    """The parts and the order that was made with a form."""
    return await uow.fetch_one(lambda parts, *row: (parts, Order(*row)), _OF_KEY, uow.company_id, site_id, key)


async def ready(uow: UnitOfWork, site_id: UUID, order_id: UUID) -> tuple[Known, UUID | None, Order] | None:
    """An order with its provider, and who made it."""

    def read(*row: Any) -> tuple[Known, UUID | None, Order]:
        return Known(*row[:_COLUMNS]), row[_COLUMNS], Order(*row[_COLUMNS + 1 :])

    return await uow.fetch_one(read, _READY, uow.company_id, site_id, order_id)


async def of_number(
    uow: UnitOfWork, site_id: UUID, provider_id: UUID, number: str
) -> tuple[UUID, UUID | None, str] | None:
    """The order, and who made it."""
    return await uow.fetch_one(lambda *row: row, _OF_NUMBER, uow.company_id, site_id, provider_id, number)


async def page(
    uow: UnitOfWork, site_id: UUID, status: str | None, days: tuple[datetime | None, datetime | None],
    pattern: str | None, after: tuple[str | None, UUID | None], limit: int,
) -> list[Order]:  # fmt: skip
    return await uow.fetch(Order, _PAGE, uow.company_id, site_id, status, *days, pattern, *after, limit)


async def coded(uow: UnitOfWork, site_id: UUID, order_id: UUID, code: str) -> None:
    await uow.execute(_CODE, uow.company_id, site_id, order_id, code)


async def close(
    uow: UnitOfWork, site_id: UUID, order_id: UUID, at: datetime, why: ClosedWhy, failure: str = ""
) -> bool:
    """Whether it waited until now."""
    return bool(await uow.execute(_CLOSE, uow.company_id, site_id, order_id, at, why, failure))


async def lock(uow: UnitOfWork, site_id: UUID, order_id: UUID) -> Held | None:
    """The order, which nobody else changes before the transaction ends."""
    return await uow.fetch_one(Held, _LOCK, uow.company_id, site_id, order_id)


async def paid(
    uow: UnitOfWork, site_id: UUID, order_id: UUID, at: datetime, reference: str, receipt_id: UUID, moved: bool
) -> None:
    await uow.execute(_PAID, uow.company_id, site_id, order_id, at, reference, receipt_id, moved)


async def problem(
    uow: UnitOfWork, site_id: UUID, order_id: UUID, at: datetime, which: Problem, fen: int, reference: str
) -> None:
    await uow.execute(_PROBLEM, uow.company_id, site_id, order_id, at, which, fen, reference)


async def settle(
    uow: UnitOfWork, site_id: UUID, order_id: UUID, at: datetime, by: tuple[UUID | None, str], how: str, note: str,
    receipt_id: UUID | None,
) -> None:  # fmt: skip
    await uow.execute(_SETTLE, uow.company_id, site_id, order_id, at, *by, how, note, receipt_id)


async def waiting(uow: UnitOfWork, sites: Sequence[UUID], at: datetime, most: int) -> list[tuple[UUID, UUID]]:
    """Sites and ids of orders to ask about, which are taken to be asked about."""
    return await uow.fetch(lambda *row: row, _WAITING, uow.company_id, list(sites), at, most)
