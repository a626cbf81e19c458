"""The delivery log: what went out, what waits, what was parked, and sending it once more by hand."""

from __future__ import annotations

from uuid import UUID

from core.errors import Conflict, NotFound
from core.notify import repository
from core.notify.model import DeliveryPage, State
from core.work import Work

PAGE = 50


async def page(
    work: Work, *, state: State | None = None, webhook_id: UUID | None = None, after: UUID | None = None
) -> DeliveryPage:
    """What was queued for the actor's sites, the newest first."""
    found = await repository.log(work.uow, list(work.ctx.site_ids), state, webhook_id, after, PAGE + 1)
    items = found[:PAGE]
    return DeliveryPage(items, items[-1].id if len(found) > PAGE else None)


async def send_again(work: Work, delivery_id: UUID) -> None:
    """Queue a parked or sent message anew, under the id it has. Raises NotFound, Conflict while it is waiting."""
    sites = list(work.ctx.site_ids)
    if not await repository.again(work.uow, delivery_id, sites, work.now):
        if await repository.exists(work.uow, delivery_id, sites):
            raise Conflict("This message is waiting to be sent, or nobody is left to receive it.")
        raise NotFound
    work.audit("notify.sent_again", "notify_delivery", delivery_id)
