"""Questions that cannot be answered at once go up with a deadline (TKT-8); the owner stays the owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.errors import FieldError, Invalid
from core.policies.answering import ANSWERING
from core.tenancy.directory import Site
from core.tickets.action import Situation
from core.tickets.callbacks import iso
from core.tickets.model import Severity, Status, Step
from core.tickets.placing import CONCERNED
from core.work import Work

if TYPE_CHECKING:
    from core.tickets.changes import Change, Changes

TIMER = "question"
ASKED_ALREADY = "A question is passed up already: record its answer before the next."
NONE_ASKED = "No question waits for an answer here."

_ASK = """
INSERT INTO ticket_question (company_id, ticket_id, id, site_id, question, by_id, by_name, to_id, to_name, asked_at,
    due_at, answer)
SELECT $1, $2, r.*, '' FROM jsonb_to_record({row}) AS r (id uuid, site_id uuid, question text, by_id uuid,
    by_name text, to_id uuid, to_name text, asked_at timestamptz, due_at timestamptz)
"""
_CHANGE = """
UPDATE ticket_question q SET missed_at = coalesce(q.missed_at, r.missed_at), answered_at = r.answered_at,
    answer = r.answer
FROM jsonb_to_record({row}) AS r (id uuid, missed_at timestamptz, answered_at timestamptz, answer text)
WHERE q.company_id = $1 AND q.ticket_id = $2 AND q.id = r.id
"""
_ASKED = """
SELECT t.id, t.number, t.description, t.place, t.status, t.severity, t.version, q.question, q.by_name, q.to_name,
    q.asked_at, q.due_at, q.missed_at, q.to_id = $3
FROM ticket_question q JOIN ticket t ON t.company_id = q.company_id AND t.id = q.ticket_id
WHERE q.company_id = $1 AND q.site_id = $2 AND q.answered_at IS NULL AND (q.to_id = $3 OR q.by_id = $3)
ORDER BY q.to_id = $3 DESC, q.due_at, q.id LIMIT 200
"""


class _Asked(msgspec.Struct, frozen=True):
    id: UUID
    site_id: UUID
    question: str
    by_id: UUID | None
    by_name: str
    to_id: UUID
    to_name: str
    asked_at: datetime
    due_at: datetime


class _Changed(msgspec.Struct, frozen=True):
    id: UUID
    missed_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str = ""


class QuestionRow(msgspec.Struct, frozen=True):
    """A question that waits for an answer: asked of the reader (`mine`), or by them."""

    ticket_id: UUID
    number: str
    description: str
    place: str
    status: Status
    severity: Severity
    version: int
    question: str
    by_name: str
    to_name: str
    asked_at: datetime
    due_at: datetime
    missed_at: datetime | None
    mine: bool


async def asked(work: Work, site: Site) -> list[QuestionRow]:
    """Open questions of the site's tickets to the actor, the first due first; then those the actor has asked."""
    return await work.uow.fetch(QuestionRow, _ASKED, work.ctx.company_id, site.id, work.ctx.actor.id)


def watch(changes: Changes) -> None:
    """Have questions without an answer in time show as overdue."""
    changes.on_timer(TIMER, _miss)


async def _miss(change: Change) -> None:
    question = change.owed.question
    if question is not None and question.missed_at is None:
        change.write(_CHANGE, _Changed(question.id, missed_at=question.due_at))
        change.record("question_overdue", question.question, {"to": question.to_name}, system=True)
        change.audit("ticket.question_overdue", {"to_id": str(question.to_id)})
        change.tell("ticket.question_overdue.v1", {"to_id": str(question.to_id), "due_at": iso(question.due_at)})


# -- what the actions do --------------------------------------------------------------------------------------------


def asked_already(situation: Situation) -> str | None:
    return ASKED_ALREADY if situation.owed.question is not None else None


def none_asked(situation: Situation) -> str | None:
    return NONE_ASKED if situation.owed.question is None else None


async def escalate(change: Change, step: Step) -> Mapping[str, str]:
    """Pass a question up to a colleague of the site, with a deadline."""
    work, to_id, to_name = change.work, step.colleague_id, change.recorded.colleague
    if to_id is None or to_name is None:
        raise Invalid(fields=[FieldError("colleague_id", "There is no such colleague at this site.")])
    if to_id == change.before.concerns_id:
        raise Invalid(fields=[FieldError("colleague_id", CONCERNED.message)])
    policy = await change.policies.value(work, ANSWERING, change.before.site_id)
    due_at, actor = change.until(policy.question_within), work.ctx.actor
    by_id = actor.id if actor.kind == "person" else None
    row = _Asked(
        new_id(), change.before.site_id, step.text.strip(), by_id, actor.name, to_id, to_name, work.now, due_at
    )
    change.write(_ASK, row)
    change.wake(TIMER, due_at)
    return {"to": to_name, "to_id": str(to_id), "due_at": iso(due_at)}


async def answer(change: Change, step: Step) -> Mapping[str, str]:
    """Put the answer on record; whoever asked takes it to the reporter."""
    question, now = change.owed.question, change.work.now
    assert question is not None
    late = question.due_at if now > question.due_at else None
    change.write(_CHANGE, _Changed(question.id, late, now, step.text.strip()))
    change.wake(TIMER, None)
    return {"question": question.question, "by_id": str(question.by_id or "")}
