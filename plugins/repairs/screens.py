"""Work orders as templates show them. Labels are message ids; the templates translate."""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from core.sdk import Site, Work, views, words
from plugins.repairs import kinds
from plugins.repairs.orders.model import OrderRow
from plugins.repairs.warranty.model import WARRANTIES

_TONES: Final[dict[str, views.Tone]] = {"builder": "info", "own": "ok", "unknown": "warn"}
WARRANTY_WORDS: Final[dict[str, views.Word]] = {
    key: views.Word(key, label, _TONES.get(key, "")) for key, label in WARRANTIES.items()
}
_STAGES: Final = {stage.name: stage for stage in kinds.TYPE.stages}


class Row(msgspec.Struct, frozen=True):
    """A work order in a list; `href` is empty where the reader sees no tickets."""

    id: str
    number: str
    href: str
    title: str
    place: str
    item: str
    severity: views.Word
    state: views.Word
    assignee: str
    warranty: views.Word | None
    until: date | None
    clock: views.Clock | None


def sees_tickets(work: Work) -> bool:
    """Whether whoever asks may follow an order to its ticket; the finance department sees orders alone."""
    return "ticket.view" in work.ctx.permissions


def row(site: Site, order: OrderRow, *, linked: bool = True) -> Row:
    """An order as a row, `linked` where the reader sees tickets; where it stands is its stage, if one of its state."""
    state = words.STATES[order.status]
    stage = _STAGES.get(order.stage)
    if stage is not None and stage.status == order.status:
        state = views.Word(stage.name, stage.title, state.tone)
    paused = order.status == "paused"
    clock = views.Clock(order.due_at, order.due_seconds or 1, paused=paused) if order.due_at or paused else None
    return Row(
        id=str(order.id),
        number=order.number,
        href=f"/s/{site.slug}/tickets/{order.id}" if linked else "",
        title=order.description.partition("\n")[0],
        place=f"{order.place} {order.spot}".strip(),
        item=kinds.ITEMS.get(order.item, order.item) if order.item else "",
        severity=words.SEVERITIES[order.severity],
        state=state,
        assignee=order.assignee_name or order.team_name,
        warranty=WARRANTY_WORDS.get(order.warranty),
        until=order.warranty_until,
        clock=clock,
    )
