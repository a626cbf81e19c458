"""Every statement about notifications, preferences and deliveries. Each names the company itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.db.uow import UnitOfWork
from core.notify.model import Delivery, Notice, Preferences
from core.notify.rules import Facts


class Person(msgspec.Struct, frozen=True):
    """Somebody who may be told: an active member who works at the site."""

    id: UUID
    preferences: Preferences
    contacts_sealed: bytes | None


class Provider(msgspec.Struct, frozen=True):
    """A provider that serves the site, as the fan-out needs it."""

    id: UUID
    scheme: str
    kinds: list[str]


class NewNotice(msgspec.Struct, frozen=True):
    id: UUID
    member_id: UUID
    kind: str
    digest_id: UUID | None


class NewDelivery(msgspec.Struct, frozen=True):
    id: UUID
    channel: str
    kind: str
    member_id: UUID | None = None
    provider_id: UUID | None = None
    payload: str | None = None


_FACTS = """
SELECT t.number, t.severity, t.status, t.owner_id, t.assignee_id, t.answered_at IS NOT NULL,
    (SELECT actor_id FROM ticket_event WHERE company_id = $1 AND ticket_id = t.id AND kind = $3
     ORDER BY seq DESC LIMIT 1),
    EXISTS (SELECT FROM ticket_event WHERE company_id = $1 AND ticket_id = t.id
            AND kind IN ('assign', 'claim', 'accept')),
    ARRAY(SELECT member_id FROM ticket_watcher WHERE company_id = $1 AND ticket_id = t.id), t.concerns_id
FROM ticket t WHERE t.company_id = $1 AND t.id = $2
"""
_PEOPLE = """
SELECT m.id, p.settings::text, p.contacts_sealed
FROM membership m LEFT JOIN notify_preference p ON p.company_id = m.company_id AND p.member_id = m.id
WHERE m.company_id = $1 AND m.id = ANY ($2) AND m.active AND (m.all_sites OR $3 = ANY (m.site_ids))
"""
_PROVIDERS = """
SELECT id, scheme, kinds FROM notify_provider WHERE company_id = $1 AND active AND $2 = ANY (site_ids) ORDER BY id
"""
# A digest that was taken up already takes nothing more along.
_DIGEST = """
INSERT INTO notify_delivery (company_id, id, site_id, channel, kind, member_id, digest_at, state, attempts, created_at)
VALUES ($1, $2, $3, 'email', 'digest', $4, $5, 'waiting', 0, $6)
ON CONFLICT (company_id, member_id, site_id, digest_at) DO UPDATE SET attempts = 0
    WHERE notify_delivery.attempts = 0 AND notify_delivery.state = 'waiting'
