"""Work: what a service receives — who acts, when, in which transaction — and the record of what it changed.

Audit entries and events gathered here are written in the transaction they belong to, in one statement at its end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.db.uow import UnitOfWork
from core.errors import LodgeError
from core.hooks.types import Event
from core.tenancy.context import TenantContext

Clock = Callable[[], datetime]
LIVE_CHANNEL = "lodge_live"

_encode = msgspec.json.Encoder().encode


def system_clock() -> datetime:
    """The present instant in UTC. The only place that asks the machine for the time."""
    return datetime.now(UTC)


class LiveMessage(msgspec.Struct, frozen=True):
    """What an open screen hears: that something changed, not what it is. `site_id` None reaches every site, but for
    the screens of the member that it is `hidden_from`."""

    company_id: UUID
    site_id: UUID | None
    topic: str
    id: UUID | None = None
    hidden_from: UUID | None = None


class Answer(msgspec.Struct, frozen=True):
    """An answer kept under an idempotency key, with a digest of the request it belongs to."""

    key: str
    fingerprint: bytes
    status: int
    content_type: str
    etag: str | None
    body: bytes


_FLUSH = """
WITH audit AS (
    INSERT INTO audit_entry (company_id, at, actor_kind, actor_id, actor_name, request_id,
                             id, site_id, action, subject_type, subject_id, changes)
    SELECT $1, $2, $3, $4, $5, $6, a.*
    FROM unnest($7::uuid[], $8::uuid[], $9::text[], $10::text[], $11::text[], $12::jsonb[]) a
), unlinked AS (
    INSERT INTO audit_unlinked (company_id, entry_id) SELECT $1, unnest($7::uuid[])
), tally AS (
    INSERT INTO audit_tally AS t (company_id, day, slot, entries)
    SELECT $1, ($2 AT TIME ZONE 'UTC')::date, pg_backend_pid() % 16, cardinality($7::uuid[])
    WHERE cardinality($7::uuid[]) > 0
    ON CONFLICT (company_id, day, slot) DO UPDATE SET entries = t.entries + excluded.entries
), answer AS (
    INSERT INTO idempotency_key (company_id, actor_id, key, fingerprint, status, content_type, etag, body)
    SELECT $1, $4, r.* FROM unnest($20::text[], $21::bytea[], $22::int[], $23::text[], $24::text[], $25::bytea[]) r
), events AS (
    INSERT INTO outbox (company_id, created_at, available_at, id, site_id, aggregate_id, type, payload)
    SELECT $1, $2, $2, e.* FROM unnest($13::uuid[], $14::uuid[], $15::uuid[], $16::text[], $17::jsonb[]) e
)
SELECT pg_notify($18, message) FROM unnest($19::text[]) message
"""


class Work:
    """One actor's work in one transaction. Services never commit; whoever opened the work does."""

    __slots__ = ("_answers", "_audit", "_events", "_live", "ctx", "now", "uow")

    def __init__(self, uow: UnitOfWork, ctx: TenantContext, now: datetime) -> None:
        self.uow = uow
        self.ctx = ctx
        self.now = now
        self._audit: list[tuple[UUID, UUID | None, str, str, str, str]] = []
        self._events: list[tuple[UUID, UUID | None, UUID, str, str]] = []
        self._live: dict[LiveMessage, None] = {}
        self._answers: list[Answer] = []
        uow.before_commit(self._flush)

    def audit(
        self,
        action: str,
        subject_type: str,
        subject_id: UUID | str,
        changes: Mapping[str, Any] | None = None,
        *,
        site_id: UUID | None = None,
    ) -> None:
        """Record who changed what. `changes` holds field → new value (or [old, new]), without personal data."""
        encoded = _encode(changes or {}).decode()
        self._audit.append((new_id(), site_id, action, subject_type, str(subject_id), encoded))

    def emit(self, event: Event) -> None:
        """Put an event into the outbox: delivered after the commit, at least once, in order per aggregate."""
        payload = _encode(dict(event.payload)).decode()
        self._events.append((new_id(), event.site_id, event.aggregate_id, event.type, payload))

    def announce(
        self, topic: str, site_id: UUID | None, id: UUID | None = None, *, hidden_from: UUID | None = None
    ) -> None:
        """Tell open screens and caches, at commit, that something changed (`ticket`, `call`, `policy`, `access`)."""
        self._live[LiveMessage(self.ctx.company_id, site_id, topic, id, hidden_from)] = None

    def remember(self, answer: Answer) -> None:
        """Keep the answer to a request for whoever sends it again; fails at the commit if somebody else did."""
        self._answers.append(answer)

    async def leave(self) -> None:
        """Make durable what was done and hold nothing any more: somebody outside is about to be asked, and what they
        answer is for another work. Whatever fails after this undoes nothing of it."""
        await self.uow.commit()

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A savepoint that also forgets what was recorded inside it, if it fails."""
        kept = len(self._audit), len(self._events), dict(self._live)
        try:
            async with self.uow.savepoint():
                yield
        except BaseException:
            del self._audit[kept[0] :], self._events[kept[1] :]
            self._live = kept[2]
            raise

    @asynccontextmanager
    async def within(self, company_id: UUID) -> AsyncIterator[Work]:
        """The same actor's work on a company, in this transaction: for the operator's realm alone. What is recorded
        there is written at the end of the block; what the caller cannot act on undoes the whole transaction."""
        other = Work(self.uow, msgspec.structs.replace(self.ctx, company_id=company_id), self.now)
        await self.uow.turn_to(company_id)
        try:
            yield other
            await other._flush(self.uow)
        except LodgeError:
            await self.uow.turn_to(self.ctx.company_id)  # for the page that says so
            raise
        await self.uow.turn_to(self.ctx.company_id)

    async def _flush(self, uow: UnitOfWork) -> None:
        if not (self._audit or self._events or self._live or self._answers):
            return
        actor = self.ctx.actor
        if self._events:
            self.announce("outbox", None)
        live = list(self._live)
        uow.after_commit(lambda: uow.db.tell(live))
        audit = list(zip(*self._audit, strict=True)) or [()] * 6
        events = list(zip(*self._events, strict=True)) or [()] * 5
        await uow.execute(
            _FLUSH,
            self.ctx.company_id,
            self.now,
            actor.kind,
            actor.id,
            actor.name,
            self.ctx.request_id,
            *audit,
            *events,
            LIVE_CHANNEL,
            [_encode(message).decode() for message in live],
            *(list(zip(*map(msgspec.structs.astuple, self._answers), strict=True)) or [()] * 6),
        )
        self._audit, self._events, self._live, self._answers = [], [], {}, []
