"""Compensation: proposed, decided on by somebody else within their limit, paid out (CMP-2, CMP-4). Callers commit."""

from __future__ import annotations

from uuid import UUID

from core.sdk import Conflict, Event, Forbidden, Invalid, NotFound, Platform, Site, Work
from plugins.complaints import events, permissions, repository
from plugins.complaints.model import Case, Compensation, Decision, NewCompensation, Payment, State
from plugins.complaints.policies import LIMITS, Limits
from plugins.complaints.service import clerk, get, held, told

OWN = "Somebody else decides on what you have proposed."


async def propose(work: Work, site: Site, ticket_id: UUID, new: NewCompensation) -> Case:
    """Propose an amount in fen. Raises Invalid, Conflict while another waits for its decision."""
    case = await held(work, site, ticket_id)
    reason = new.reason.strip()
    if not reason:
        raise Invalid.field("reason", "Say what it is for.")
    if any(each.state == "proposed" for each in case.compensations):
        raise Conflict("Another compensation waits for its decision.")
    proposed = NewCompensation(new.amount_fen, reason)
    await repository.propose(work.uow, site.id, ticket_id, proposed, work.now, clerk(work))
    _tell(work, site, case, events.COMPENSATION_PROPOSED, "compensation_proposed", new.amount_fen)
    return await get(work, site, ticket_id)


async def decide(
    platform: Platform, work: Work, site: Site, ticket_id: UUID, compensation_id: UUID, said: Decision
) -> Case:
    """Approve or refuse it. Raises NotFound, Forbidden beyond one's limit, Conflict for one's own or decided ones."""
    case = await held(work, site, ticket_id)
    asked = _find(case, compensation_id)
    if asked.state != "proposed":
        raise Conflict("This has been decided already.")
    if asked.proposed_by is not None and asked.proposed_by == work.ctx.actor.member_id:
        raise Conflict(OWN)
    limits = await platform.policies.value(work, LIMITS, site.id)
    if not may_decide(work.ctx.permissions, asked.amount_fen, limits):
        raise Forbidden("That amount is beyond what you may decide on.")
    if not said.approve and not said.text.strip():
        raise Invalid.field("text", "Say why it is refused.")
    state: State = "approved" if said.approve else "refused"
    await repository.decide(work.uow, ticket_id, asked, state, clerk(work), work.now, said.text.strip())
    event = events.COMPENSATION_APPROVED if said.approve else events.COMPENSATION_REFUSED
    _tell(work, site, case, event, f"compensation_{state}", asked.amount_fen)
    return await get(work, site, ticket_id)


async def pay(work: Work, site: Site, ticket_id: UUID, compensation_id: UUID, said: Payment) -> Case:
    """Note that it was paid out, and how, also once the complaint is closed. Raises NotFound, Conflict."""
    await work.uow.lock_row("ticket", ticket_id)
    case = await get(work, site, ticket_id)
    asked = _find(case, compensation_id)
    if asked.state != "approved":
        raise Conflict("Only what is approved is paid out.")
    note = said.note.strip()
    if not note:
        raise Invalid.field("note", "Say how it was paid out, such as the receipt's number.")
    await repository.pay(work.uow, ticket_id, asked, work.now, work.ctx.actor.name, note)
    _tell(work, site, case, events.COMPENSATION_PAID, "compensation_paid", asked.amount_fen)
    return await get(work, site, ticket_id)


def may_decide(held_permissions: frozenset[str], amount_fen: int, limits: Limits) -> bool:
    """Whether whoever has these permissions decides on such an amount."""
    if permissions.APPROVE_ANY.id in held_permissions:
        return True
    most = limits.second_yuan if permissions.APPROVE_LARGE.id in held_permissions else limits.first_yuan
    return permissions.APPROVE.id in held_permissions and amount_fen <= most * 100


def _find(case: Case, compensation_id: UUID) -> Compensation:
    found = next((each for each in case.compensations if each.id == compensation_id), None)
    if found is None:
        raise NotFound
    return found


def _tell(work: Work, site: Site, case: Case, event: str, what: str, amount_fen: int) -> None:
    told(work, site, case, what, {"amount_fen": amount_fen})
    work.emit(Event(event, site.id, case.ticket_id, {"number": case.number, "amount_fen": amount_fen}))
