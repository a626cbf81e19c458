"""Messages on their way: what a queued delivery says now and where it goes, and the record of what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias
from uuid import UUID

import msgspec

from core.estate.sealing import Sealer
from core.notify import residents
from core.notify.channels.email import Mail
from core.notify.channels.provider import Chat, Scheme
from core.notify.channels.webhook import Post
from core.notify.confirmation import Prover, Way
from core.notify.model import Contacts, Kind, Preferences
from core.notify.outgoing import Failed, Gone
from core.notify.texts import (
    CONFIRM_IGNORE,
    CONFIRM_SMS,
    CONFIRM_SUBJECT,
    CONFIRM_TEXT,
    DIGEST_SUBJECT,
    SETTINGS_HINT,
    TEST,
    Say,
    page_of,
    text_of,
)
from core.tenancy.directory import Company, Site
from core.work import Work

Message: TypeAlias = Mail | Chat | Post
Letter: TypeAlias = Callable[[Work, Company, UUID, str], Awaitable[Mail | None]]
"""Writes what a delivery says that goes to no member, from its id and payload; None: there is nothing to say now."""
# When a failed message is tried again; after the last time it is parked (after Standard Webhooks' schedule).
DELAYS = tuple(timedelta(seconds=s) for s in (5, 60, 300, 1800, 7200, 18000, 36000))
SMS = 300  # characters


class _Taken(msgspec.Struct, frozen=True):
    channel: str
    kind: str
    site_id: UUID
    event_id: UUID | None
    member_id: UUID | None
    payload: str | None
    attempts: int
    webhook_id: UUID | None
    url: str | None
    secret_sealed: bytes | None
    former_sealed: bytes | None
    provider_id: UUID | None
    scheme: Scheme | None
    settings_sealed: bytes | None
    welcome: bool  # whether receiver and sender are still such
    asked: bool  # whether an address still waits for this message's confirmation
    preferences: str | None
    contacts_sealed: bytes | None


class _News(msgspec.Struct, frozen=True):
    kind: Kind
    ticket_id: UUID | None
    params: str


_TAKE = """
WITH taken AS (
    UPDATE notify_delivery SET attempts = attempts + 1, last_at = $3
    WHERE company_id = $1 AND id = $2 AND state = 'waiting' RETURNING *
)
SELECT d.channel, d.kind, d.site_id, d.event_id, d.member_id, d.payload, d.attempts, w.id, w.url, w.secret_sealed,
    CASE WHEN w.former_until > $3 THEN w.former_sealed END, p.id, p.scheme, p.settings_sealed,
    (d.webhook_id IS NULL OR w.active OR d.kind = 'test') AND (d.provider_id IS NULL OR p.active OR d.kind = 'test')
        AND (d.member_id IS NULL OR (m.active AND (m.all_sites OR d.site_id = ANY (m.site_ids)))),
    c.expires_at IS NOT NULL AND c.expires_at > $3, n.settings::text, n.contacts_sealed
FROM taken d
LEFT JOIN webhook w ON w.company_id = $1 AND w.id = d.webhook_id
LEFT JOIN notify_provider p ON p.company_id = $1 AND p.id = d.provider_id
LEFT JOIN membership m ON m.company_id = $1 AND m.id = d.member_id
LEFT JOIN notify_preference n ON n.company_id = $1 AND n.member_id = d.member_id
LEFT JOIN notify_confirmation c ON c.company_id = $1 AND c.member_id = d.member_id AND c.delivery_id = d.id
"""
_NEWS = """
SELECT kind, ticket_id, params::text FROM notification n
WHERE company_id = $1 AND member_id = $2 AND read_at IS NULL AND (event_id = $3 OR digest_id = $4)
    AND NOT EXISTS (SELECT FROM ticket t WHERE t.company_id = $1 AND t.id = n.ticket_id AND t.concerns_id = n.member_id)
