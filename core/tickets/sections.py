"""What a ticket carries besides its facts: each section a sub-select of its own, all answered by one statement."""

from __future__ import annotations

from uuid import UUID

import msgspec

from core.db.uow import UnitOfWork
from core.tickets.model import GoalRow, Sections

# By field of `Sections`, what answers it as JSON. $1 is the company, $2 the ticket, known to be one of the site.
_SECTIONS: dict[str, str] = {
    # those of the duplicates that were merged into it too
    "attachments": """
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', a.id, 'ticket_id', a.ticket_id, 'name', a.name, 'kind', a.kind, 'size', a.size,
            'preview', a.thumbnail IS NOT NULL, 'uploaded_by_id', a.uploaded_by_id, 'uploaded_by', a.uploaded_by,
            'uploaded_at', a.uploaded_at, 'signed_by', a.signed_by,
            'emptied_at', a.emptied_at) ORDER BY a.id), '[]')
        FROM ticket_attachment a WHERE a.company_id = $1 AND (a.ticket_id = $2 OR a.ticket_id IN (
            SELECT from_id FROM ticket_relation WHERE company_id = $1 AND to_id = $2 AND merged_from IS NOT NULL))""",
    "relations": """
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', r.id, 'kind', r.kind, 'outgoing', r.from_id = $2, 'ticket_id', t.id, 'number', t.number,
            'title', split_part(t.description, chr(10), 1), 'status', t.status,
            'merged', r.merged_from IS NOT NULL) ORDER BY r.id), '[]')
        FROM ticket_relation r JOIN ticket t
            ON t.company_id = r.company_id AND t.id = CASE WHEN r.from_id = $2 THEN r.to_id ELSE r.from_id END
        WHERE r.company_id = $1 AND (r.from_id = $2 OR r.to_id = $2)""",
    "tags": """
        SELECT coalesce(jsonb_agg(name ORDER BY name), '[]')
        FROM ticket_tag WHERE company_id = $1 AND ticket_id = $2""",
    # as long as they work at the site
    "watchers": """
        SELECT coalesce(jsonb_agg(jsonb_build_object('member_id', m.id, 'name', m.name) ORDER BY w.since, m.id), '[]')
        FROM ticket_watcher w JOIN ticket t ON t.company_id = w.company_id AND t.id = w.ticket_id
            JOIN membership m ON m.company_id = w.company_id AND m.id = w.member_id
        WHERE w.company_id = $1 AND w.ticket_id = $2 AND m.active AND (m.all_sites OR t.site_id = ANY (m.site_ids))""",
    "owed": """jsonb_build_object(
        'offer', (SELECT to_jsonb(o) FROM ticket_offer o WHERE o.company_id = $1 AND o.ticket_id = $2),
        'callback', (SELECT to_jsonb(c) FROM ticket_callback c
                     WHERE c.company_id = $1 AND c.ticket_id = $2 AND c.ended_at IS NULL),
        'question', (SELECT to_jsonb(q) FROM ticket_question q
                     WHERE q.company_id = $1 AND q.ticket_id = $2 AND q.answered_at IS NULL))""",
    # as many as a policy may ask for before a matter counts as repeated (TKT-7)
    "alike": """
        SELECT coalesce(jsonb_agg(to_jsonb(o) ORDER BY o.created_at DESC), '[]')
        FROM ticket t, LATERAL (
            (SELECT id, number, status, created_at, left(description, 80) AS title FROM ticket
             WHERE company_id = $1 AND site_id = t.site_id AND unit_id = t.unit_id AND category = t.category
               AND created_at < t.created_at AND created_at > t.created_at - interval '366 days' AND NOT merged
             ORDER BY created_at DESC LIMIT 20)
            UNION ALL
            (SELECT id, number, status, created_at, left(description, 80) FROM ticket
             WHERE company_id = $1 AND site_id = t.site_id AND unit_id IS NULL AND t.unit_id IS NULL
               AND place = t.place AND place <> '' AND category = t.category
               AND created_at < t.created_at AND created_at > t.created_at - interval '366 days' AND NOT merged
             ORDER BY created_at DESC LIMIT 20)) o
        WHERE t.company_id = $1 AND t.id = $2""",
}
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
