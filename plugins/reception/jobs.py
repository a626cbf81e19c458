"""Background work of the front desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from core.sdk import TenantContext, Work
from plugins.reception import events, repository

RINGS = timedelta(minutes=10)
TALKS = timedelta(hours=4)


async def close_abandoned(work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
    """End the calls whose end was never reported, so that no card hangs for ever: missed after ten minutes of ringing,
    ended four hours after the answer."""
    for call in await repository.close(work.uow, ctx.site_ids, work.now, work.now - RINGS, work.now - TALKS):
        work.emit(events.ended(call))
        work.announce("call", call.site_id, call.id)
