"""The rules of prepayment offers (BIL-1): published by who sets prices, taken at the counter. Callers commit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID

import msgspec

from core.sdk import Conflict, Invalid, NotFound, PreconditionFailed, Site, Work, msgid, new_id
from plugins.billing.access import enter
from plugins.billing.counter import service as counter
from plugins.billing.counter.model import NewPayment
from plugins.billing.ledger.service import OTHER_CONTENT
from plugins.billing.offers import repository
from plugins.billing.offers.model import NewOffer, Offer, OfferEnd, OfferPage, Quote, Stretch, Taken, Taking
from plugins.billing.offers.quote import quote as quoted
from plugins.billing.tariffs.model import MEASURED
from plugins.billing.tariffs.service import within_reason

TAKEN: Final = msgid("Some of these months were charged or paid for ahead just now. Look at the offer again.")
OTHER: Final = msgid("The price of these months is another by now. Look at it again.")


async def page(
    work: Work, site: Site, day: date | None = None, cursor: UUID | None = None, limit: int = 50
) -> OfferPage:
    """The offers of the site, the latest first; with a day those that can be taken on it."""
    enter(work, site)
    found = await repository.page(work.uow, site.id, day, cursor, limit + 1)
    return OfferPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


async def add(work: Work, site: Site, new: NewOffer) -> Offer:
    """Publish an offer. Raises Invalid naming the field."""
    enter(work, site)
    new = msgspec.structs.replace(new, title=new.title.strip())
    if not new.title:
        raise Invalid.field("title", "Give it a name.")
    within_reason("since", new.since)
    within_reason("until", new.until)
    if new.until is not None and new.until < new.since:
        raise Invalid.field("until", "The last day is before the first.")
    item = await repository.item(work.uow, site.id, new.item_id)
    if item is None or item[1] not in (*MEASURED, "fixed"):
        raise Invalid.field("item_id", "Choose an item that has a price by the month.")
    id, by = new_id(), (work.ctx.actor.id, work.ctx.actor.name)
    await repository.add(work.uow, site.id, id, new, work.now, by)
    told = {"title": new.title, "paid": new.paid, "free": new.free, "since": new.since}
    told |= {"until": new.until} if new.until else {}
    work.audit("billing.offer.published", "billing_offer", id, told, site_id=site.id)
    months = new.paid, new.free, new.since, new.until
    return Offer(id, new.item_id, item[0], new.title, *months, work.now, by[1], 1)


async def end(work: Work, site: Site, offer_id: UUID, entry: OfferEnd, expected: int) -> Offer:
    """Another last day on which it can be taken; what was taken stays. Raises NotFound, Invalid, PreconditionFailed."""
    enter(work, site)
    before = await repository.get(work.uow, site.id, offer_id)
    if before is None:
        raise NotFound
    within_reason("until", entry.until)
    if entry.until is not None and entry.until < before.since - timedelta(days=1):
        raise Invalid.field("until", "The last day is before the first.")
    if not await repository.end(work.uow, site.id, offer_id, entry.until, expected):
        raise PreconditionFailed
    changes = {"until": [before.until, entry.until]}
    work.audit("billing.offer.ended", "billing_offer", offer_id, changes, site_id=site.id)
    return msgspec.structs.replace(before, until=entry.until, version=before.version + 1)


async def quote(work: Work, site: Site, offer_id: UUID, unit_id: UUID, first: date | None = None) -> Quote:
    """What an offer costs at a unit from that month on, the month after the last that is charged without one. Raises
    NotFound, Invalid, and Conflict for an offer that cannot be taken today, for months that are charged or paid for
    ahead, or that have no price."""
    enter(work, site)
    seen = await repository.seen(work.uow, site.id, offer_id, unit_id)
    return _quoted(work, site, seen, first)


async def take(work: Work, site: Site, new: Taking) -> Taken:
    """Take the money of an offer's months, prepaid, give its receipt, and have the months after them free: all or
    nothing, and the same key again is the same (MO-3). Nobody else has to agree: the offer was published. Raises what
    `quote` and the counter raise, and Conflict where the price is another than was told."""
    enter(work, site)
    paid = NewPayment(
        key=new.key,
        unit_id=new.unit_id,
        party_id=new.party_id,
        means=new.means,
        amount_fen=new.amount_fen,
        given_fen=new.given_fen,
        reference=new.reference,
        agent_name=new.agent_name,
        agent_relation=new.agent_relation,
        identified=new.identified,
        remark=new.remark,
    )
    counter.look_over(paid)
    key = f"offer {new.key}"
    seen = await repository.seen(work.uow, site.id, new.offer_id, new.unit_id, f"post {key}")
    if seen is None:
        raise NotFound
    if not seen.used and _quoted(work, site, seen, new.first_day).amount_fen != new.amount_fen:
        raise Conflict(OTHER)
    months = seen.offer.months(new.first_day)
    said = f"{seen.offer.title} {months.first_day:%Y-%m} – {months.free_last:%Y-%m}"
    remark = f"{new.remark.strip()} · {said}" if new.remark.strip() else said
    receipt = await counter.give(work, site, msgspec.structs.replace(paid, remark=remark), key=key)
    made = None if seen.used else await _free(work, site, new, months, receipt.id)
    if made is None:  # under this key before, or at the same time
        asked = receipt.id, new.offer_id, new.unit_id, months.free_first
        made = await repository.taken(work.uow, site.id, *asked)
    if made is None:
        raise Conflict(OTHER_CONTENT if seen.used else TAKEN)
    return Taken(receipt.id, made, receipt)


async def _free(work: Work, site: Site, new: Taking, months: Stretch, receipt_id: UUID) -> UUID | None:
    """The discount of the receipt, written behind the lock of the account that its money was posted on; None where some
    of the months are taken."""
    id, by = new_id(), (work.ctx.actor.id, work.ctx.actor.name)
    days = months.first_day, months.free_first, months.free_last
    if not await repository.take(work.uow, site.id, new.offer_id, id, new.unit_id, days, receipt_id, by, work.now):
        return None
    told = {"unit": new.unit_id, "since": months.free_first, "until": months.free_last}
    work.audit("billing.offer.taken", "billing_discount", id, told, site_id=site.id)
    return id


def _quoted(work: Work, site: Site, seen: repository.Seen | None, first: date | None) -> Quote:
    if seen is None or seen.facts is None:
        raise NotFound
    today = site.today(work.now)
    if not seen.offer.open(today):
        raise Conflict(msgid("This offer cannot be taken today."))
    return quoted(seen, seen.facts, first, today)
