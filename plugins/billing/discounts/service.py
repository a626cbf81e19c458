"""The rules of discounts (BIL-1, ARC-3): asked for by one, agreed to by another, applied by runs. Callers commit."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from core.sdk import ApprovalKind, Invalid, NotFound, Platform, PreconditionFailed, Site, Work, msgid, part_of
from plugins.billing.access import enter
from plugins.billing.amounts.number import exact, plain
from plugins.billing.discounts import repository
from plugins.billing.discounts.model import Discount, DiscountPage, End, Grant, NewDiscount
from plugins.billing.permissions import DISCOUNT_APPROVE
from plugins.billing.tariffs.model import MEASURED
from plugins.billing.tariffs.service import within_reason
from plugins.billing.telling import yuan


async def page(work: Work, site: Site, text: str = "", cursor: UUID | None = None, limit: int = 50) -> DiscountPage:
    """The discounts of the site, the latest first; `text` is part of a unit's name."""
    enter(work, site)
    pattern = part_of(text.strip()[:80]) if text.strip() else ""
    found = await repository.page(work.uow, site.id, pattern, cursor, limit + 1)
    return DiscountPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


async def ask(platform: Platform, work: Work, site: Site, new: NewDiscount) -> UUID:
    """Ask somebody else to agree to a discount; the approval's id. Raises Invalid naming the field, Conflict where
    nobody else could decide."""
    enter(work, site)
    new = msgspec.structs.replace(new, reason=new.reason.strip())
    if not new.reason:
        raise Invalid.field("reason", "Say why.")
    if (new.factor is None) == (new.off_fen is None):
        raise Invalid.field("factor", "Give either a part of the price or a fixed sum.")
    within_reason("since", new.since)
    within_reason("until", new.until)
    if new.until is not None and new.until < new.since:
        raise Invalid.field("until", "The last day is before the first.")
    found = await repository.place(work.uow, site.id, new.item_id, new.unit_id)
    if found is None or found[1] not in (*MEASURED, "fixed", "rent"):
        raise Invalid.field("item_id", "Choose an item that has a price by the month.")
    title, _, label = found
    if new.unit_id is not None and label is None:
        raise Invalid.field("unit_id", "There is no such unit in the household roll of this site.")
    grant = Grant(
        discount=new,
        asked_by=work.ctx.actor.id,
        asked_by_name=work.ctx.actor.name,
        item=title,
        place=label or site.name,
        percent="" if new.factor is None else plain(exact(new.factor) * 100),
        yuan="" if new.off_fen is None else yuan(new.off_fen),
        since=new.since,
        until="—" if new.until is None else str(new.until),
    )
    subject = f"{new.item_id} {new.unit_id or site.id} {new.since}"
    kind = GRANT if new.off_fen is None else FIXED
    return await platform.approvals.ask(
        work, site, kind.id, subject, grant, permission=DISCOUNT_APPROVE.id, reason=new.reason
    )


async def grant(work: Work, site: Site, asked: Grant) -> None:
    """What agreeing does: runs from now on charge less on these days."""
    by = work.ctx.actor.id, work.ctx.actor.name
    id = await repository.add(work.uow, site.id, asked, work.now, by)
    new = asked.discount
    changes = {
        "factor": new.factor,
        "amount_fen": new.off_fen,
        "since": new.since,
        "until": new.until,
        "unit": new.unit_id,
    }
    told = {name: value for name, value in changes.items() if value is not None}
    work.audit("billing.discount.granted", "billing_discount", id, told, site_id=site.id)


async def end(work: Work, site: Site, discount_id: UUID, entry: End, expected: int) -> Discount:
    """Another last day; bills that were made stay. Raises NotFound, Invalid, PreconditionFailed."""
    enter(work, site)
    before = await repository.get(work.uow, site.id, discount_id)
    if before is None:
        raise NotFound
    within_reason("until", entry.until)
    if entry.until < before.since - timedelta(days=1):
        raise Invalid.field("until", "The last day is before the first.")
    if before.until is not None and entry.until > before.until:
        raise Invalid.field("until", "A longer discount needs a second look: ask for another.")
    if not await repository.end(work.uow, site.id, discount_id, entry.until, expected):
        raise PreconditionFailed
    changes = {"until": [before.until, entry.until]}
    work.audit("billing.discount.ended", "billing_discount", discount_id, changes, site_id=site.id)
    return msgspec.structs.replace(before, until=entry.until, version=before.version + 1)


GRANT = ApprovalKind(
    id="billing.discount",
    title=msgid("Discount"),
    text=msgid("{percent} % of the price: {item}, {place}, {since} to {until}"),
    payload=Grant,
    effect=grant,
    page="billing/discounts",
)
FIXED = ApprovalKind(
    id="billing.fixed_discount",
    title=msgid("Fixed discount"),
    text=msgid("{yuan} yuan off each full period: {item}, {place}, {since} to {until}"),
    payload=Grant,
    effect=grant,
    page="billing/discounts",
)
