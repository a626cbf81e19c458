"""The steps of a visit (REC-8, REC-9): each follows from how the visit stands and is put on record. Callers commit."""

from __future__ import annotations

from uuid import UUID

import msgspec

from core.sdk import Conflict, Invalid, NotFound, Platform, Site, Work
from plugins.reception.visitors import asking, barred, changes, repository
from plugins.reception.visitors.model import NewStep, Status, Visit
from plugins.reception.visitors.policy import VISITORS

# Where each step may be taken from.
_FROM: dict[str, frozenset[Status]] = {
    "arrive": frozenset({"expected"}),
    "ask": frozenset({"waiting"}),
    "ask_by_text": frozenset({"waiting"}),
    "accept": frozenset({"waiting"}),
    "refuse": frozenset({"expected", "waiting"}),
    "admit": frozenset({"waiting"}),
    "leave": frozenset({"inside"}),
    "badge_back": frozenset({"left"}),
    "badge_lost": frozenset({"left"}),
    "security": frozenset({"waiting", "inside", "left", "turned_away"}),
    "turn_away": frozenset({"expected", "waiting"}),
    "police": frozenset({"waiting", "inside", "left", "turned_away"}),
    "cancel": frozenset({"expected"}),
}
_SAID = {
    "security": "Say who of security was told what.",
    "turn_away": "Say why the visitor is refused.",
    "police": "Say what was reported to the police.",
}


async def step(platform: Platform, work: Work, site: Site, visit_id: UUID, said: NewStep) -> Visit:
    """Take the next step in a visit. Raises NotFound, Invalid for what has to be said, Conflict where it does not
    follow from how the visit stands."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    visit = await repository.lock(work.uow, site.id, visit_id)
    if visit is None:
        raise NotFound
    follows = visit.status in _FROM[said.kind]
    if said.kind in ("badge_back", "badge_lost"):
        follows = follows and visit.badge_out and not (said.kind == "badge_lost" and visit.badge_lost_at)
    if not follows:
        raise Conflict("The visit has moved on: load it again.")
    text = said.text.strip()
    if said.kind in _SAID and not text:
        raise Invalid.field("text", _SAID[said.kind])
    now, replace, who = work.now, msgspec.structs.replace, said.who.strip()
    detail = _detail(said, who, text)
    more: list[tuple[str, str]] = []
    match said.kind:
        case "arrive":
            warned = await barred.warnings(work, site, visit)
            visit = replace(visit, arrived_at=now, warning="；".join(warned))
            more = [("warn", reason) for reason in warned]
        case "ask_by_text":
            detail = await asking.ask(platform, work, site, visit, said.party_id)
        case "accept":
            visit = changes.answered(visit, now, accepts=True, by=who, via=said.via)
        case "refuse":
            visit = changes.answered(visit, now, accepts=False, by=who, via=said.via)
        case "admit":
            limits = await platform.policies.value(work, VISITORS, site.id)
            visit = changes.admitted(visit, limits, now, said.badge.strip(), said.escort.strip(), text)
        case "leave":
            visit = replace(visit, left_at=now, badge_out=visit.badge_out and not said.badge_back)
        case "badge_back":
            visit = replace(visit, badge_out=False, badge_lost_at=None)
        case "badge_lost":
            visit = replace(visit, badge_lost_at=now)
        case "turn_away":
            visit = replace(visit, turned_away_at=now)
        case "cancel":
            visit = replace(visit, cancelled_at=now)
    visit = await repository.save(work.uow, visit, now, changes.clerk(work), [(said.kind, detail), *more])
    if said.kind == "refuse" and said.at is not None:
        await changes.book_again(work, visit, said.at, changes.clerk(work))
    changes.changed(work, said.kind, visit)
    return visit


def _detail(said: NewStep, who: str, text: str) -> str:
    """What is put on record."""
    if said.kind in ("ask", "accept", "refuse"):
        return "：".join(filter(None, (who, text)))
    if text:
        return text
    if said.kind == "admit":
        return said.badge.strip()
    return "" if said.kind != "leave" or said.badge_back else "-"
