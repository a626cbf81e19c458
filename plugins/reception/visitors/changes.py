"""How a visit changes, whoever changes it: answered for, let in, put off to another time, and told. Callers commit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from core.sdk import Event, Invalid, Work, new_id
from plugins.reception import events
from plugins.reception.visitors import repository
from plugins.reception.visitors.model import Via, Visit
from plugins.reception.visitors.policy import VisitorRules
from plugins.reception.visitors.repository import Clerk

AHEAD: Final = timedelta(days=90)  # the furthest appointment


def answered(visit: Visit, now: datetime, *, accepts: bool, by: str, via: Via) -> Visit:
    """The household has answered; a refusal turns the visitor away."""
    return msgspec.structs.replace(
        visit,
        host_answer="accepted" if accepts else "refused",
        host_answered_at=now,
        answered_by=by or visit.host_name,
        answered_via=via,
        turned_away_at=visit.turned_away_at if accepts else now,
    )


def admitted(visit: Visit, limits: VisitorRules, now: datetime, badge: str, escort: str, reason: str) -> Visit:
    """Let in. Raises Invalid for what is missing."""
    if visit.warning and not reason:
        raise Invalid.field("text", "The visitor may be barred: say why they are let in.")
    if limits.ask and visit.unit_id is not None and visit.host_answer != "accepted":
        raise Invalid.field("accepted", "Ask the household first, and record its answer.")
    if limits.badges and not badge:
        raise Invalid.field("badge", "Hand out a badge, and write down its number.")
    return msgspec.structs.replace(
        visit, admitted_at=now, badge=badge, badge_out=bool(badge), escort=escort or visit.escort
    )


def check_ahead(work: Work, at: datetime) -> None:
    """Raises Invalid for an appointment that is past or too far off."""
    if not work.now < at <= work.now + AHEAD:
        raise Invalid.field("at", "An appointment lies ahead, 90 days at most.")


async def book_again(work: Work, refused: Visit, at: datetime, by: Clerk) -> None:
    """The other time that goes with a refusal (REC-8). Raises Invalid."""
    check_ahead(work, at)
    by_id, by_name = by
    again = msgspec.structs.replace(
        refused,
        id=new_id(),
        badge="",
        badge_out=False,
        found=False,
        warning="",
        expected_at=at,
        arrived_at=None,
        host_answer="accepted",
        host_answered_at=work.now,
        turned_away_at=None,
        registered_by=by_id,
        registered_by_name=by_name,
        created_at=work.now,
        follows_id=refused.id,
    )
    await repository.add(work.uow, again, [("book", refused.host_name)])


def clerk(work: Work) -> Clerk:
    """Who writes it down; a token is no member of staff."""
    actor = work.ctx.actor
    return actor.id if actor.kind == "person" else None, actor.name


def changed(work: Work, action: str, visit: Visit) -> None:
    """Record that a step was taken, and tell."""
    work.audit(
        f"reception.visit.{action}", "reception_visit", visit.id, {"status": visit.status}, site_id=visit.site_id
    )
    work.announce("desk", visit.site_id, visit.id)
    if action in events.VISIT_EVENTS:
        work.emit(Event(events.VISIT_EVENTS[action], visit.site_id, visit.id, {"status": visit.status}))
