"""Sending a test: through the same queue, signed and logged like any message, and tried once only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.errors import Conflict
from core.notify import repository
from core.notify.endpoints import Endpoints
from core.notify.service import Notices
from core.notify.texts import TEST
from core.work import Work

EVENT: Final = "lodge.test.v1"
_ADD = """
WITH test AS (
    INSERT INTO notify_delivery (company_id, id, site_id, channel, kind, member_id, webhook_id, provider_id, payload,
                                 state, attempts, created_at)
    SELECT $1, $2, $3, $4, 'test', $5, $6, $7, $8, 'waiting', 0, $9
    WHERE NOT EXISTS (SELECT FROM notify_delivery WHERE company_id = $1 AND kind = 'test' AND state = 'waiting'
                      AND (webhook_id = $6 OR provider_id = $7))
    RETURNING id
)
INSERT INTO notify_due (company_id, delivery_id, due_at) SELECT $1, id, $9 FROM test
"""


class Trials:
    """Also for what is switched off: one wants to know before it is switched on. Callers commit."""

    def __init__(self, endpoints: Endpoints, notices: Notices, translate: Callable[..., str]) -> None:
        self._endpoints = endpoints
        self._notices = notices
        self._translate = translate

    async def webhook(self, work: Work, webhook_id: UUID) -> UUID:
        """Queue a test event; the delivery's id. Raises NotFound, Conflict while another test is on its way."""
        found = await self._endpoints.webhook(work, webhook_id)
        body = {
            "type": EVENT,
            "timestamp": work.now.isoformat().replace("+00:00", "Z"),
            "data": {"webhook_id": webhook_id},
        }
        payload = msgspec.json.encode(body).decode()
        return await self._add(work, found.site_ids[0], "webhook", webhook_id=webhook_id, payload=payload)

    async def provider(self, work: Work, provider_id: UUID, company: str) -> UUID:
        """Queue a test message to the group; of text messages one to the actor's own number.

        The delivery's id. Raises NotFound, Conflict while another test is on its way or the number is not confirmed.
        """
        found = await self._endpoints.provider(work, provider_id)
        if found.scheme != "twilio":
            line = self._translate("zh-CN", "core", TEST, company=company)
            return await self._add(work, found.site_ids[0], "chat", provider_id=provider_id, payload=line)
        member_id = work.ctx.actor.id
        mine = member_id and await repository.preferences(work.uow, member_id)
        contacts = self._notices.contacts(work.ctx.company_id, member_id, mine[1] if mine else None)
        if not contacts.reachable.phone:
            raise Conflict("The test goes to your own mobile number: save and confirm it first, under Notifications.")
        return await self._add(work, found.site_ids[0], "sms", member_id=member_id, provider_id=provider_id)

    async def _add(
        self,
        work: Work,
        site_id: UUID,
        channel: str,
        *,
        member_id: UUID | None = None,
        webhook_id: UUID | None = None,
        provider_id: UUID | None = None,
        payload: str | None = None,
    ) -> UUID:
        company_id, delivery_id = work.ctx.company_id, new_id()
        columns = (site_id, channel, member_id, webhook_id, provider_id, payload, work.now)
        if not await work.uow.execute(_ADD, company_id, delivery_id, *columns):
            raise Conflict("A test is on its way already. Look at the delivery log.")
        work.audit("notify.test_sent", "notify_delivery", delivery_id, {"channel": channel})
        return delivery_id
