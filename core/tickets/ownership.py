"""First-asked responsibility (TKT-2): a ticket's owner stays so until a colleague accepts what was offered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from core.errors import FieldError, Invalid
from core.policies.ownership import OWNERSHIP
from core.tenancy.directory import Site
from core.tickets.action import Action, Situation
from core.tickets.changes import Change, Changes, iso
from core.tickets.model import OPEN, Offer, Severity, Status, Step
from core.tickets.placing import CONCERNED
from core.work import Work

TIMER = "offer"
TRANSFER = "ticket.transfer"
MANAGE = "ticket.assign"  # who may also hand over what others own

OFFERED_ALREADY = "It is offered to a colleague already: wait for the answer, or withdraw the offer."
NOT_YOURS = "Only its owner, or whoever assigns tickets, can hand a ticket over."
NOT_OFFERED = "This ticket is not offered to you."
NO_OFFER = "There is no open offer of yours for this ticket."
TO_ITSELF = "It is theirs already: choose another colleague."

_OFFER = """
INSERT INTO ticket_offer (company_id, ticket_id, site_id, to_id, to_name, by_id, by_name, reason, offered_at, lapses_at)
SELECT $1, $2, r.* FROM jsonb_to_record({row}) AS r (site_id uuid, to_id uuid, to_name text, by_id uuid, by_name text,
    reason text, offered_at timestamptz, lapses_at timestamptz)
"""
_END = "DELETE FROM ticket_offer WHERE company_id = $1 AND ticket_id = $2"
_INBOX = """
SELECT t.id, t.number, t.description, t.place, t.status, t.severity, t.due_at, t.version, o.to_name, o.by_name,
    t.owner_name, o.reason, o.offered_at, o.lapses_at, o.to_id = $3
FROM ticket_offer o JOIN ticket t ON t.company_id = o.company_id AND t.id = o.ticket_id
WHERE o.company_id = $1 AND o.site_id = $2 AND (o.to_id = $3 OR o.by_id = $3) AND t.status <> 'closed'
ORDER BY o.to_id = $3 DESC, o.lapses_at, t.id LIMIT 200
"""


class _NewOffer(msgspec.Struct, frozen=True):
    """A row of ticket_offer, but for its keys."""

    site_id: UUID
    to_id: UUID
    to_name: str
    by_id: UUID | None
    by_name: str
    reason: str
    offered_at: datetime
    lapses_at: datetime


class OfferRow(msgspec.Struct, frozen=True):
    """An offer in a list: to the reader (`mine`), or made by them."""

    ticket_id: UUID
    number: str
    description: str
    place: str
    status: Status
    severity: Severity
    due_at: datetime | None
    version: int
    to_name: str
    by_name: str
    owner_name: str
    reason: str
    offered_at: datetime
    lapses_at: datetime
    mine: bool


async def inbox(work: Work, site: Site) -> list[OfferRow]:
    """Offers of the site's tickets that wait for the actor's answer, the first to lapse first; then those they made."""
    return await work.uow.fetch(OfferRow, _INBOX, work.ctx.company_id, site.id, work.ctx.actor.id)


async def make(change: Change, to_id: UUID, to_name: str, reason: str) -> datetime:
    """Offer the ticket; the instant at which the offer comes back unanswered."""
    actor, now = change.work.ctx.actor, change.work.now
    policy = await change.policies.value(change.work, OWNERSHIP, change.before.site_id)
    lapses_at = change.until(policy.offer_lapses)
    by_id = actor.id if actor.kind == "person" else None
    row = _NewOffer(change.before.site_id, to_id, to_name, by_id, actor.name, reason.strip(), now, lapses_at)
    change.write(_OFFER, row)
    change.wake(TIMER, lapses_at)
    return lapses_at


def end(change: Change) -> Offer:
    """The open offer, which is over with this change."""
    offer = change.owed.offer
    assert offer is not None
    change.write(_END)
    change.wake(TIMER, None)
    return offer


def watch(changes: Changes) -> None:
    """Have offers that nobody answers come back to the owner."""
    changes.on_timer(TIMER, _lapse)


async def _lapse(change: Change) -> None:
    if change.owed.offer is not None:
        offer = end(change)
        change.record("offer_lapsed", details={"to": offer.to_name}, system=True)
        change.audit("ticket.offer_lapsed", {"to": str(offer.to_id)})
        change.tell("ticket.offer_lapsed.v1", {"to_id": str(offer.to_id)})


# -- actions --------------------------------------------------------------------------------------------------------


def _may_offer(situation: Situation) -> str | None:
    if situation.owed.offer is not None:
        return OFFERED_ALREADY
    owns = situation.actor_id is not None and situation.actor_id == situation.ticket.owner_id
    return None if owns or MANAGE in situation.held else NOT_YOURS


def _may_answer(situation: Situation) -> str | None:
    offer = situation.owed.offer
    return None if offer is not None and offer.to_id == situation.actor_id else NOT_OFFERED


def _may_withdraw(situation: Situation) -> str | None:
    offer = situation.owed.offer
    if offer is None:
        return NO_OFFER
    own = situation.actor_id is not None and situation.actor_id in (offer.by_id, situation.ticket.owner_id)
    return None if own or MANAGE in situation.held else NO_OFFER


async def _offer(change: Change, step: Step) -> Mapping[str, str]:
    to_id, name = step.colleague_id, change.recorded.colleague
    if to_id is None or name is None:
        raise Invalid(fields=[FieldError("colleague_id", "There is no such colleague at this site.")])
    if to_id == change.before.concerns_id:
        raise Invalid(fields=[FieldError("colleague_id", CONCERNED.message)])
    if to_id == change.before.owner_id:
        raise Invalid(fields=[FieldError("colleague_id", TO_ITSELF)])
    lapses_at = await make(change, to_id, name, step.text)
    return {"to": name, "to_id": str(to_id), "lapses_at": iso(lapses_at)}


async def _accept(change: Change, step: Step) -> Mapping[str, str]:
    offer = end(change)
    before = change.before
    change.set(owner_id=offer.to_id, owner_name=offer.to_name)
    return {"before": before.owner_name, "before_id": str(before.owner_id or "")}


async def _end(change: Change, step: Step) -> Mapping[str, str]:
    offer = end(change)
    return {"to": offer.to_name, "to_id": str(offer.to_id)}


_SOURCES = frozenset(OPEN)
ACTIONS = (
    Action(
        "offer",
        TRANSFER,
        _SOURCES,
        text="Say why it is handed over.",
        past="offer_made",
        refuse=_may_offer,
        effect=_offer,
    ),
    Action("accept_offer", TRANSFER, _SOURCES, past="offer_accepted", refuse=_may_answer, effect=_accept),
    Action(
        "refuse_offer",
        TRANSFER,
        _SOURCES,
        text="Say why it is refused: nobody refuses without a reason on record.",
        past="offer_refused",
        refuse=_may_answer,
        effect=_end,
    ),
    Action("withdraw_offer", TRANSFER, _SOURCES, past="offer_withdrawn", refuse=_may_withdraw, effect=_end),
)
