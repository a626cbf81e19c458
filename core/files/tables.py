"""The table of attachments as the migrations leave it."""

from __future__ import annotations

from piccolo.columns import UUID, Integer, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import TenantTable


class TicketAttachment(TenantTable, tablename="ticket_attachment"):
    """A file of a ticket; `digest` and `thumbnail` name contents in the file store."""

    privacy = Privacy(
        purpose="showing and proving the matter",
        plain="kind",
        free_text="name",
        image="digest thumbnail",
        name="signed_by",
        staff="uploaded_by",
        parent={"ticket_id": "ticket.id"},
    )
    site_id = UUID(default=None)
    ticket_id = UUID(default=None)
    name = Text(default=None)
    kind = Text(default=None)
    size = Integer(default=None)
    digest = Text(default=None)
    thumbnail = Text(null=True, default=None)
    uploaded_by_id = UUID(null=True, default=None)
    uploaded_by = Text(default=None)
    uploaded_at = Timestamptz(default=None)
    signed_by = Text(null=True, default=None)
    emptied_at = Timestamptz(null=True, default=None)
