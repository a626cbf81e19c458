"""The delivery log: what went out, what waits, what was parked, and sending it once more by hand."""

from __future__ import annotations

from uuid import UUID

from core.errors import Conflict, NotFound
from core.notify import repository
from core.notify.model import DeliveryPage, State
from core.work import Work

PAGE = 50


async def page(
    work: Work,
    *,
    state: State | None = None,
    webhook_id: UUID | None = None,
    provider_id: UUID | None = None,
    after: UUID | None = None,
    size: int = PAGE,
) -> DeliveryPage:
    """What was queued for the actor's sites, the newest first."""
    sites = list(work.ctx.site_ids)
    found = await repository.log(work.uow, sites, state, webhook_id, provider_id, after, size + 1)
    items = found[:size]
    return DeliveryPage(items, items[-1].id if len(found) > size else None)


async def send_again(work: Work, delivery_id: UUID) -> None:
    """Queue a parked or sent message anew, under the id it has. Raises NotFound, Conflict while it is waiting."""
    sites = list(work.ctx.site_ids)
    if not await repository.again(work.uow, delivery_id, sites, work.now):
        if await repository.exists(work.uow, delivery_id, sites):
            raise Conflict("This message is waiting to be sent, or nobody is left to receive it.")
        raise NotFound
    work.audit("notify.sent_again", "notify_delivery", delivery_id)
