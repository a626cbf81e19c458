"""Computes a company's chain again, against the anchors outside the database, and says where it breaks first (OB-1)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec

from core.audit.anchors import Anchor
from core.audit.chain import COLUMNS, START, Entry
from core.db.uow import UnitOfWork

Kind = Literal["altered", "deleted", "inserted", "reordered", "rewritten", "cut", "unlinked"]
"""`rewritten`: hashes agree with each other and not with an anchor; `cut`: the chain ends before an anchor; both are
what an older database looks like. `unlinked`: an entry was taken out of the chain."""

_PORTION = 2000
_LINKS = f"""
SELECT l.seq, l.entry_id, l.hash, {COLUMNS} FROM audit_link l
LEFT JOIN audit_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
WHERE l.company_id = $1 AND l.seq > $2 ORDER BY l.seq LIMIT $3
"""  # noqa: S608
# One statement, and so of one instant: what was written, what there is, what is linked or waits.
_COUNTS = """
WITH there AS (
    SELECT (at AT TIME ZONE 'UTC')::date AS day, count(*) AS entries FROM audit_entry WHERE company_id = $1 GROUP BY 1
), written AS (
    SELECT day, sum(entries)::bigint AS entries FROM audit_tally WHERE company_id = $1 GROUP BY day
)
SELECT (SELECT coalesce(sum(entries), 0)::bigint FROM there),
       (SELECT count(*) FROM audit_link WHERE company_id = $1),
       (SELECT count(*) FROM audit_unlinked WHERE company_id = $1),
       (SELECT entry_id FROM audit_unlinked u WHERE company_id = $1 AND NOT EXISTS (
            SELECT FROM audit_entry e WHERE e.company_id = $1 AND e.id = u.entry_id) ORDER BY 1 LIMIT 1),
       (SELECT e.id FROM audit_entry e WHERE e.company_id = $1
            AND NOT EXISTS (SELECT FROM audit_link l WHERE l.company_id = $1 AND l.entry_id = e.id)
            AND NOT EXISTS (SELECT FROM audit_unlinked u WHERE u.company_id = $1 AND u.entry_id = e.id)
            ORDER BY e.id LIMIT 1),
       (SELECT jsonb_agg(jsonb_build_array(day, coalesce(t.entries, 0) - coalesce(w.entries, 0)) ORDER BY day)::text
            FROM there t FULL JOIN written w USING (day) WHERE t.entries IS DISTINCT FROM w.entries)
"""


class Fault(msgspec.Struct, frozen=True):
    """The first break: at that place of the chain, at that entry, or on that day (UTC), as far as it can be told."""

    kind: Kind
    seq: int | None = None
    entry_id: UUID | None = None
    day: date | None = None


class Verdict(msgspec.Struct, frozen=True):
    """What came of it. `waiting` entries have no link yet; `anchors` were compared; `hash` is the last, hexadecimal."""

    entries: int
    linked: int
    waiting: int
    anchors: int
    hash: str
    fault: Fault | None


class _Counts(msgspec.Struct, frozen=True):
    entries: int
    linked: int
    waiting: int
    waits_for_nothing: UUID | None
    outside: UUID | None
    surplus: list[tuple[date, int]]  # entries that nobody wrote (above 0) or that are gone (below), by day


class _Linked(msgspec.Struct, frozen=True):
    """A link as it is stored, and the entry it names; None where that is gone."""

    seq: int
    entry_id: UUID
    hash: bytes
    entry: Entry | None


async def verify(uow: UnitOfWork, company_id: UUID, anchors: Sequence[Anchor]) -> Verdict:
    """Read everything and compute it again. `anchors` are the company's, read before `uow` was opened: no chain may
    end before one of them."""
    anchored: defaultdict[int, set[str]] = defaultdict(set)
    for anchor in anchors:
        anchored[anchor.seq].add(anchor.hash)
    [counts] = await uow.fetch(_counts, _COUNTS, company_id)
    seq, end, fault = await _walk(uow, company_id, anchored)
    fault = _named(fault, counts) or _beyond(anchors, seq) or _counted(counts)
    return Verdict(counts.entries, counts.linked, counts.waiting, len(anchors), end.hex(), fault)


async def _walk(uow: UnitOfWork, company_id: UUID, anchored: Mapping[int, set[str]]) -> tuple[int, bytes, Fault | None]:
    """Place and hash of the last link that is as it must be, and what is wrong with the next."""
    seq, before = 0, START
    async for link in _links(uow, company_id):
        seq += 1
        if link.seq != seq or link.entry is None:
            return seq, before, Fault("deleted", seq, link.entry_id if link.seq == seq else None)
        if link.entry.hash(before, seq, company_id) != link.hash:
            moved = await _held_there(uow, company_id, before, seq, link.hash)
            return seq, before, Fault("reordered" if moved else "altered", seq, link.entry_id)
        before = link.hash
        if anchored.get(seq, set()) - {before.hex()}:
            return seq, before, Fault("rewritten", seq, link.entry_id)
    return seq, before, None


async def _held_there(uow: UnitOfWork, company_id: UUID, before: bytes, seq: int, hash: bytes) -> bool:
    """Whether another entry of the chain is the one whose hash stands at that place."""
    async for other in _links(uow, company_id):
        if other.entry is not None and other.entry.hash(before, seq, company_id) == hash:
            return True
    return False


def _named(fault: Fault | None, counts: _Counts) -> Fault | None:
    """What cannot be told from a broken hash, such as of renumbered links, the count of what was written tells."""
    surplus = sum(more for _, more in counts.surplus)
    if fault is None or fault.kind not in ("altered", "rewritten") or not surplus:
        return fault
    return msgspec.structs.replace(fault, kind="inserted" if surplus > 0 else "deleted")


def _beyond(anchors: Sequence[Anchor], seq: int) -> Fault | None:
    """The tail that an anchor has seen and the chain has not."""
    return Fault("cut", seq + 1) if anchors and anchors[-1].seq > seq else None


def _counted(counts: _Counts) -> Fault | None:
    """What is wrong with entries that the chain does not hold yet."""
    if counts.waits_for_nothing is not None:
        return Fault("deleted", entry_id=counts.waits_for_nothing)
    for day, more in counts.surplus:
        return Fault("inserted" if more > 0 else "deleted", entry_id=counts.outside, day=day)
    if counts.outside is not None:
        return Fault("unlinked", entry_id=counts.outside)
    return None


async def _links(uow: UnitOfWork, company_id: UUID) -> AsyncIterator[_Linked]:
    """The whole chain in order, a portion at a time."""
    last = 0
    while portion := await uow.fetch(_linked, _LINKS, company_id, last, _PORTION):
        for link in portion:
            yield link
        last = portion[-1].seq
        await asyncio.sleep(0)  # hashing a portion takes milliseconds: others have their turn


def _linked(seq: int, entry_id: UUID, hash: bytes, *entry: Any) -> _Linked:
    return _Linked(seq, entry_id, hash, None if entry[0] is None else Entry(*entry))


def _counts(*row: Any) -> _Counts:
    entries, linked, waiting, gone, outside, surplus = row
    days = msgspec.json.decode(surplus or b"[]", type=list[tuple[date, int]])
    return _Counts(entries, linked, waiting, gone, outside, days)