RETURNING id
"""
_DIGEST_DUE = """
INSERT INTO notify_due (company_id, delivery_id, due_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
_TELL = """
WITH notices AS (
    INSERT INTO notification (company_id, site_id, ticket_id, event_id, severity, params, created_at,
                              id, member_id, kind, digest_id)
    SELECT $1, $2, $3, $4, $5, $6::jsonb, $7, n.*
    FROM unnest($8::uuid[], $9::uuid[], $10::text[], $11::uuid[]) n ON CONFLICT DO NOTHING
), deliveries AS (
    INSERT INTO notify_delivery (company_id, site_id, event_id, state, attempts, created_at,
                                 id, channel, kind, member_id, provider_id, payload)
    SELECT $1, $2, $4, 'waiting', 0, $7, d.*
    FROM unnest($12::uuid[], $13::text[], $14::text[], $15::uuid[], $16::uuid[], $17::text[]) d
    ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO notify_due (company_id, delivery_id, due_at) SELECT $1, id, $7 FROM deliveries
"""
_TO_WEBHOOKS = """
WITH deliveries AS (
    INSERT INTO notify_delivery (company_id, site_id, event_id, state, attempts, created_at,
                                 id, channel, kind, webhook_id, payload)
    SELECT $1, $2, $3, 'waiting', 0, $4, gen_random_uuid(), 'webhook', $5, w.id, $6
    FROM webhook w WHERE w.company_id = $1 AND w.active AND $5 = ANY (w.event_types) AND $2 = ANY (w.site_ids)
    ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO notify_due (company_id, delivery_id, due_at) SELECT $1, id, $4 FROM deliveries
"""
_NOTICE = "id, site_id, kind, severity, ticket_id, params::text, created_at, read_at"
# What came to be about the reader themselves since is not told any more (CMP-6).
_SEEN = "(n.ticket_id IS NULL OR EXISTS (SELECT FROM ticket t WHERE t.company_id = $1 AND t.id = n.ticket_id))"
_INBOX = f"""
SELECT {_NOTICE} FROM notification n
WHERE company_id = $1 AND member_id = $2 AND site_id = ANY ($3) AND ($4::uuid IS NULL OR id < $4)
    AND (NOT $5 OR read_at IS NULL) AND {_SEEN}
ORDER BY id DESC LIMIT $6
"""  # noqa: S608
_UNREAD = f"""
SELECT count(*) FROM (SELECT FROM notification n WHERE company_id = $1 AND member_id = $2 AND site_id = ANY ($3)
                      AND read_at IS NULL AND {_SEEN} LIMIT $4) unread
"""  # noqa: S608
_READ_ONE = f"""
UPDATE notification n SET read_at = coalesce(read_at, $4)
WHERE company_id = $1 AND member_id = $2 AND site_id = ANY ($3) AND id = $5 AND {_SEEN} RETURNING {_NOTICE}
"""  # noqa: S608
_READ_ALL = """
UPDATE notification SET read_at = $4 WHERE company_id = $1 AND member_id = $2 AND site_id = ANY ($3) AND read_at IS NULL
"""
_PREFERENCES = """
SELECT settings::text, contacts_sealed, version FROM notify_preference WHERE company_id = $1 AND member_id = $2
"""
_SET_PREFERENCES = """
INSERT INTO notify_preference (company_id, member_id, settings, contacts_sealed, version, updated_at)
SELECT $1, $2, $3::jsonb, $4, 1, $5 WHERE $6 = 0
ON CONFLICT (company_id, member_id) DO NOTHING
"""
_CHANGE_PREFERENCES = """
UPDATE notify_preference SET settings = $3::jsonb, contacts_sealed = $4, version = version + 1, updated_at = $5
WHERE company_id = $1 AND member_id = $2 AND version = $6
"""
# Whoever may enter some sites only sees what went out for those.
_LOG = """
SELECT d.id, d.channel, d.kind, coalesce(substring(w.url FROM '^https?://[^/?#]*'), p.name, m.name, ''), d.state,
    d.attempts, d.created_at, d.last_at, d.last_status, d.last_error, q.due_at
FROM notify_delivery d
LEFT JOIN webhook w ON w.company_id = d.company_id AND w.id = d.webhook_id
LEFT JOIN notify_provider p ON p.company_id = d.company_id AND p.id = d.provider_id
LEFT JOIN membership m ON m.company_id = d.company_id AND m.id = d.member_id
LEFT JOIN notify_due q ON q.company_id = d.company_id AND q.delivery_id = d.id
WHERE d.company_id = $1 AND d.site_id = ANY ($2) AND ($3::text IS NULL OR d.state = $3)
    AND ($4::uuid IS NULL OR d.webhook_id = $4) AND ($7::uuid IS NULL OR d.provider_id = $7)
    AND ($5::uuid IS NULL OR (d.created_at, d.id) <
         (SELECT created_at, id FROM notify_delivery WHERE company_id = $1 AND id = $5))
ORDER BY d.created_at DESC, d.id DESC LIMIT $6
"""
_AGAIN = """
WITH again AS (
    UPDATE notify_delivery SET state = 'waiting', attempts = 0
    WHERE company_id = $1 AND id = $2 AND site_id = ANY ($3) AND state IN ('parked', 'sent') RETURNING id
)
INSERT INTO notify_due (company_id, delivery_id, due_at) SELECT $1, id, $4 FROM again
ON CONFLICT (company_id, delivery_id) DO UPDATE SET due_at = excluded.due_at
"""
_EXISTS = "SELECT EXISTS (SELECT FROM notify_delivery WHERE company_id = $1 AND id = $2 AND site_id = ANY ($3))"

_preferences = msgspec.json.Decoder(Preferences).decode
_params = msgspec.json.Decoder(dict[str, str]).decode


async def facts(uow: UnitOfWork, ticket_id: UUID, step: str) -> Facts | None:
    return await uow.fetch_one(Facts, _FACTS, uow.company_id, ticket_id, step)


async def people(uow: UnitOfWork, site_id: UUID, ids: Sequence[UUID]) -> list[Person]:
    """Those of the members who are active and work at the site."""
    return await uow.fetch(_person, _PEOPLE, uow.company_id, list(ids), site_id)


async def providers(uow: UnitOfWork, site_id: UUID) -> list[Provider]:
    return await uow.fetch(Provider, _PROVIDERS, uow.company_id, site_id)


async def open_digest(
    uow: UnitOfWork, new_id: UUID, site_id: UUID, member_id: UUID, at: datetime, now: datetime
) -> UUID | None:
    """The digest of that instant, begun if need be; None if it has gone out."""
    found: UUID | None = await uow.value(_DIGEST, uow.company_id, new_id, site_id, member_id, at, now)
    if found is not None:
        await uow.execute(_DIGEST_DUE, uow.company_id, found, at)
    return found


async def tell(
    uow: UnitOfWork,
    site_id: UUID,
    ticket_id: UUID | None,
    event_id: UUID,
    severity: str,
    params: dict[str, str],
    now: datetime,
    notices: Sequence[NewNotice],
    deliveries: Sequence[NewDelivery],
) -> None:
    """Write what people are told of an event, and what is to be sent for it."""
    await uow.execute(
        _TELL,
        uow.company_id,
        site_id,
        ticket_id,
        event_id,
        severity,
        msgspec.json.encode(params).decode(),
        now,
        *(list(zip(*map(msgspec.structs.astuple, notices), strict=True)) or [()] * 4),
        *(list(zip(*map(msgspec.structs.astuple, deliveries), strict=True)) or [()] * 6),
    )


async def to_webhooks(
    uow: UnitOfWork, site_id: UUID, event_id: UUID, now: datetime, event_type: str, body: str
) -> None:
    """Queue the event for every webhook that wants it."""
    await uow.execute(_TO_WEBHOOKS, uow.company_id, site_id, event_id, now, event_type, body)


async def inbox(
    uow: UnitOfWork, member_id: UUID, sites: Sequence[UUID], after: UUID | None, limit: int, *, unread: bool
) -> list[Notice]:
    return await uow.fetch(_notice, _INBOX, uow.company_id, member_id, list(sites), after, unread, limit)


async def unread(uow: UnitOfWork, member_id: UUID, sites: Sequence[UUID], most: int) -> int:
    """How many are unread, counted up to `most`."""
    found: int = await uow.value(_UNREAD, uow.company_id, member_id, list(sites), most)
    return found


async def read_one(
    uow: UnitOfWork, member_id: UUID, sites: Sequence[UUID], now: datetime, notification_id: UUID
) -> Notice | None:
    return await uow.fetch_one(_notice, _READ_ONE, uow.company_id, member_id, list(sites), now, notification_id)


async def read_all(uow: UnitOfWork, member_id: UUID, sites: Sequence[UUID], now: datetime) -> int:
    return await uow.execute(_READ_ALL, uow.company_id, member_id, list(sites), now)


async def preferences(uow: UnitOfWork, member_id: UUID) -> tuple[Preferences, bytes | None, int] | None:
    def row(settings: str, sealed: bytes | None, version: int) -> tuple[Preferences, bytes | None, int]:
        return _preferences(settings), sealed, version

    return await uow.fetch_one(row, _PREFERENCES, uow.company_id, member_id)


async def set_preferences(
    uow: UnitOfWork, member_id: UUID, new: Preferences, sealed: bytes | None, now: datetime, expected: int
) -> bool:
    """Whether `expected` was the version, 0 being none yet."""
    sql = _CHANGE_PREFERENCES if expected else _SET_PREFERENCES
    settings = msgspec.json.encode(new).decode()
    return bool(await uow.execute(sql, uow.company_id, member_id, settings, sealed, now, expected))


async def log(
    uow: UnitOfWork,
    sites: Sequence[UUID],
    state: str | None,
    webhook_id: UUID | None,
    provider_id: UUID | None,
    after: UUID | None,
    limit: int,
) -> list[Delivery]:
    """What went out for these sites, the newest first."""
    chosen = (state, webhook_id, after, limit, provider_id)
    return await uow.fetch(Delivery, _LOG, uow.company_id, list(sites), *chosen)


async def again(uow: UnitOfWork, delivery_id: UUID, sites: Sequence[UUID], now: datetime) -> bool:
    """Queue a parked or sent delivery anew; whether there was one in such a state."""
    return bool(await uow.execute(_AGAIN, uow.company_id, delivery_id, list(sites), now))


async def exists(uow: UnitOfWork, delivery_id: UUID, sites: Sequence[UUID]) -> bool:
    return bool(await uow.value(_EXISTS, uow.company_id, delivery_id, list(sites)))


def _person(id: UUID, settings: str | None, sealed: bytes | None) -> Person:
    return Person(id, _preferences(settings) if settings else Preferences(), sealed)


def _notice(*columns: Any) -> Notice:
    fields = dict(zip(Notice.__struct_fields__, columns, strict=True))
    return Notice(**{**fields, "params": _params(fields["params"])})
