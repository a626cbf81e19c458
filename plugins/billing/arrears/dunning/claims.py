"""What households say to it (BIL-5): they promise to pay, or dispute what is asked for. Callers commit."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from core.sdk import Conflict, Invalid, NotFound, PreconditionFailed, Site, Work, msgid, new_id
from plugins.billing.access import enter
from plugins.billing.arrears.dunning import repository
from plugins.billing.arrears.dunning.model import Dispute, NewDispute, NewPromise, Settle

_LONGEST: Final = timedelta(366)  # a promise reaches


async def promise(work: Work, site: Site, unit_id: UUID, new: NewPromise) -> UUID:
    """Take down a promise to pay; it is held to instead of the household's earlier ones, and it is not asked for
    anything before that day. Raises Invalid, NotFound."""
    enter(work, site)
    today = site.today(work.now)
    if not today <= new.promised_on <= today + _LONGEST:
        raise Invalid.field("promised_on", msgid("Choose a day from today on, within a year."))
    id, by = new_id(), (work.ctx.actor.id, work.ctx.actor.name)
    values = id, site.id, unit_id, new.party_id, new.amount_fen, new.promised_on, new.note.strip(), work.now, *by
    if not await repository.promise(work.uow, values):
        await _known(work, site, unit_id)
        raise Invalid.field("party_id", msgid("Choose somebody who owes something here."))
    changes = {"amount_fen": new.amount_fen, "billing.promised_on": str(new.promised_on)}
    work.audit("billing.promise.made", "billing_promise", id, changes, site_id=site.id)
    return id


async def dispute(work: Work, site: Site, unit_id: UUID, new: NewDispute) -> UUID:
    """Open a dispute: nothing of it is asked for before it is settled. Raises Invalid, NotFound, and Conflict where
    the same is disputed already."""
    enter(work, site)
    if not (reason := new.reason.strip()):
        raise Invalid.field("reason", msgid("Say what is disputed, and why."))
    id, by = new_id(), (work.ctx.actor.id, work.ctx.actor.name)
    today = site.today(work.now)
    values = id, site.id, unit_id, new.party_id, new.item_id, reason, today, work.now, *by
    if not await repository.dispute(work.uow, values):
        await _known(work, site, unit_id)
        if await repository.disputed(work.uow, site.id, unit_id, new.item_id):
            raise Conflict(msgid("This is disputed already."))
        raise Invalid.field("party_id", msgid("Choose somebody who owes something here."))
    work.audit("billing.dispute.opened", "billing_dispute", id, {}, site_id=site.id)
    return id


async def settle(work: Work, site: Site, dispute_id: UUID, said: Settle, version: int) -> Dispute:
    """End a dispute, saying what came of it: from then on it is asked for again. Raises NotFound, Invalid, Conflict,
    PreconditionFailed."""
    enter(work, site)
    if not (outcome := said.outcome.strip()):
        raise Invalid.field("outcome", msgid("Say what came of it."))
    _, found = await get(work, site, dispute_id)
    if found.version != version:
        raise PreconditionFailed
    if found.status == "settled":
        raise Conflict(msgid("This dispute has been settled."))
    by = work.ctx.actor.id, work.ctx.actor.name
    if not await repository.settle(work.uow, site.id, dispute_id, version, site.today(work.now), by, outcome):
        raise PreconditionFailed
    work.audit("billing.dispute.settled", "billing_dispute", dispute_id, {}, site_id=site.id)
    _, settled = await get(work, site, dispute_id)
    return settled


async def get(work: Work, site: Site, dispute_id: UUID) -> tuple[UUID, Dispute]:
    """A dispute with its unit. Raises NotFound."""
    enter(work, site)
    found = await repository.get_dispute(work.uow, site.id, dispute_id)
    if found is None:
        raise NotFound
    return found


async def _known(work: Work, site: Site, unit_id: UUID) -> None:
    if not await repository.of_site(work.uow, site.id, [unit_id]):
        raise NotFound
