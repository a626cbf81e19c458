"""Who is told what of which event. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

import msgspec

from core.hooks.types import JsonScalar
from core.notify.model import Kind


class Facts(msgspec.Struct, frozen=True):
    """A ticket as it is when the event is delivered, which may be later; `actor_id` took the step the event is about.

    `passed_on`: somebody else may have it by now than when it was created.
    """

    number: str
    severity: str
    status: str
    owner_id: UUID | None
    assignee_id: UUID | None
    answered: bool
    actor_id: UUID | None
    passed_on: bool
    watchers: list[UUID]
    concerns_id: UUID | None = None


class Rule(msgspec.Struct, frozen=True):
    """`to` are facts that name members; `members` and `to_id` are those in the event's payload. `step` is the timeline
    entry whose actor knows already; '' where that is no reason not to be told."""

    kind: Kind
    to: tuple[str, ...]
    step: str = ""


# The first rule of an event that reaches a person is the one that tells them; nobody is told twice.
RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "ticket.created.v1": (Rule("assigned", ("assignee_id",), "created"),),
    "ticket.assigned.v1": (Rule("assigned", ("assignee_id",), "assign"), Rule("watched", ("watchers",), "assign")),
    "ticket.accepted.v1": (Rule("watched", ("watchers",), "accept"),),
    "ticket.paused.v1": (Rule("watched", ("watchers",), "pause"),),
    "ticket.resolved.v1": (Rule("answer_due", ("owner_id",)), Rule("watched", ("watchers",), "resolve")),
    "ticket.answered.v1": (Rule("watched", ("watchers",), "answer"),),
    "ticket.closed.v1": (Rule("watched", ("watchers",), "close"),),
    "ticket.reopened.v1": (
        Rule("assigned", ("assignee_id",), "reopen"),
        Rule("watched", ("watchers",), "reopen"),
    ),
    "ticket.goal_breached.v1": (Rule("breached", ("owner_id", "assignee_id", "watchers")),),
    "ticket.escalated.v1": (Rule("escalated", ("members",)),),
    "ticket.offer_made.v1": (Rule("offered", ("to_id",)),),
    "ticket.callback_missed.v1": (Rule("promised", ("owner_id",)),),
    "ticket.question_escalated.v1": (Rule("asked", ("to_id",)),),
    "ticket.question_overdue.v1": (Rule("asked", ("to_id",)), Rule("promised", ("owner_id",))),
}


def told(event_type: str, payload: Mapping[str, JsonScalar], facts: Facts) -> dict[UUID, Kind]:
    """Whom the event concerns, and as what; never whom the complaint is about (CMP-6)."""
    found: dict[UUID, Kind] = {}
    for rule in RULES.get(event_type, ()):
        if rule.kind == "answer_due" and facts.answered:  # TKT-3 is fulfilled
            continue
        if rule.step == "created" and facts.passed_on:  # those whom it was given to are told by that event
            continue
        for member_id in _named(rule, payload, facts):
            if member_id != facts.concerns_id and not (rule.step and member_id == facts.actor_id):
                found.setdefault(member_id, rule.kind)
    return found


def step_of(event_type: str) -> str:
    """The timeline entry that the event is about; '' where nobody's step led to it."""
    return next((rule.step for rule in RULES.get(event_type, ()) if rule.step), "")


def _named(rule: Rule, payload: Mapping[str, JsonScalar], facts: Facts) -> Iterator[UUID]:
    for name in rule.to:
        if name in ("members", "to_id"):
            yield from (UUID(text) for text in str(payload.get(name) or "").split(",") if text)
        elif name == "watchers":
            yield from facts.watchers
        elif (member_id := getattr(facts, name)) is not None:
            yield member_id
