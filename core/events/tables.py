"""The tables of events as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Integer, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import KeyedTable, TenantTable


class Outbox(TenantTable, tablename="outbox"):
    """Events waiting for delivery, or parked (`dead_at`) after too many attempts."""

    privacy = Privacy(
        purpose="telling modules and customers' systems",
        plain="type",
        free_text="payload last_error",
        parent={"aggregate_id": "ticket.id"},
    )
    site_id = UUID(null=True, default=None)
    aggregate_id = UUID(default=None)
    type = Text(default=None)
    payload = JSONB(default=None)
    created_at = Timestamptz(default=None)
    available_at = Timestamptz(default=None)
    attempts = Integer(default=None)
    last_error = Text(null=True, default=None)
    dead_at = Timestamptz(null=True, default=None)


class EventReceipt(KeyedTable, tablename="event_receipt"):
    """An event that a handler has dealt with, so that another delivery has no effect."""

    privacy = Privacy(
        plain="handler",
    )
    event_id = UUID(default=None)
    handler = Text(default=None)
    at = Timestamptz(default=None)
