"""What a ticket carries besides its facts: each section a sub-select of its own, all answered by one statement."""

from __future__ import annotations

from uuid import UUID

import msgspec

from core.db.uow import UnitOfWork
from core.tickets.model import GoalRow, Sections

# By field of `Sections`, what answers it as JSON. $1 is the company, $2 the ticket, known to be one of the site.
_SECTIONS: dict[str, str] = {}
_PAIRS = ", ".join(f"'{name}', ({sql})" for name, sql in _SECTIONS.items())
_SELECT = f"""
SELECT coalesce(jsonb_agg(to_jsonb(g) ORDER BY g.position), '[]')::text, jsonb_build_object({_PAIRS})::text
FROM ticket_goal g WHERE g.company_id = $1 AND g.ticket_id = $2
"""  # noqa: S608

_goals = msgspec.json.Decoder(list[GoalRow]).decode
_sections = msgspec.json.Decoder(Sections).decode


async def sections_of(uow: UnitOfWork, ticket_id: UUID) -> tuple[list[GoalRow], Sections]:
    """The ticket's goals, and whatever else its page shows beside the timeline."""
    found = await uow.fetch_one(read, _SELECT, uow.company_id, ticket_id)
    assert found is not None  # an aggregate always answers
    return found


def read(goals: str, sections: str) -> tuple[list[GoalRow], Sections]:
    """A row of the statement."""
    return _goals(goals), _sections(sections)
