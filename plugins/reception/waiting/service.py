"""The line at the counter (REC-11): numbers taken, called in order, served or gone, with its statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from core.sdk import Conflict, Invalid, NotFound, Site, UnitOfWork, Work, new_id
from plugins.reception.waiting.model import Line, NewTurn, Next, Slip, Turn

_COLUMNS = ", ".join(Turn.__struct_fields__)
_TURN = "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))"
_TAKE = f"""
INSERT INTO reception_turn (company_id, site_id, day, number, id, purpose, name, taken_at)
SELECT $1, $2, $3, coalesce(max(number), 0) + 1, $4, $5, $6, $7 FROM reception_turn
WHERE company_id = $1 AND site_id = $2 AND day = $3 RETURNING {_COLUMNS}
"""  # noqa: S608
# Two clerks who call at once get two people.
_NEXT = f"""
UPDATE reception_turn SET called_at = $4, called_by = $5, called_by_name = $6, counter = $7
WHERE company_id = $1 AND site_id = $2 AND id = (
    SELECT id FROM reception_turn WHERE company_id = $1 AND site_id = $2 AND day = $3 AND status = 'waiting'
        AND ($8::text[] = '{{}}' OR purpose = ANY ($8)) ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING {_COLUMNS}
"""  # noqa: S608
_END = f"""
UPDATE reception_turn SET done_at = CASE WHEN $5 THEN $4::timestamptz END,
    left_at = CASE WHEN $5 THEN NULL ELSE $4::timestamptz END
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND status = ANY ($6) RETURNING {_COLUMNS}
"""  # noqa: S608
# Whoever comes after all keeps the number, and with it the place.
_REQUEUE = f"""
UPDATE reception_turn SET called_at = NULL, called_by = NULL, called_by_name = '', counter = '', left_at = NULL
WHERE company_id = $1 AND site_id = $2 AND day = $3 AND id = $4 AND called_at IS NOT NULL AND done_at IS NULL
RETURNING {_COLUMNS}
"""  # noqa: S608
_SLIP = """
SELECT number, purpose, taken_at, (SELECT count(*) FROM reception_turn b WHERE b.company_id = $1 AND b.site_id = $2
    AND b.day = t.day AND b.number < t.number AND b.status = 'waiting')
FROM reception_turn t WHERE company_id = $1 AND site_id = $2 AND id = $3
"""
_KNOWN = "SELECT id FROM reception_turn WHERE company_id = $1 AND site_id = $2 AND id = $3"
_OPEN = f"""
SELECT {_COLUMNS} FROM reception_turn WHERE company_id = $1 AND site_id = $2 AND day = $3
    AND status IN ('waiting', 'called') ORDER BY status, number LIMIT 500
"""  # noqa: S608
_DAY = """
SELECT count(*), count(*) FILTER (WHERE status = 'done'),
    count(*) FILTER (WHERE status = 'left' AND called_at IS NULL),
    count(*) FILTER (WHERE status = 'left' AND called_at IS NOT NULL),
    avg(extract(epoch FROM called_at - taken_at))::float8,
    coalesce((array_agg(counter ORDER BY called_at DESC) FILTER (WHERE called_by = $4))[1], '')
FROM reception_turn WHERE company_id = $1 AND site_id = $2 AND day = $3
"""


async def line(work: Work, site: Site) -> Line:
    """Today's line: those being served, then those who wait, by number."""
    day = _enter(work, site)
    turns = await work.uow.fetch(Turn, _OPEN, work.ctx.company_id, site.id, day)

    def read(*counted: Any) -> Line:
        return Line(turns, *counted)

    found = await work.uow.fetch_one(read, _DAY, work.ctx.company_id, site.id, day, work.ctx.actor.id)
    assert found is not None  # an aggregate always answers
    return found


async def take(work: Work, site: Site, new: NewTurn) -> Turn:
    """Give out the day's next number. Raises Invalid without a purpose."""
    day = _enter(work, site)
    purpose = new.purpose.strip()
    if not purpose:
        raise Invalid.field("purpose", "Say what they come for.")
    await work.uow.execute(_TURN, f"{work.ctx.company_id} {site.id} turn")
    turn = await _one(work.uow, _TAKE, work.ctx.company_id, site.id, day, new_id(), purpose, new.name.strip(), work.now)
    assert turn is not None
    _changed(work, site, "taken", turn)
    return turn


async def call(work: Work, site: Site, to: Next, purposes: Sequence[str] = ()) -> Turn:
    """Call whoever has waited longest, of those who come for one of `purposes`. Raises Conflict where nobody does."""
    day = _enter(work, site)
    actor = work.ctx.actor
    clerk_id = actor.id if actor.kind == "person" else None
    turn = await _one(
        work.uow,
        _NEXT,
        work.ctx.company_id,
        site.id,
        day,
        work.now,
        clerk_id,
        actor.name,
        to.counter.strip(),
        list(purposes),
    )
    if turn is None:
        raise Conflict("Nobody waits.")
    _changed(work, site, "called", turn)
    return turn


async def end(work: Work, site: Site, turn_id: UUID, how: Literal["done", "left"]) -> Turn:
    """Served, or gone before it was their turn. Raises NotFound, Conflict for a turn that is over or not called."""
    _enter(work, site)
    from_states = ["called"] if how == "done" else ["waiting", "called"]
    turn = await _one(work.uow, _END, work.ctx.company_id, site.id, turn_id, work.now, how == "done", from_states)
    if turn is None:
        if await work.uow.value(_KNOWN, work.ctx.company_id, site.id, turn_id) is None:
            raise NotFound
        raise Conflict("This turn is over, or has not been called.")
    _changed(work, site, how, turn)
    return turn


async def requeue(work: Work, site: Site, turn_id: UUID) -> Turn:
    """Somebody who did not come when called has come after all. Raises NotFound, Conflict where that is not so."""
    day = _enter(work, site)
    turn = await _one(work.uow, _REQUEUE, work.ctx.company_id, site.id, day, turn_id)
    if turn is None:
        if await work.uow.value(_KNOWN, work.ctx.company_id, site.id, turn_id) is None:
            raise NotFound
        raise Conflict("This turn is over, or has not been called.")
    _changed(work, site, "requeued", turn)
    return turn


async def slip(work: Work, site: Site, turn_id: UUID) -> Slip:
    """A number for paper. Raises NotFound."""
    _enter(work, site)

    def read(number: int, purpose: str, taken_at: datetime, ahead: int) -> Slip:
        local = taken_at.astimezone(ZoneInfo(site.timezone))
        return Slip(site.name, number, purpose, f"{local:%Y-%m-%d %H:%M}", ahead)

    found = await work.uow.fetch_one(read, _SLIP, work.ctx.company_id, site.id, turn_id)
    if found is None:
        raise NotFound
    return found


async def _one(uow: UnitOfWork, sql: str, *arguments: Any) -> Turn | None:
    return await uow.fetch_one(Turn, sql, *arguments)


def _enter(work: Work, site: Site) -> date:
    if site.id not in work.ctx.site_ids:
        raise NotFound
    return site.today(work.now)


def _changed(work: Work, site: Site, action: str, turn: Turn) -> None:
    work.audit(f"reception.turn.{action}", "reception_turn", turn.id, {"number": turn.number}, site_id=site.id)
    work.announce("desk", site.id, turn.id)
