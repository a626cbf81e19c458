"""Background work of the realm: accesses end when their time is over, its own audit chain is proven once a day."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from core.audit import chain
from core.audit.anchors import Anchor
from core.audit.jobs import Upkeep as AuditUpkeep
from core.operator.realm import REALM, context
from core.tenancy.context import SYSTEM
from core.work import Work

if TYPE_CHECKING:
    from core.platform import Platform

PACE: Final = 5.0  # seconds between looks
_DAILY: Final = timedelta(days=1)
_PORTION: Final = 100
_DUE = "SELECT company_id, access_id FROM operator_access_due WHERE due_at <= $1 ORDER BY due_at LIMIT $2"
_CHECKED = "SELECT max(at) FROM audit_check WHERE company_id = $1"


class RealmUpkeep:
    """One for a worker. What falls due is dead already to whoever uses it; here it is recorded and told."""

    def __init__(self, platform: Platform, audit: AuditUpkeep) -> None:
        self._platform, self._audit = platform, audit
        self._checked: datetime | None = None

    async def run_once(self) -> bool:
        """One pass; whether there may be more."""
        platform, now = self._platform, self._platform.clock()
        async with platform.dispatch.begin(None, read_only=True) as uow:
            due: list[tuple[UUID, UUID]] = await uow.fetch(lambda *row: row, _DUE, now, _PORTION)
        for company_id, access_id in due:
            ctx = await platform.system_context(company_id, None)
            if ctx is not None:
                async with platform.work(ctx) as work:
                    await platform.operator.accesses.lapse(work, access_id)
        if self._checked is None or now - self._checked >= _DAILY:
            await self._prove(now)
            self._checked = now
        return len(due) == _PORTION

    async def _prove(self, now: datetime) -> None:
        """Compute the realm's chain again, unless a worker did within the day, and anchor where it is."""
        async with self._platform.db.begin(REALM) as uow:
            await uow.wait_for_turn("operator's chain")
            last: datetime | None = await uow.value(_CHECKED, REALM)
            if last is None or now - last >= _DAILY:
                ctx = context(SYSTEM)
                await self._audit.check(Work(uow, ctx, now), ctx, {})
            end = await chain.head(uow, REALM)
        if end is not None:
            await asyncio.to_thread(self._platform.anchors.add, [Anchor(REALM, end.seq, end.hash.hex(), now)])
