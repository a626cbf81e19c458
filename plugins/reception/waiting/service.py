"""The line at the counter (REC-11): numbers taken, called in order, served or gone, with its statements."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from core.sdk import Conflict, Invalid, NotFound, Site, UnitOfWork, Work, new_id
from plugins.reception.waiting.model import Line, NewTurn, Next, Turn

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
    ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING {_COLUMNS}
"""  # noqa: S608
_END = f"""
UPDATE reception_turn SET done_at = CASE WHEN $5 THEN $4::timestamptz END,
    left_at = CASE WHEN $5 THEN NULL ELSE $4::timestamptz END
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND status = ANY ($6) RETURNING {_COLUMNS}
"""  # noqa: S608
_KNOWN = "SELECT id FROM reception_turn WHERE company_id = $1 AND site_id = $2 AND id = $3"
_OPEN = f"""
SELECT {_COLUMNS} FROM reception_turn WHERE company_id = $1 AND site_id = $2 AND day = $3
    AND status IN ('waiting', 'called') ORDER BY status, number LIMIT 500
"""  # noqa: S608
_DAY = """
SELECT count(*), count(*) FILTER (WHERE status = 'done'), count(*) FILTER (WHERE status = 'left'),
    avg(extract(epoch FROM called_at - taken_at))::float8
FROM reception_turn WHERE company_id = $1 AND site_id = $2 AND day = $3
"""


async def line(work: Work, site: Site) -> Line:
    """Today's line: those being served, then those who wait, by number."""
    day = _enter(work, site)
    turns = await work.uow.fetch(Turn, _OPEN, work.ctx.company_id, site.id, day)

    def read(taken: int, done: int, left: int, wait: float | None) -> Line:
        return Line(turns, taken, done, left, wait)

    found = await work.uow.fetch_one(read, _DAY, work.ctx.company_id, site.id, day)
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


async def call(work: Work, site: Site, to: Next) -> Turn:
    """Call whoever has waited longest. Raises Conflict where nobody waits."""
    day = _enter(work, site)
    actor = work.ctx.actor
    clerk_id = actor.id if actor.kind == "person" else None
    turn = await _one(
        work.uow, _NEXT, work.ctx.company_id, site.id, day, work.now, clerk_id, actor.name, to.counter.strip()
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


async def _one(uow: UnitOfWork, sql: str, *arguments: Any) -> Turn | None:
    return await uow.fetch_one(Turn, sql, *arguments)


def _enter(work: Work, site: Site) -> date:
    if site.id not in work.ctx.site_ids:
        raise NotFound
    return site.today(work.now)


def _changed(work: Work, site: Site, action: str, turn: Turn) -> None:
    work.audit(f"reception.turn.{action}", "reception_turn", turn.id, {"number": turn.number}, site_id=site.id)
    work.announce("desk", site.id, turn.id)
