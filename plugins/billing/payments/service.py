"""Orders that are paid by a code (BIL-3): made, asked about, closed. No transaction is open while a provider is asked,
so what is known before is committed, and what comes of it is another transaction's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import (
    Conflict,
    Invalid,
    NotFound,
    PaymentFailed,
    PaymentOrder,
    PaymentState,
    Platform,
    Site,
    TenantContext,
    Work,
    midnight,
    msgid,
    new_id,
    part_of,
    read_mark,
    write_mark,
)
from plugins.billing.access import enter
from plugins.billing.counter import service as counter
from plugins.billing.counter.model import NewPayment
from plugins.billing.payments import repository, settling
from plugins.billing.payments.model import ROWS, ClosedWhy, Order, OrderPage, Wanted
from plugins.billing.payments.policy import PAYMENTS
from plugins.billing.payments.providers import Ready, ready
from plugins.billing.payments.settling import acting

PURPOSE: Final = "billing.payment"  # of the address that providers call
NONE: Final = msgid("No payment provider is set up here. Record the payment by hand.")
UNREACHABLE: Final = msgid("The payment provider cannot be asked at present: {why}. Try again in a moment.")
_encode = msgspec.json.Encoder(order="deterministic").encode


class _Rehearsed(Exception):
    """It can be posted; nothing was."""


async def make(platform: Platform, work: Work, site: Site, new: NewPayment) -> Order:
    """Have a code made for a payment as it was shown; the same key again is the same order (MO-3). Where the provider
    gives none the order has `failed`, and says why. Ends the transaction. Raises what taking the payment would raise
    now, and Conflict without a provider, or for another payment under the key."""
    enter(work, site)
    if new.means != "qr":
        raise Invalid.field("means", msgid("Only a payment by code has one made."))
    known = await repository.active(work.uow, site.id)
    if known is None:
        raise Conflict(NONE)
    by = ready(platform, work.ctx, known)
    await counter.look_through(platform, work, site, new)
    parts = _encode(new.parts).decode()
    if found := await _of_key(work, site, new, parts):
        return found
    await _rehearse(work, site, new)
    rules = await platform.policies.value(work, PAYMENTS, site.id)
    id = new_id()
    number = f"{site.today(work.now):%Y%m%d}{id.hex[-16:]}"
    until = work.now + timedelta(minutes=rules.code_minutes)
    texts = new.agent_name.strip(), new.agent_relation.strip(), new.remark.strip()
    who = work.ctx.actor.id, work.ctx.actor.name
    payment = new.unit_id, new.party_id, new.amount_fen, new.rounded_fen, parts
    if not await repository.new(
        work.uow, site.id, id, known.id, number, new.key, *payment, *texts, work.now, *who, until
    ):
        if found := await _of_key(work, site, new, parts):  # pressed twice, just now
            return found
        raise NotFound
    changes = {"number": number, "amount_fen": new.amount_fen, "billing.provider": known.provider}
    work.audit("billing.order.made", "billing_order", id, changes, site_id=site.id)
    await work.leave()
    token = platform.links.make(PURPOSE, work.ctx.company_id, known.id)
    notify = f"{platform.settings.public_url}/s/{site.slug}/billing/payments/notices/{token}"
    asked = PaymentOrder(number, new.amount_fen, f"{site.name} {number[-6:]}", until, notify)
    code, failure = "", ""
    try:
        code = await by.provider.order(by.door, by.settings, asked)
    except PaymentFailed as failed:
        failure = str(failed)
    async with platform.work(work.ctx) as then:
        if code:
            await repository.coded(then.uow, site.id, id, code)
        else:
            await repository.close(then.uow, site.id, id, then.now, "failed", failure)
        told = "billing.order.coded" if code else "billing.order.failed"
        then.audit(told, "billing_order", id, {"number": number}, site_id=site.id)
        return await get(then, site, id)


async def get(work: Work, site: Site, order_id: UUID) -> Order:
    """Raises NotFound."""
    enter(work, site)
    found = await repository.get(work.uow, site.id, order_id)
    if found is None:
        raise NotFound
    return found


async def check(platform: Platform, work: Work, site: Site, order_id: UUID) -> Order:
    """Ask the provider how an order stands, and post it where it was paid. Ends the transaction. Raises NotFound, and
    Conflict where the provider cannot be asked."""
    by, maker, order = await _ready(platform, work, site, order_id)
    if order.receipt_id is not None:
        return order
    await work.leave()
    try:
        state = await by.provider.query(by.door, by.settings, order.number)
    except PaymentFailed as failed:
        raise Conflict(UNREACHABLE, params={"why": str(failed)}) from None
    return await heard(platform, work.ctx, site, order, maker, state)


async def cancel(platform: Platform, work: Work, site: Site, order_id: UUID, why: ClosedWhy = "cancelled") -> Order:
    """Close an order, with the provider first, so that nobody pays it; one that has been paid is posted instead. Ends
    the transaction. Raises NotFound, and Conflict where the provider cannot be asked."""
    by, maker, order = await _ready(platform, work, site, order_id)
    if order.status != "waiting":
        return order
    await work.leave()
    try:
        state = await by.provider.query(by.door, by.settings, order.number)
        if state.status == "waiting":
            await by.provider.close(by.door, by.settings, order.number)
    except PaymentFailed as failed:
        raise Conflict(UNREACHABLE, params={"why": str(failed)}) from None
    if state.status == "paid":
        return await heard(platform, work.ctx, site, order, maker, state)
    async with platform.work(work.ctx) as then:
        if await repository.close(then.uow, site.id, order.id, then.now, why):
            changes = {"number": order.number, "amount_fen": order.amount_fen, "billing.closed_why": why}
            then.audit("billing.order.closed", "billing_order", order.id, changes, site_id=site.id)
        return await get(then, site, order.id)


async def heard(
    platform: Platform, ctx: TenantContext, site: Site, order: Order, maker: UUID | None, state: PaymentState
) -> Order:
    """What a provider says of an order has its effect, in a transaction of its own."""
    async with platform.work(acting(ctx, maker, order.by_name)) as work:
        if state.status == "paid":
            await settling.paid(work, site, order.id, state.amount_fen, state.reference)
        return await get(work, site, order.id)


async def page(work: Work, site: Site, wanted: Wanted, cursor: str | None = None, limit: int = 50) -> OrderPage:
    """A page of orders, the newest first; `limit` is 200 at most (IN-9). Raises Malformed for a cursor that is not one
    of ours."""
    most = min(limit, ROWS)
    found = await listed(work, site, wanted, cursor, most + 1)
    more = write_mark(found[most - 1].at, found[most - 1].id) if len(found) > most else None
    return OrderPage(found[:most], more)


async def listed(work: Work, site: Site, wanted: Wanted, cursor: str | None, most: int) -> list[Order]:
    """Orders behind that mark, the newest first."""
    enter(work, site)
    after = read_mark(cursor) if cursor else (None, None)
    since = midnight(site, wanted.since) if wanted.since else None
    until = midnight(site, wanted.until, 1) if wanted.until else None
    text = wanted.text.strip()
    pattern = part_of(text) if text else None
    return await repository.page(work.uow, site.id, wanted.status, (since, until), pattern, after, most)


async def _ready(platform: Platform, work: Work, site: Site, order_id: UUID) -> tuple[Ready, UUID | None, Order]:
    enter(work, site)
    found = await repository.ready(work.uow, site.id, order_id)
    if found is None:
        raise NotFound
    known, maker, order = found
    return ready(platform, work.ctx, known), maker, order


async def _of_key(work: Work, site: Site, new: NewPayment, parts: str) -> Order | None:
    found = await repository.of_key(work.uow, site.id, new.key)
    if found is None:
        return None
    before, order = found
    same: Callable[[Any], Any] = lambda of: (of.unit_id, of.party_id, of.amount_fen)  # noqa: E731
    if before != parts or same(order) != same(new):
        raise Conflict(msgid("Something else has been posted under this key."))
    return order


async def _rehearse(work: Work, site: Site, new: NewPayment) -> None:
    """Post it and undo that: nobody is asked to pay what could not be posted now."""
    try:
        async with work.savepoint():
            await counter.give(work, site, new, key=f"rehearsal {new.key}")
            raise _Rehearsed
    except _Rehearsed:
        return
