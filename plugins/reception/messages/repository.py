"""Every statement about messages; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from core.sdk import UnitOfWork, new_id
from plugins.reception.messages.model import Message, NewMessage, Which

_COLUMNS = ", ".join(Message.__struct_fields__)
_ADD = f"""
INSERT INTO reception_message (company_id, id, site_id, for_id, for_name, caller_name, phone, place, matter,
    call_back_by, taken_at, taken_by, taken_by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING {_COLUMNS}
"""  # noqa: S608
_GET = f"SELECT {_COLUMNS} FROM reception_message WHERE company_id = $1 AND site_id = $2 AND id = $3"  # noqa: S608
_OPEN = f"""
SELECT {_COLUMNS} FROM reception_message WHERE company_id = $1 AND site_id = $2 AND done_at IS NULL
    AND ($3::uuid IS NULL OR for_id = $3) ORDER BY call_back_by NULLS LAST, taken_at LIMIT 200
"""  # noqa: S608
_DONE = f"""
SELECT {_COLUMNS} FROM reception_message WHERE company_id = $1 AND site_id = $2 AND done_at IS NOT NULL
    AND ($3::uuid IS NULL OR for_id = $3) ORDER BY done_at DESC LIMIT 200
"""  # noqa: S608
_COUNT = """
SELECT count(*) FROM reception_message WHERE company_id = $1 AND site_id = $2 AND for_id = $3 AND done_at IS NULL
"""
_FINISH = f"""
UPDATE reception_message SET done_at = $4, done_by_name = $5, outcome = $6
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND done_at IS NULL RETURNING {_COLUMNS}
"""  # noqa: S608
_MISS = f"""
UPDATE reception_message SET missed_at = $3 WHERE company_id = $1 AND site_id = ANY ($2) AND done_at IS NULL
    AND missed_at IS NULL AND call_back_by <= $3 RETURNING {_COLUMNS}
"""  # noqa: S608


async def add(
    uow: UnitOfWork, site_id: UUID, new: NewMessage, for_name: str, now: datetime, by: tuple[UUID | None, str]
) -> Message:
    found = await uow.fetch_one(
        Message,
        _ADD,
        uow.company_id,
        new_id(),
        site_id,
        new.colleague_id,
        for_name,
        new.caller_name,
        new.phone,
        new.place,
        new.matter,
        new.call_back_by,
        now,
        *by,
    )
    assert found is not None
    return found


async def get(uow: UnitOfWork, site_id: UUID, message_id: UUID) -> Message | None:
    return await uow.fetch_one(Message, _GET, uow.company_id, site_id, message_id)


async def listed(uow: UnitOfWork, site_id: UUID, which: Which, for_id: UUID | None) -> list[Message]:
    """Those of one colleague, or all: open ones by when the caller expects to hear, done ones the latest first."""
    return await uow.fetch(Message, _OPEN if which == "open" else _DONE, uow.company_id, site_id, for_id)


async def count(uow: UnitOfWork, site_id: UUID, for_id: UUID) -> int:
    """How many wait for that colleague."""
    return int(await uow.value(_COUNT, uow.company_id, site_id, for_id))


async def finish(uow: UnitOfWork, message: Message, now: datetime, name: str, outcome: str) -> Message | None:
    """None: somebody else was faster."""
    return await uow.fetch_one(Message, _FINISH, uow.company_id, message.site_id, message.id, now, name, outcome)


async def miss(uow: UnitOfWork, site_ids: Iterable[UUID], now: datetime) -> list[Message]:
    """Note which callbacks have been missed, each once."""
    return await uow.fetch(Message, _MISS, uow.company_id, list(site_ids), now)
