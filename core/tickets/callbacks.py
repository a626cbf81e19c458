"""Promised callbacks (TKT-4): when the reporter is called back, who promised it, and whether it was kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.errors import Invalid
from core.policies.answering import ANSWERING
from core.tenancy.directory import Site
from core.tickets.action import Situation
from core.tickets.goals import WRITTEN, finish, renew
from core.tickets.model import Callback, Severity, Status, Step
from core.work import Work

if TYPE_CHECKING:
    from core.tickets.changes import Change, Changes

TIMER = "callback"
NONE_PROMISED = "No callback is promised for this ticket."

_PROMISE = """
INSERT INTO ticket_callback (company_id, ticket_id, id, site_id, promised_at, note, by_name, made_at)
SELECT $1, $2, r.* FROM jsonb_to_record({row}) AS r (id uuid, site_id uuid, promised_at timestamptz, note text,
    by_name text, made_at timestamptz)
"""
_CHANGE = """
UPDATE ticket_callback c SET missed_at = coalesce(c.missed_at, r.missed_at), ended_at = r.ended_at,
    outcome = CASE WHEN r.ended_at IS NOT NULL THEN 'kept' END
FROM jsonb_to_record({row}) AS r (id uuid, missed_at timestamptz, ended_at timestamptz)
WHERE c.company_id = $1 AND c.ticket_id = $2 AND c.id = r.id
"""
# A promise that is moved stays on record as it was; its row takes the new one, for a ticket has one open promise.
_MOVE = """
UPDATE ticket_callback c SET promised_at = r.promised_at, note = r.note, by_name = r.by_name, made_at = r.made_at,
    missed_at = NULL
FROM jsonb_to_record({row}) AS r (promised_at timestamptz, note text, by_name text, made_at timestamptz)
WHERE c.company_id = $1 AND c.ticket_id = $2 AND c.ended_at IS NULL
"""
_MOVED = """
INSERT INTO ticket_callback (company_id, ticket_id, id, site_id, promised_at, note, by_name, made_at, missed_at,
    ended_at, outcome)
SELECT $1, $2, r.*, 'moved' FROM jsonb_to_record({row}) AS r (id uuid, site_id uuid, promised_at timestamptz,
    note text, by_name text, made_at timestamptz, missed_at timestamptz, ended_at timestamptz)
"""
_OPEN = """
SELECT t.id, t.number, t.description, t.place, t.status, t.severity, t.reporter_name, t.reporter_phone, t.version,
    c.promised_at, c.note, c.by_name, c.missed_at
FROM ticket_callback c JOIN ticket t ON t.company_id = c.company_id AND t.id = c.ticket_id
WHERE c.company_id = $1 AND c.site_id = $2 AND c.ended_at IS NULL ORDER BY c.promised_at, c.id LIMIT 200
"""


class _Promised(msgspec.Struct, frozen=True):
    id: UUID
    site_id: UUID
    promised_at: datetime
    note: str
    by_name: str
    made_at: datetime


class _Moved(_Promised, frozen=True):
    missed_at: datetime | None
    ended_at: datetime


class _Changed(msgspec.Struct, frozen=True):
    id: UUID
    missed_at: datetime | None = None
    ended_at: datetime | None = None


class CallbackRow(msgspec.Struct, frozen=True):
    """A callback that is owed, with whom to call about what."""

    ticket_id: UUID
    number: str
    description: str
    place: str
    status: Status
    severity: Severity
    reporter_name: str
    reporter_phone: str
    version: int
    promised_at: datetime
    note: str
    by_name: str
    missed_at: datetime | None


async def owed(work: Work, site: Site) -> list[CallbackRow]:
    """The callbacks owed at a site, the earliest promise first, 200 at most."""
    return await work.uow.fetch(CallbackRow, _OPEN, work.ctx.company_id, site.id)


def keep(change: Change) -> Callback | None:
    """The open callback, kept with this change; None where none is promised."""
    callback = change.owed.callback
    if callback is not None:
        change.write(_CHANGE, _Changed(callback.id, _missed(change, callback), change.work.now))
        change.wake(TIMER, None)
    return callback


def watch(changes: Changes) -> None:
    """Have promises that nobody kept in time show as missed."""
    changes.on_timer(TIMER, _miss)


async def _miss(change: Change) -> None:
    callback = change.owed.callback
    if callback is not None and callback.missed_at is None:
        change.write(_CHANGE, _Changed(callback.id, missed_at=callback.promised_at))
        at = iso(callback.promised_at)
        change.record("callback_missed", callback.note, {"at": at}, system=True)
        change.audit("ticket.callback_missed", {"promised_at": at})
        change.tell("ticket.callback_missed.v1", {"promised_at": at})


def _missed(change: Change, callback: Callback) -> datetime | None:
    """When the promise was broken; also where no timer has noticed it yet."""
    return callback.promised_at if change.work.now > callback.promised_at else None


def iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


# -- what the actions do --------------------------------------------------------------------------------------------


def none_promised(situation: Situation) -> str | None:
    return None if situation.owed.callback is not None else NONE_PROMISED


async def promise(change: Change, step: Step) -> Mapping[str, str]:
    """Promise a call at `step.at`, or within the site's usual time; it takes the place of an earlier promise."""
    work = change.work
    if step.at is not None and step.at.tzinfo is None:
        raise Invalid.field("at", "Say the time with its zone, such as 2026-11-23T15:00:00+08:00.")
    if step.at is not None and step.at <= work.now:
        raise Invalid.field("at", "Give a time that is still to come.")
    policy = await change.policies.value(work, ANSWERING, change.before.site_id)
    at = (step.at or change.until(policy.callback_within)).replace(microsecond=0)
    promised = _Promised(new_id(), change.before.site_id, at, step.text.strip(), work.ctx.actor.name, work.now)
    change.wake(TIMER, at)
    before = change.owed.callback
    if before is None:
        change.write(_PROMISE, promised)
        return {"at": iso(at)}
    kept_for = before.promised_at, before.note, before.by_name, before.made_at
    missed_at = before.missed_at or _missed(change, before)
    change.write(_MOVED, _Moved(new_id(), change.before.site_id, *kept_for, missed_at, work.now))
    change.write(_MOVE, promised)
    return {"at": iso(at), "before": iso(before.promised_at)}


async def kept(change: Change, step: Step) -> Mapping[str, str]:
    """The call was made: as such, with progress told, or with the answer."""
    callback = keep(change)
    assert callback is not None
    if step.outcome:
        renew(change, "progress")
    if step.outcome == "answer":
        change.set(answered_at=change.work.now)
        finish(change, WRITTEN)
        change.tell("ticket.answered.v1", {"status": change.before.status})
    came_to = {"outcome": step.outcome} if step.outcome else {}
    return {"promised_at": iso(callback.promised_at), "channel": step.channel or "call", **came_to}
