"""What is posted once an order was paid: once, whoever tells it how often, and never lost (MO-3, MO-4). Callers
commit."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core.sdk import (
    Actor,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    Site,
    TenantContext,
    Work,
    msgid,
)
from plugins.billing.access import enter
from plugins.billing.counter import service as counter
from plugins.billing.counter.model import NewPayment
from plugins.billing.payments import repository
from plugins.billing.payments.model import Held, Order, Problem, Settlement

TOPIC: Final = "billing.order"
_REFUSED: Final = (Conflict, Forbidden, Invalid, NotFound)


def acting(ctx: TenantContext, by_id: UUID | None, by_name: str) -> TenantContext:
    """Whoever showed the code takes what is paid by it, so that their shift counts it."""
    return TenantContext(
        ctx.company_id, ctx.site_ids, Actor("person", by_id, by_name), locale=ctx.locale, request_id=ctx.request_id
    )


async def paid(work: Work, site: Site, order_id: UUID, fen: int, reference: str) -> None:
    """An order was paid, says the provider: post it as it was shown, with its receipt. What it was for may have been
    paid meanwhile: then all of it is prepaid. Another amount than the order's, what is refused, and a second payment
    are for a person to decide on, and nothing of them is posted."""
    order = await repository.lock(work.uow, site.id, order_id)
    assert order is not None  # orders are not taken away
    reference = reference[:120] or order.number
    if reference in (order.reference, order.problem_reference):
        return  # heard before
    if order.receipt_id is not None or order.problem:
        await _decide(work, site, order, "twice", fen, reference)
    elif fen != order.amount_fen:
        await _decide(work, site, order, "amount", fen, reference)
    else:
        await _post(work, site, order, reference)
    work.announce(TOPIC, site.id, order.id)


async def settle(work: Work, site: Site, order_id: UUID, new: Settlement, expected: int) -> Order:
    """Decide on money that came otherwise than asked for. Raises NotFound, Invalid without a note, PreconditionFailed,
    and Conflict where there is nothing to decide, or it cannot be posted."""
    enter(work, site)
    order = await repository.lock(work.uow, site.id, order_id)
    if order is None:
        raise NotFound
    if not (note := new.note.strip()):
        raise Invalid.field("note", msgid("Say what was done about it."))
    if order.version != expected:
        raise PreconditionFailed
    if not order.problem or order.problem_fen is None or order.settled_at is not None:
        raise Conflict(msgid("There is nothing to decide about this order."))
    receipt_id = None
    if new.how == "prepaid":
        money = order.prepaid(order.problem_fen, order.problem_reference)
        receipt_id = await _give(work, site, money, f"order {order.id} {order.problem_reference}")
    by = work.ctx.actor.id, work.ctx.actor.name
    await repository.settle(work.uow, site.id, order.id, work.now, by, new.how, note, receipt_id)
    changes = {"number": order.number, "amount_fen": order.problem_fen, "billing.settled_how": new.how}
    work.audit("billing.order.settled", "billing_order", order.id, changes, site_id=site.id)
    found = await repository.get(work.uow, site.id, order.id)
    assert found is not None  # it is held
    return found


async def _post(work: Work, site: Site, order: Held, reference: str) -> None:
    key, moved = f"order {order.id}", False
    try:
        async with work.savepoint():
            receipt_id = await _give(work, site, order.payment(reference), key)
    except _REFUSED:
        moved = True
        try:
            async with work.savepoint():
                receipt_id = await _give(work, site, order.prepaid(order.amount_fen, reference), key)
        except _REFUSED:
            await _decide(work, site, order, "refused", order.amount_fen, reference)
            return
    await repository.paid(work.uow, site.id, order.id, work.now, reference, receipt_id, moved)
    changes = {"number": order.number, "amount_fen": order.amount_fen, "billing.moved": moved}
    work.audit("billing.order.paid", "billing_order", order.id, changes, site_id=site.id)


async def _give(work: Work, site: Site, new: NewPayment, key: str) -> UUID:
    return (await counter.give(work, site, new, key=key)).id


async def _decide(work: Work, site: Site, order: Held, which: Problem, fen: int, reference: str) -> None:
    """Keep it for a person's decision. While another one waits for that, the record alone has it."""
    if not order.problem or order.settled_at is not None:
        await repository.problem(work.uow, site.id, order.id, work.now, which, fen, reference)
    changes = {"number": order.number, "amount_fen": [order.amount_fen, fen], "billing.problem": which}
    work.audit("billing.order.problem", "billing_order", order.id, changes, site_id=site.id)
