"""The rules of warranties (REP-1): dates of units, and what is decided on an order. Callers commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from core.sdk import Event, FieldError, Invalid, Note, NotFound, Platform, Site, Ticket, Work, msgid
from plugins.repairs import events
from plugins.repairs.kinds import ORDER, item_of
from plugins.repairs.orders import state
from plugins.repairs.orders.state import State
from plugins.repairs.warranty import repository
from plugins.repairs.warranty.model import WARRANTIES, Assessment, Decision, NewTerm, TermRow
from plugins.repairs.warranty.policy import WARRANTY
from plugins.repairs.warranty.rules import assess

DECIDED = msgid("decided on the warranty: {warranty}")


async def listed(work: Work, site: Site, beginning: str = "") -> list[TermRow]:
    """The dates of the site's units whose names begin so, by unit."""
    _enter(work, site)
    return await repository.listed(work.uow, site.id, beginning.strip())


async def put(work: Work, site: Site, terms: Sequence[NewTerm]) -> None:
    """Enter dates of units. Raises Invalid, naming fields of the first that does not fit."""
    _enter(work, site)
    for term in terms:
        wrong = []
        if term.ends_on is not None and term.ends_on < term.starts_on:
            wrong.append(FieldError("ends_on", "It ends before it begins."))
        if not term.item and term.liable != "builder":
            wrong.append(FieldError("item", "Say for which item we are liable: a handover starts the builder's time."))
        if wrong:
            raise Invalid(fields=wrong)
    if len({(term.unit_id, term.item) for term in terms}) < len(terms):
        raise Invalid.field("unit_id", "A unit has one date for an item: it is named twice.")
    kept = await repository.put(work.uow, site.id, terms, work.now, work.ctx.actor.name)
    if kept < len(terms):
        raise Invalid.field("unit_id", "Choose a unit of this site.")
    work.audit("repairs.term.entered", "site", site.id, {"terms": len(terms)}, site_id=site.id)
    work.announce("desk", site.id)


async def remove(work: Work, site: Site, term_id: UUID) -> None:
    """Take a date away. Raises NotFound."""
    _enter(work, site)
    if not await repository.remove(work.uow, site.id, term_id):
        raise NotFound
    work.audit("repairs.term.removed", "repairs_term", term_id, site_id=site.id)
    work.announce("desk", site.id)


async def assessed(
    platform: Platform, work: Work, site: Site, item: str, reported_at: datetime, found: State
) -> Assessment:
    """How an order stands: as somebody has decided, else by dates and rules on the day it was reported."""
    decided = found.decided
    if decided is not None and decided.decided_by_name:
        return Assessment(
            decided.warranty, decided.warranty_until, "decided", decided.warranty_note, decided.decided_by_name
        )
    rules = await platform.policies.value(work, WARRANTY, site.id)
    done_on = None if found.previous is None else site.today(found.previous.done_at)
    return assess(item, rules, found.terms, found.previous, done_on, site.today(reported_at))


async def preview(
    platform: Platform, work: Work, site: Site, unit_id: UUID, item: str, day: date | None = None
) -> Assessment:
    """How an item of a unit stands before there is an order; our own earlier work is not looked at."""
    _enter(work, site)
    rules = await platform.policies.value(work, WARRANTY, site.id)
    terms = await repository.of_unit(work.uow, site.id, unit_id)
    return assess(item, rules, terms, None, None, day or site.today(work.now))


async def note(platform: Platform, work: Work, site: Site, ticket: Ticket) -> None:
    """Have the system decide on an order that was taken in or changed; what somebody has decided stays."""
    found = await state.read(work.uow, site.id, ticket.id)
    if found is None or (found.decided is not None and found.decided.decided_by_name):
        return
    now = await assessed(platform, work, site, item_of(ticket), ticket.created_at, found)
    kept = (now.warranty, now.until, "")
    if await repository.decide(work.uow, site.id, ticket.id, kept, work.now, (None, "")):
        work.announce("ticket", site.id, ticket.id)


async def decide(platform: Platform, work: Work, site: Site, ticket_id: UUID, decision: Decision) -> None:
    """Decide on an order, with the reason. Raises NotFound, Invalid."""
    reason = decision.reason.strip()
    if not reason:
        raise Invalid.field("reason", "Say what the decision rests on.")
    said = Note(DECIDED, {"warranty": WARRANTIES[decision.warranty]}, reason, "shield-check")
    ticket = await platform.tickets.note(work, site, ticket_id, said)
    if ticket.type != ORDER:
        raise NotFound
    actor = work.ctx.actor
    by = actor.id if actor.kind == "person" else None, actor.name
    kept = (decision.warranty, decision.until, reason)
    await repository.decide(work.uow, site.id, ticket_id, kept, work.now, by)
    work.audit("repairs.warranty.decided", "ticket", ticket_id, {"warranty": decision.warranty}, site_id=site.id)
    work.emit(
        Event(
            events.WARRANTY_DECIDED,
            site.id,
            ticket_id,
            {"number": ticket.number, "warranty": decision.warranty, "item": str(ticket.fields.get("item") or "")},
        )
    )


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound
