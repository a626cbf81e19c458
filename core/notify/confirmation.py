"""Addresses are confirmed by whoever reads what arrives there before anything else is sent to them.

What proves it (a link, or a code for text messages) is derived from the message's id and the address under a key that
is not in the database: nothing stored gives it away, and it fits no other address. It is good once, for a while, and
for a few guesses.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.errors import Conflict, TooMany
from core.estate.sealing import Sealer
from core.notify.model import Contacts
from core.work import Work

Way = Literal["email", "sms"]
WAYS: Final[tuple[Way, ...]] = ("email", "sms")
LIVES: Final[dict[Way, timedelta]] = {"email": timedelta(days=1), "sms": timedelta(minutes=30)}
GUESSES = 10  # for one message
SENDS, WINDOW, PAUSE = 5, timedelta(days=1), timedelta(seconds=20)  # messages in that time, and between two of them

_ASK = """
WITH wanted AS (
    SELECT w.*, p.id AS provider_id FROM unnest($3::text[], $4::uuid[], $5::timestamptz[]) w (channel, id, expires_at)
    LEFT JOIN LATERAL (SELECT id FROM notify_provider WHERE company_id = $1 AND active AND scheme = 'twilio'
                       AND site_ids && $6 ORDER BY id LIMIT 1) p ON w.channel = 'sms'
    WHERE w.channel = 'email' OR p.id IS NOT NULL
), asked AS (
    INSERT INTO notify_confirmation AS c
        (company_id, member_id, channel, delivery_id, expires_at, guesses, sends, sends_since, sent_at)
    SELECT $1, $2, channel, id, expires_at, 0, 1, $7, $7 FROM wanted
    ON CONFLICT (company_id, member_id, channel) DO UPDATE SET delivery_id = excluded.delivery_id,
        expires_at = excluded.expires_at, guesses = 0, sent_at = excluded.sent_at,
        sends = CASE WHEN c.sends_since <= $8 THEN 1 ELSE c.sends + 1 END,
        sends_since = CASE WHEN c.sends_since <= $8 THEN excluded.sends_since ELSE c.sends_since END
    WHERE c.sent_at <= $9 AND (c.sends < $10 OR c.sends_since <= $8)
    RETURNING delivery_id
), deliveries AS (
    INSERT INTO notify_delivery
        (company_id, id, site_id, channel, kind, member_id, provider_id, state, attempts, created_at)
    SELECT $1, id, ($6::uuid[])[1], channel, 'confirm', $2, provider_id, 'waiting', 0, $7
    FROM wanted WHERE id IN (SELECT delivery_id FROM asked) RETURNING id
)
INSERT INTO notify_due (company_id, delivery_id, due_at) SELECT $1, id, $7 FROM deliveries
"""
_ASKED = """
SELECT channel FROM notify_confirmation
WHERE company_id = $1 AND member_id = $2 AND delivery_id IS NOT NULL AND expires_at > $3 ORDER BY channel
"""
_OPEN = """
SELECT p.contacts_sealed, c.delivery_id, c.expires_at, c.guesses
FROM notify_confirmation c JOIN notify_preference p ON p.company_id = $1 AND p.member_id = c.member_id
WHERE c.company_id = $1 AND c.member_id = $2 AND c.channel = $3 AND c.delivery_id IS NOT NULL FOR UPDATE
"""
_WRONG = """
UPDATE notify_confirmation SET guesses = guesses + 1 WHERE company_id = $1 AND member_id = $2 AND channel = $3
"""
_RIGHT = """
WITH used AS (
    UPDATE notify_confirmation SET delivery_id = NULL WHERE company_id = $1 AND member_id = $2 AND channel = $3
)
UPDATE notify_preference SET contacts_sealed = $4, version = version + 1, updated_at = $5
WHERE company_id = $1 AND member_id = $2
"""
_decode = msgspec.json.Decoder(Contacts).decode


class _Open(msgspec.Struct, frozen=True):
    """What was asked, and not answered yet."""

    contacts_sealed: bytes
    delivery_id: UUID
    expires_at: datetime
    guesses: int


class Prover:
    """Makes what proves that somebody reads an address."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"lodge address confirmation 1", "sha256")

    def code(self, company_id: UUID, member_id: UUID, way: Way, delivery_id: UUID, address: str) -> str:
        """43 characters for a link, six digits for a text message."""
        about = company_id.bytes + member_id.bytes + delivery_id.bytes + f"{way}:{address}".encode()
        digest = hmac.digest(self._key, about, "sha256")
        if way == "sms":
            return f"{int.from_bytes(digest) % 1_000_000:06}"
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Confirmations:
    """`mail` says whether this instance sends e-mail at all. Callers commit."""

    def __init__(self, sealer: Sealer, prover: Prover, *, mail: bool) -> None:
        self._sealer = sealer
        self._prover = prover
        self.mail = mail

    async def ask(self, work: Work, member_id: UUID, ways: list[Way], sites: Sequence[UUID]) -> int:
        """Queue messages to these addresses of a member of the sites; how many, as there is a limit and not always a
        way."""
        ways = [way for way in ways if way == "sms" or self.mail]
        if not ways or not sites:
            return 0
        return await work.uow.execute(
            _ASK,
            work.ctx.company_id,
            member_id,
            ways,
            [new_id() for _ in ways],
            [work.now + LIVES[way] for way in ways],
            list(sites),
            work.now,
            work.now - WINDOW,
            work.now - PAUSE,
            SENDS,
        )

    async def open(self, work: Work, member_id: UUID) -> list[Way]:
        """At which of the member's addresses a question waits for its answer."""
        return await work.uow.fetch(lambda way: way, _ASKED, work.ctx.company_id, member_id, work.now)

    async def ask_again(self, work: Work, member_id: UUID, way: Way, contacts: Contacts) -> None:
        """Once more, by hand. Raises Conflict where there is nothing to confirm or no way to it, TooMany."""
        if not contacts.of(way):
            raise Conflict("There is no such address to confirm. Save it first.")
        if contacts.of(way) == contacts.reachable.of(way):
            raise Conflict("This address is confirmed already.")
        if way == "email" and not self.mail:
            raise Conflict("This instance sends no e-mail. Ask whoever runs it to set up a mail server.")
        if not await self.ask(work, member_id, [way], sorted(work.ctx.site_ids)):
            raise TooMany("Nothing was sent: this was asked for too often, or no text message service is set up.")

    async def confirm(self, work: Work, member_id: UUID, way: Way, given: str) -> bool:
        """Whether that was the answer. A wrong one is counted, so the caller has to commit then too."""
        company_id = work.ctx.company_id
        found = await work.uow.fetch_one(_Open, _OPEN, company_id, member_id, way)
        if found is None or found.expires_at <= work.now or found.guesses >= GUESSES:
            return False
        contacts = _decode(self._sealer.unseal(company_id, member_id, found.contacts_sealed))
        expected = self._prover.code(company_id, member_id, way, found.delivery_id, contacts.of(way))
        if not contacts.of(way) or not hmac.compare_digest(expected.encode(), given.strip().encode()):
            await work.uow.execute(_WRONG, company_id, member_id, way)
            return False
        sealed = self._sealer.seal(company_id, member_id, msgspec.json.encode(contacts.confirmed(way)))
        await work.uow.execute(_RIGHT, company_id, member_id, way, sealed, work.now)
        work.audit("notify.address_confirmed", "membership", member_id, {"channel": way})
        return True
