"""The chain of a company's audit log (OB-1): a hash holds each entry to all before it, linked just after the commit.

The transaction that writes an entry does not link it: a company's requests would wait for each other's commits. What
waits for its link stands in `audit_unlinked`, and `audit_tally` counts what was written, in the entry's transaction:
one that is taken away before it has a link is missed all the same.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec
import structlog

from core.audit.anchors import Anchor, Anchors
from core.db.engine import Database
from core.db.uow import UnitOfWork, unavailable

if TYPE_CHECKING:
    from core.work import Clock

log = structlog.get_logger(__name__)
START: Final = bytes(32)  # what the first entry is held to
PORTION = 500  # entries linked in one transaction
PACE = 2.0  # seconds between looks

COLUMNS: Final = (
    "e.id, e.at, e.actor_kind, e.actor_id, e.actor_name, e.site_id, e.action, e.subject_type, e.subject_id, "
    "e.changes::text, e.request_id"
)
_WAITING = "SELECT DISTINCT company_id FROM audit_unlinked"
_HEAD = "SELECT seq, hash FROM audit_link WHERE company_id = $1 ORDER BY seq DESC LIMIT 1"
_ENTRIES = f"""
SELECT {COLUMNS} FROM audit_unlinked u
JOIN audit_entry e ON e.company_id = u.company_id AND e.id = u.entry_id
WHERE u.company_id = $1 ORDER BY u.entry_id LIMIT $2
"""  # noqa: S608
_LINK = """
WITH linked AS (DELETE FROM audit_unlinked WHERE company_id = $1 AND entry_id = ANY ($3))
INSERT INTO audit_link (company_id, seq, entry_id, hash)
SELECT $1, l.* FROM unnest($2::bigint[], $3::uuid[], $4::bytea[]) l
"""


class Link(msgspec.Struct, frozen=True):
    """The end of a chain: how many entries it holds, and the hash of the last."""

    seq: int
    hash: bytes


class Entry(msgspec.Struct, frozen=True):
    """An entry as it is hashed; `changes` as PostgreSQL writes the jsonb."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    site_id: UUID | None
    action: str
    subject_type: str
    subject_id: str
    changes: str
    request_id: str

    def hash(self, before: bytes, seq: int, company_id: UUID) -> bytes:
        """SHA-256 of the hash before and of the entry at its place: a JSON array of texts and nulls, without spaces."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        told = (
            str(seq), str(company_id), str(self.id), at, self.actor_kind, _id(self.actor_id), self.actor_name,
            _id(self.site_id), self.action, self.subject_type, self.subject_id, self.changes, self.request_id,
        )  # fmt: skip
        return sha256(before + json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).digest()


def _id(id: UUID | None) -> str | None:
    return None if id is None else str(id)


class Chain:
    """Links what was committed, and puts the end of each chain where the database's masters do not write."""

    def __init__(self, db: Database, dispatch: Database, anchors: Anchors, clock: Clock) -> None:
        self._db = db
        self._dispatch = dispatch
        self._anchors = anchors
        self._clock = clock

    async def run_once(self) -> bool:
        """One pass over the companies with entries that wait; whether there are more."""
        async with self._dispatch.begin(None, read_only=True) as uow:
            companies: list[UUID] = await uow.fetch(lambda company_id: company_id, _WAITING)
        made: list[Anchor] = []
        more = False
        for company_id in companies:
            try:
                async with self._db.begin(company_id) as uow:
                    linked, end = await link(uow, company_id)
            except Exception as error:  # one company's chain keeps no other waiting
                if unavailable(error) is not None:
                    log.warning("audit entries wait for the database", error=repr(error))
                    break
                log.error("audit entries could not be linked", company=str(company_id), exc_info=error)
                continue
            more = more or linked == PORTION
            if linked and end is not None:
                made.append(Anchor(company_id, end.seq, end.hash.hex(), self._clock()))
        await asyncio.to_thread(self._anchors.add, made)
        return more


async def head(uow: UnitOfWork, company_id: UUID) -> Link | None:
    """The end of the company's chain; None where nothing was linked yet."""
    return await uow.fetch_one(Link, _HEAD, company_id)


async def link(uow: UnitOfWork, company_id: UUID) -> tuple[int, Link | None]:
    """Link a portion of what waits, in the order of ids; how many, and the chain's end. A company's wait in turn."""
    await uow.wait_for_turn(f"audit chain {company_id}")
    end = await head(uow, company_id)
    waiting = await uow.fetch(Entry, _ENTRIES, company_id, PORTION)
    seq, before = (0, START) if end is None else (end.seq, end.hash)
    hashes: list[bytes] = []
    for n, entry in enumerate(waiting, seq + 1):
        before = entry.hash(before, n, company_id)
        hashes.append(before)
    if not hashes:
        return 0, end
    numbers = list(range(seq + 1, seq + 1 + len(hashes)))
    await uow.execute(_LINK, company_id, numbers, [entry.id for entry in waiting], hashes)
    return len(hashes), Link(numbers[-1], before)
