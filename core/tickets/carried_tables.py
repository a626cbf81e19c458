"""The tables of what tickets carry, as the migrations leave them; attachments have theirs in core.files."""

from __future__ import annotations

from piccolo.columns import UUID, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import KeyedTable, TenantTable


class TicketRelation(TenantTable, tablename="ticket_relation"):
    """A directed tie between two tickets of a site; `merged_from` is the state the duplicate was merged in."""

    privacy = Privacy(
        plain="merged_from",
        staff="created_by",
    )
    site_id = UUID(default=None)
    from_id = UUID(default=None)
    to_id = UUID(default=None)
    kind = Text(default=None)
    merged_from = Text(null=True, default=None)
    created_by = Text(default=None)
    created_at = Timestamptz(default=None)


class TicketTag(KeyedTable, tablename="ticket_tag"):
    """A word that a ticket is found by; the words in use are the vocabulary."""

    privacy = Privacy(
        purpose="finding the matter",
        free_text="name",
        whole=True,
        parent={"ticket_id": "ticket.id"},
    )
    site_id = UUID(default=None)
    ticket_id = UUID(default=None)
    name = Text(default=None)


class TicketWatcher(KeyedTable, tablename="ticket_watcher"):
    """Who is told what happens to the ticket; `via_id` is the merged duplicate they had watched."""

    privacy = Privacy(
        of="staff",
        member="member_id",
    )
    ticket_id = UUID(default=None)
    member_id = UUID(default=None)
    via_id = UUID(null=True, default=None)
    since = Timestamptz(default=None)
