"""Why a goal was missed, as a colleague says it: one of the site's causes, kept with the goal and on the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import msgspec

from core.errors import Invalid, NotFound, PreconditionFailed
from core.policies.breach_causes import BREACH_CAUSES
from core.tenancy.directory import Site
from core.tickets.model import Short
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies


class SaidCause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cause by its key in `core.breach_causes`, and what there is to say besides."""

    cause: Short
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


class _Held(msgspec.Struct, frozen=True):
    """A ticket nobody else changes before this work ends, and what was said of its goal; `missed`: it has missed it."""

    number: str
    version: int
    missed: bool
    cause: str | None
    note: str | None


_HOLD = """
SELECT t.number, t.version, g.name IS NOT NULL, g.cause, g.cause_note
FROM ticket t LEFT JOIN ticket_goal g
    ON g.company_id = t.company_id AND g.ticket_id = t.id AND g.name = $4 AND g.state = 'breached'
WHERE t.company_id = $1 AND t.site_id = $2 AND t.id = $3 FOR UPDATE OF t
"""
# $4 is the goal, $5 and $6 the cause and what was said besides. The tally is of the goals as they are after this.
_SAY = """
WITH said AS (
    UPDATE ticket_goal SET cause = $5, cause_note = $6 WHERE company_id = $1 AND ticket_id = $2 AND name = $4
), entry AS (
    INSERT INTO ticket_event (company_id, ticket_id, seq, at, kind, text, details, actor_kind, actor_id, actor_name)
    SELECT $1, $2, max(seq) + 1, $3, 'cause', $6, $7::jsonb, $8, $9, $10 FROM ticket_event
    WHERE company_id = $1 AND ticket_id = $2
)
UPDATE ticket SET updated_at = $3, version = version + 1, tally = (
    SELECT coalesce(string_agg(tallied(name, state, missed_in, CASE name WHEN $4 THEN $5 ELSE cause END), ' '
                               ORDER BY position), '')
    FROM ticket_goal WHERE company_id = $1 AND ticket_id = $2)
WHERE company_id = $1 AND id = $2 RETURNING version
"""


async def say(
    work: Work, policies: Policies, site: Site, ticket_id: UUID, goal: str, said: SaidCause, expected: int
) -> int:
    """Put on record why the ticket missed that goal; the ticket's new version.

    Raises NotFound (also for a goal that was not missed), PreconditionFailed unless `expected` is the ticket's version,
    or Invalid for a cause that the site does not have or that says nothing without a note.
    """
    company_id, actor = work.ctx.company_id, work.ctx.actor
    held = await work.uow.fetch_one(_Held, _HOLD, company_id, site.id, ticket_id, goal)
    if held is None or not held.missed:
        raise NotFound
    if held.version != expected:
        raise PreconditionFailed
    offered = (await policies.value(work, BREACH_CAUSES, site.id)).causes
    cause = next((each for each in offered if each.key == said.cause), None)
    if cause is None:
        raise Invalid.field("cause", "Choose one of the site's causes.")
    note = said.note.strip()
    if cause.explain and not note:
        raise Invalid.field("note", "Say in a few words what it was.")
    details = msgspec.json.encode({"goal": goal, "cause": cause.key, "title": cause.title_zh}).decode()
    version: int = await work.uow.value(
        _SAY, company_id, ticket_id, work.now, goal, cause.key, note, details, actor.kind, actor.id, actor.name
    )
    changes = {"number": held.number, "goal": goal, "cause": [held.cause, cause.key]}
    work.audit("ticket.cause_named", "ticket", ticket_id, changes, site_id=site.id)
    work.announce("ticket", site.id, ticket_id)
    return version
