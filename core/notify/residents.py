"""Text messages to residents, about what concerns their household. Callers commit.

The number is looked up when the message is sent; until then the text lies sealed, for it may hold a link.
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.db.uow import UnitOfWork
from core.estate.sealing import CannotUnseal, Sealer
from core.notify.channels.provider import Chat, Scheme
from core.work import Work

KIND = "resident"
_PROVIDER = """
SELECT id FROM notify_provider
WHERE company_id = $1 AND active AND scheme = 'twilio' AND $2 = ANY (site_ids) ORDER BY id LIMIT 1
"""
_SEND = f"""
WITH queued AS (
    INSERT INTO notify_delivery (company_id, id, site_id, channel, kind, provider_id, payload, state, attempts,
        created_at)
    SELECT $1, $3, $2, 'sms', '{KIND}', p.id, $4, 'waiting', 0, $5 FROM ({_PROVIDER}) p
    WHERE EXISTS (SELECT FROM contact WHERE company_id = $1 AND site_id = $2 AND party_id = $6) RETURNING id
)
INSERT INTO notify_due (company_id, delivery_id, due_at) SELECT $1, id, $5 FROM queued
"""  # noqa: S608
_PHONE = "SELECT phone FROM contact WHERE company_id = $1 AND site_id = $2 AND party_id = $3 ORDER BY id LIMIT 1"
_SEALED = f"""
SELECT id, created_at, payload FROM notify_delivery
WHERE company_id = $1 AND kind = '{KIND}' AND payload IS NOT NULL ORDER BY created_at, id
"""  # noqa: S608
_RESEAL = """
UPDATE notify_delivery d SET payload = n.payload FROM unnest($2::uuid[], $3::text[]) AS n (id, payload)
WHERE d.company_id = $1 AND d.id = n.id
"""
_FORGET = "DELETE FROM notify_delivery WHERE company_id = $1 AND id = ANY ($2::uuid[])"
_MOST = 300  # characters


class Letter(msgspec.Struct, frozen=True):
    """To whom, and what."""

    party_id: UUID
    text: str


class Told(msgspec.Struct, frozen=True):
    """A message as it was sent, or is to be."""

    id: UUID
    at: datetime
    text: str


_decode = msgspec.json.Decoder(Letter).decode


class Residents:
    """Queues text messages to people of the estate, where the site has a service for them."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def reachable(self, work: Work, site_id: UUID) -> bool:
        """Whether the site has a text message service."""
        return await work.uow.value(_PROVIDER, work.ctx.company_id, site_id) is not None

    async def send(self, work: Work, site_id: UUID, party_id: UUID, text: str) -> bool:
        """Queue a message; not where there is no service, or no number of that party's."""
        id = new_id()
        sealed = self._sealer.seal(work.ctx.company_id, id, msgspec.json.encode(Letter(party_id, text[:_MOST])))
        payload = base64.b64encode(sealed).decode()
        return bool(await work.uow.execute(_SEND, work.ctx.company_id, site_id, id, payload, work.now, party_id))

    async def told(self, work: Work, party_ids: Collection[UUID]) -> list[Told]:
        """What these parties were sent, as long as it is kept; the oldest first."""
        company_id = work.ctx.company_id

        def read(id: UUID, at: datetime, payload: str) -> tuple[UUID, Told]:
            letter = _decode(self._sealer.unseal(company_id, id, base64.b64decode(payload)))
            return letter.party_id, Told(id, at, letter.text)

        letters = await work.uow.fetch(read, _SEALED, company_id) if party_ids else []
        return [told for party_id, told in letters if party_id in party_ids]

    async def reseal(self, work: Work, sealer: Sealer) -> tuple[int, int]:
        """Seal with the present key what a former one has sealed: how many messages, and how many do not open."""
        company_id = work.ctx.company_id
        anew: list[tuple[UUID, str]] = []
        lost = 0
        for id, sealed in await work.uow.fetch(lambda id, _, text: (id, base64.b64decode(text)), _SEALED, company_id):
            if sealed.startswith(sealer.current):
                continue
            try:
                plain = sealer.unseal(company_id, id, sealed)
            except CannotUnseal:
                lost += 1
                continue
            anew.append((id, base64.b64encode(sealer.seal(company_id, id, plain)).decode()))
        ids, payloads = [id for id, _ in anew], [payload for _, payload in anew]
        return await work.uow.execute(_RESEAL, company_id, ids, payloads), lost

    async def forget(self, work: Work, party_ids: Collection[UUID]) -> int:
        """Delete what these parties were sent or are still to be sent; how many messages that was."""
        ids = [told.id for told in await self.told(work, party_ids)]
        return await work.uow.execute(_FORGET, work.ctx.company_id, ids) if ids else 0


async def message(
    uow: UnitOfWork, sealer: Sealer, site_id: UUID, id: UUID, payload: str, scheme: Scheme, settings: dict[str, str]
) -> Chat | None:
    """The message as it goes out now; None where the number is gone."""
    assert uow.company_id is not None
    letter = _decode(sealer.unseal(uow.company_id, id, base64.b64decode(payload)))
    phone: str | None = await uow.value(_PHONE, uow.company_id, site_id, letter.party_id)
    return Chat(scheme, settings, letter.text, phone) if phone else None