ORDER BY id LIMIT 200
"""
_END = """
WITH done AS (
    UPDATE notify_delivery SET state = $3, last_at = $4, last_status = $5, last_error = $6
    WHERE company_id = $1 AND id = $2 AND state = 'waiting'
)
DELETE FROM notify_due WHERE company_id = $1 AND delivery_id = $2
"""
_LATER = """
WITH failed AS (
    UPDATE notify_delivery SET last_at = $3, last_status = $4, last_error = $5
    WHERE company_id = $1 AND id = $2 AND state = 'waiting' RETURNING attempts
)
UPDATE notify_due SET due_at = $3 + ($6::interval[])[failed.attempts] FROM failed
WHERE company_id = $1 AND delivery_id = $2
"""
_ATTEMPTS = "SELECT attempts, kind FROM notify_delivery WHERE company_id = $1 AND id = $2"


def _attempted(attempts: int, kind: str) -> tuple[int, str]:
    return attempts, kind


_preferences = msgspec.json.Decoder(Preferences).decode
_contacts = msgspec.json.Decoder(Contacts).decode
_params = msgspec.json.Decoder(dict[str, str]).decode
_settings = msgspec.json.Decoder(dict[str, str]).decode


class Composer:
    """Puts messages together at the last moment: what was read or switched off meanwhile is not sent."""

    def __init__(
        self,
        sealer: Sealer,
        prover: Prover,
        company_of: Callable[[UUID], Company | None],
        translate: Callable[..., str],
        public_url: str,
        letters: Mapping[str, Letter],
    ) -> None:
        self._sealer = sealer
        self._prover = prover
        self._company_of = company_of
        self._translate = translate
        self._public_url = public_url
        self._letters = letters

    async def take_up(self, work: Work, delivery_id: UUID) -> Message | None:
        """The message to send now, counted as an attempt; None if there is none any more."""
        taken = await work.uow.fetch_one(_Taken, _TAKE, work.ctx.company_id, delivery_id, work.now)
        if taken is None or taken.attempts > len(DELAYS) + 1:
            # sent by another worker; or taken up so often without an end that it must have ended its workers
            reason = "it was taken up too often without coming to an end"
            await end(work, delivery_id, "parked", None, reason if taken else None)
            return None
        message = await self._compose(work, delivery_id, taken) if taken.welcome else None
        if message is None:
            await end(work, delivery_id, "dropped", None, None)
        return message

    async def _compose(self, work: Work, delivery_id: UUID, taken: _Taken) -> Message | None:
        company_id = work.ctx.company_id
        if taken.webhook_id is not None and taken.url is not None and taken.secret_sealed is not None:
            sealed = (secret for secret in (taken.secret_sealed, taken.former_sealed) if secret is not None)
            secrets = tuple(self._sealer.unseal(company_id, taken.webhook_id, secret) for secret in sealed)
            return Post(str(delivery_id), taken.url, (taken.payload or "").encode(), secrets, work.now)
        settings: dict[str, str] = {}
        if taken.provider_id is not None and taken.settings_sealed is not None:
            settings = _settings(self._sealer.unseal(company_id, taken.provider_id, taken.settings_sealed))
        if taken.kind == residents.KIND and taken.scheme is not None:
            payload = taken.payload or ""
            return await residents.message(
                work.uow, self._sealer, taken.site_id, delivery_id, payload, taken.scheme, settings
            )
        if taken.kind in self._letters:
            company = self._company_of(company_id)
            if company is None:
                return None
            return await self._letters[taken.kind](work, company, delivery_id, taken.payload or "")
        if taken.channel == "chat" and taken.scheme is not None:
            return Chat(taken.scheme, settings, taken.payload or "")
        return await self._personal(work, delivery_id, taken, settings)

    async def _personal(self, work: Work, delivery_id: UUID, taken: _Taken, settings: dict[str, str]) -> Message | None:
        """What goes to a person, in their language. What they have read already is left out."""
        company = self._company_of(work.ctx.company_id)
        site = company.site(str(taken.site_id)) if company else None
        if company is None or site is None or taken.member_id is None or taken.contacts_sealed is None:
            return None
        contacts = _contacts(self._sealer.unseal(company.id, taken.member_id, taken.contacts_sealed))
        preferences = _preferences(taken.preferences) if taken.preferences else Preferences()
        say = partial(self._translate, preferences.locale, "core")
        if taken.kind == "confirm":
            return self._question(company, delivery_id, taken, contacts, settings, say, work.now)
        contacts = contacts.reachable
        if taken.kind == "test":
            return _text_message(taken, settings, say(TEST, company=company.name), contacts)
        digest_id = delivery_id if taken.event_id is None else None
        news = await work.uow.fetch(_News, _NEWS, company.id, taken.member_id, taken.event_id, digest_id)
        if not news:
            return None
        if taken.channel == "sms":
            text = f"{company.name}: {text_of(news[0].kind, _params(news[0].params), say)}"
            return _text_message(taken, settings, text, contacts)
        if not contacts.email:
            return None
        lines = [self._line(site, one, say) for one in news]
        subject = say(DIGEST_SUBJECT, site=site.name, n=len(news)) if digest_id else lines[0].partition("\n")[0]
        text = "\n\n".join([*lines, say(SETTINGS_HINT), f"{self._public_url}/notifications"])
        return Mail(str(delivery_id), contacts.email, f"{company.name}: {subject}", text, work.now)

    def _question(
        self,
        company: Company,
        delivery_id: UUID,
        taken: _Taken,
        contacts: Contacts,
        settings: dict[str, str],
        say: Say,
        now: datetime,
    ) -> Message | None:
        """Asks whoever reads an address to confirm it; None where nobody waits for that any more."""
        way: Way = "sms" if taken.channel == "sms" else "email"
        if not taken.asked or taken.member_id is None or not contacts.of(way):
            return None
        code = self._prover.code(company.id, taken.member_id, way, delivery_id, contacts.of(way))
        if way == "sms":
            return _text_message(taken, settings, say(CONFIRM_SMS, company=company.name, code=code), contacts)
        link = f"{self._public_url}/notifications/confirm?code={code}"
        text = "\n\n".join([say(CONFIRM_TEXT, company=company.name), link, say(CONFIRM_IGNORE)])
        return Mail(str(delivery_id), contacts.email, f"{company.name}: {say(CONFIRM_SUBJECT)}", text, now)

    def _line(self, site: Site, news: _News, say: Say) -> str:
        params = _params(news.params)
        link = f"{self._public_url}{page_of(site.slug, news.ticket_id, params)}"
        return f"{text_of(news.kind, params, say)}\n{link}"


def _text_message(taken: _Taken, settings: dict[str, str], text: str, contacts: Contacts) -> Chat | None:
    return Chat(taken.scheme, settings, text[:SMS], contacts.phone) if taken.scheme and contacts.phone else None


async def end(work: Work, delivery_id: UUID, state: str, status: int | None, reason: str | None) -> None:
    """The delivery is over: `sent`, `dropped` or `parked`."""
    await work.uow.execute(_END, work.ctx.company_id, delivery_id, state, work.now, status, reason)


async def fail(work: Work, delivery_id: UUID, failed: Failed, delays: Sequence[timedelta] = DELAYS) -> None:
    """Try again later; parked where that is hopeless or was tried often enough, and tests at once."""
    found = await work.uow.fetch_one(_attempted, _ATTEMPTS, work.ctx.company_id, delivery_id)
    if found is None or found[0] > len(delays) or found[1] == "test" or isinstance(failed, Gone):
        await end(work, delivery_id, "parked", failed.status, str(failed))
        return
    arguments: tuple[Any, ...] = (work.now, failed.status, str(failed), list(delays))
    await work.uow.execute(_LATER, work.ctx.company_id, delivery_id, *arguments)
