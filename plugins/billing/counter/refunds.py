"""Prepaid money that goes back (MO-5): asked for at the counter, agreed to by somebody else, then paid, once. Callers
commit."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

import msgspec

from core.sdk import (
    ApprovalKind,
    Conflict,
    Invalid,
    NotFound,
    Platform,
    Site,
    Work,
    msgid,
    new_id,
    read_mark,
    write_mark,
)
from plugins.billing.access import enter
from plugins.billing.counter import refunds_repository as repository
from plugins.billing.counter.model import ROWS, AskedRefund, NewRefund, PaidRefund, Refund, RefundPage
from plugins.billing.ledger import service as ledger
from plugins.billing.ledger.entries import Refund as Posted
from plugins.billing.ledger.repository import hold
from plugins.billing.permissions import REFUND_APPROVE
from plugins.billing.telling import yuan

TOO_MUCH: Final = msgid("There is not as much prepaid. Load the account again.")


class Asked(msgspec.Struct, frozen=True):
    """What a second person agrees to; `unit` and `yuan` are for reading."""

    unit_id: UUID
    party_id: UUID
    amount_fen: int
    reason: str
    unit: str
    yuan: str


async def ask(platform: Platform, work: Work, site: Site, new: NewRefund) -> AskedRefund:
    """Ask others to agree to a refund. Raises NotFound, Invalid without a reason, and Conflict for more than is prepaid
    or where nobody else could agree."""
    enter(work, site)
    reason = new.reason.strip()
    if not reason:
        raise Invalid.field("reason", msgid("Say why."))
    unit = await _left(work, site, new)
    payload = Asked(new.unit_id, new.party_id, new.amount_fen, reason, unit, yuan(new.amount_fen))
    subject = _subject(new.unit_id, new.party_id)
    id = await platform.approvals.ask(
        work, site, KIND.id, subject, payload, permission=REFUND_APPROVE.id, reason=reason
    )
    work.audit("billing.refund.asked", "unit", new.unit_id, {"amount_fen": new.amount_fen}, site_id=site.id)
    return AskedRefund(id)


async def waiting(
    platform: Platform, work: Work, site: Site, whose: Collection[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], UUID]:
    """Of these units and parties, those whose refund waits for a second look, with the approval."""
    subjects = {_subject(*each): each for each in whose}
    found = await platform.approvals.standing(work, site, KIND.id, list(subjects))
    return {subjects[subject]: id for subject, id in found.items()}


def _subject(unit_id: UUID, party_id: UUID) -> str:
    return f"{unit_id} {party_id}"


async def approved(work: Work, site: Site, asked: Asked) -> None:
    """A second person has agreed: the money may be paid. Raises Conflict where it is not there any more."""
    new = NewRefund(asked.unit_id, asked.party_id, asked.amount_fen, asked.reason)
    await hold(work.uow, site.id, asked.unit_id)
    await _left(work, site, new)
    id, by = new_id(), (work.ctx.actor.id, work.ctx.actor.name)
    await repository.add(work.uow, site.id, id, new, work.now, by)
    changes = {"amount_fen": new.amount_fen}
    work.audit("billing.refund.approved", "billing_refund", id, changes, site_id=site.id)


async def _left(work: Work, site: Site, new: NewRefund) -> str:
    """The unit's label. Raises NotFound, and Conflict for more than is prepaid and not promised yet."""
    found = await repository.left(work.uow, site.id, new.unit_id, new.party_id)
    if found is None:
        raise NotFound
    if new.amount_fen > found[1]:
        raise Conflict(TOO_MUCH)
    return found[0]


async def pay(work: Work, site: Site, refund_id: UUID, paid: PaidRefund) -> Refund:
    """Give back what was agreed to: posted as whoever hands the money out. Raises NotFound, and Conflict after
    it was paid and where the money is not there any more."""
    enter(work, site)
    by = work.ctx.actor.id, work.ctx.actor.name
    refund = await repository.pay(work.uow, site.id, refund_id, work.now, by, paid.means)
    if refund is None:
        if await repository.known(work.uow, site.id, refund_id):
            raise Conflict(msgid("This refund is paid already."))
        raise NotFound
    entry = Posted(refund.unit_id, refund.party_id, paid.means, refund.amount_fen)
    await ledger.post(work, site, entry, key=f"refund {refund_id}", held=True)
    changes = {"amount_fen": refund.amount_fen, "means": paid.means}
    work.audit("billing.refund.paid", "billing_refund", refund_id, changes, site_id=site.id)
    return refund


async def listed(work: Work, site: Site, cursor: str | None = None, limit: int = 50) -> RefundPage:
    """A page of refunds, the newest first; `limit` is 200 at most (IN-9). Raises Malformed for a cursor that is not one
    of ours."""
    enter(work, site)
    most = min(limit, ROWS)
    after = read_mark(cursor) if cursor else (None, None)
    found = await repository.page(work.uow, site.id, after, most + 1)
    more = write_mark(found[most - 1].approved_at, found[most - 1].id) if len(found) > most else None
    return RefundPage(found[:most], more)


KIND: Final = ApprovalKind(
    id="billing.refund",
    title=msgid("Refund of prepaid money"),
    text=msgid("{unit}: pay back {yuan} yuan that were prepaid"),
    payload=Asked,
    effect=approved,
    page="billing/counter/refunds",
)
