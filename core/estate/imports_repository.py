"""Every statement about roll imports themselves: kept, locked, listed, and taken back from the estate."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from core.db.uow import UnitOfWork
from core.estate.model import Effect, ImportStatus, RollImport
from core.exchange.roll import Summary


class Stored(msgspec.Struct, frozen=True):
    """An import as it is kept. `content` is the sealed roll, None once applied."""

    file_name: str
    status: ImportStatus
    position: int | None
    content: bytes | None


class Dependants(msgspec.Struct, frozen=True):
    """What stands on an import: later imports of the site, and tickets of its units or parties."""

    imports: int
    tickets: int


# One import or undoing at a time and site; the next sees what this one committed.
_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('roll import ' || $1::uuid || $2::uuid, 0))"
_PREVIEWED = """
INSERT INTO roll_import (company_id, id, site_id, file_name, file_digest, content, status, summary, effect, created_by,
                         created_at)
VALUES ($1, $2, $3, $4, $5, $6, 'previewed', $7::jsonb, $8::jsonb, $9, $10)
"""
_FORGET = "DELETE FROM roll_import WHERE company_id = $1 AND status = 'previewed' AND created_at < $2"
_READ = """
SELECT file_name, status, position, content FROM roll_import WHERE company_id = $1 AND site_id = $2 AND id = $3
"""
_LOCK = f"{_READ} FOR UPDATE"
_APPLIED = """
UPDATE roll_import SET status = 'applied', content = NULL, effect = $4::jsonb, applied_at = $5,
    position = 1 + coalesce((SELECT max(position) FROM roll_import WHERE company_id = $1 AND site_id = $2), 0)
WHERE company_id = $1 AND site_id = $2 AND id = $3
"""
_UNDONE = "UPDATE roll_import SET status = 'undone', undone_at = $3 WHERE company_id = $1 AND id = $2"
_LIST = """
SELECT id, file_name, status, summary::text, effect::text, created_by, created_at, applied_at, undone_at,
    status = 'applied' AND position = max(position) FILTER (WHERE status = 'applied') OVER ()
FROM roll_import WHERE company_id = $1 AND site_id = $2 ORDER BY created_at DESC, id DESC LIMIT 200
"""

_DEPENDANTS = """
SELECT (SELECT count(*) FROM roll_import
        WHERE company_id = $1 AND site_id = $2 AND status = 'applied' AND position > $4),
       (SELECT count(*) FROM ticket WHERE company_id = $1 AND site_id = $2
        AND (unit_id IN (SELECT id FROM unit WHERE company_id = $1 AND import_id = $3)
             OR party_id IN (SELECT id FROM party WHERE company_id = $1 AND import_id = $3)))
"""
_RESTORE_PARTIES = """
UPDATE party SET id_number_sealed = NULL, id_number_tail = ''
FROM roll_import_change c, jsonb_array_elements_text(c.before -> 'unidentified') AS n (id)
WHERE c.company_id = $1 AND c.import_id = $2 AND party.company_id = $1 AND party.id = n.id::uuid
"""
_RESTORE_UNITS = """
UPDATE unit SET area_m2 = (c.before ->> 'area_m2')::numeric, moved_in_on = (c.before ->> 'moved_in_on')::date,
    remark = c.before ->> 'remark'
FROM roll_import_change c
WHERE c.company_id = $1 AND c.import_id = $2 AND unit.company_id = $1 AND unit.id = c.unit_id
"""
# What refers to others goes before them; nothing cascades, so that what somebody else added stops the undoing.
_TAKE_BACK = (
    _RESTORE_PARTIES,
    _RESTORE_UNITS,
    *(
        f"DELETE FROM {table} WHERE company_id = $1 AND import_id = $2"  # noqa: S608
        for table in ("roll_import_change", "occupancy", "contact", "party", "unit")
    ),
)


async def wait_turn(uow: UnitOfWork, site_id: UUID) -> None:
    """Holds the site's turn to change imports until the transaction ends."""
    await uow.execute(_TURN, uow.company_id, site_id)


async def add_preview(
    uow: UnitOfWork,
    site_id: UUID,
    import_id: UUID,
    file_name: str,
    digest: bytes,
    content: bytes,
    summary: Summary,
    effect: Effect,
    created_by: str,
    now: datetime,
    oldest: datetime,
) -> None:
    """Keep a preview; the company's previews from before `oldest` go."""
    await uow.execute(_FORGET, uow.company_id, oldest)
    await uow.execute(
        _PREVIEWED,
        uow.company_id,
        import_id,
        site_id,
        file_name,
        digest,
        content,
        _json(summary),
        _json(effect),
        created_by,
        now,
    )


async def lock(uow: UnitOfWork, site_id: UUID, import_id: UUID) -> Stored | None:
    return await uow.fetch_one(Stored, _LOCK, uow.company_id, site_id, import_id)


async def read(uow: UnitOfWork, site_id: UUID, import_id: UUID) -> Stored | None:
    return await uow.fetch_one(Stored, _READ, uow.company_id, site_id, import_id)


async def mark_applied(uow: UnitOfWork, site_id: UUID, import_id: UUID, effect: Effect, now: datetime) -> None:
    await uow.execute(_APPLIED, uow.company_id, site_id, import_id, _json(effect), now)


async def imports(uow: UnitOfWork, site_id: UUID) -> list[RollImport]:
    """The newest 200, newest first."""

    def shape(id: UUID, name: str, status: ImportStatus, summary: str, effect: str, *rest: object) -> RollImport:
        read = msgspec.json.decode(summary, type=Summary), msgspec.json.decode(effect, type=Effect)
        return RollImport(id, name, status, *read, *rest)  # type: ignore[arg-type]

    return await uow.fetch(shape, _LIST, uow.company_id, site_id)


async def dependants(uow: UnitOfWork, site_id: UUID, import_id: UUID, position: int) -> Dependants:
    found = await uow.fetch_one(Dependants, _DEPENDANTS, uow.company_id, site_id, import_id, position)
    assert found is not None  # two counts are always one row
    return found


async def take_back(uow: UnitOfWork, import_id: UUID, now: datetime) -> None:
    """Restore what the import changed, delete what it made. Raises ForeignKeyViolationError where anything stands on
    that."""
    for statement in _TAKE_BACK:
        await uow.execute(statement, uow.company_id, import_id)
    await uow.execute(_UNDONE, uow.company_id, import_id, now)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
