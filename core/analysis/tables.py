"""The tables of analysis as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import UUID, Date, Integer, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import KeyedTable, TenantTable


class RepeatCase(TenantTable, tablename="repeat_case"):
    """What was found out and decided about a repeated matter of a month (TKT-7)."""

    privacy = Privacy(
        purpose="countermeasures against repeated matters",
        plain="category",
        address="place",
        free_text="cause countermeasure outcome",
        staff="responsible_name",
    )
    site_id = UUID(default=None)
    month = Date(default=None)
    category = Text(default=None)
    unit_id = UUID(null=True, default=None)
    place = Text(default=None)
    cause = Text(default=None)
    countermeasure = Text(default=None)
    responsible_id = UUID(null=True, default=None)
    responsible_name = Text(default=None)
    due_on = Date(null=True, default=None)
    outcome = Text(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)
    version = Integer(default=None)


class Meeting(TenantTable, tablename="meeting"):
    """A regular meeting of a site (例会); at most one is still to be held."""

    privacy = Privacy(
        purpose="minutes of meetings",
        free_text="notes attendees",
        staff="closed_by",
    )
    site_id = UUID(default=None)
    held_on = Date(default=None)
    attendees = Text(default=None)
    notes = Text(default=None)
    closed_at = Timestamptz(null=True, default=None)
    closed_by = Text(default=None)
    created_at = Timestamptz(default=None)
    version = Integer(default=None)


class AgendaItem(TenantTable, tablename="agenda_item"):
    """A matter on the agenda until it has an outcome (TKT-6)."""

    privacy = Privacy(
        purpose="agenda of meetings",
        free_text="title outcome",
        staff="responsible_name raised_by",
        parent={"ticket_id": "ticket.id"},
    )
    site_id = UUID(default=None)
    reason = Text(default=None)
    ticket_id = UUID(null=True, default=None)
    repeat_case_id = UUID(null=True, default=None)
    title = Text(default=None)
    responsible_id = UUID(null=True, default=None)
    responsible_name = Text(default=None)
    due_on = Date(null=True, default=None)
    outcome = Text(default=None)
    raised_at = Timestamptz(default=None)
    raised_by = Text(default=None)
    settled_at = Timestamptz(null=True, default=None)
    version = Integer(default=None)


class AgendaMinute(KeyedTable, tablename="agenda_minute"):
    """What a meeting said of an item, and how the item stood afterwards."""

    privacy = Privacy(
        purpose="minutes of meetings",
        free_text="minutes outcome",
        staff="responsible_name",
        parent={"agenda_item_id": "agenda_item.id"},
    )
    meeting_id = UUID(default=None)
    agenda_item_id = UUID(default=None)
    site_id = UUID(default=None)
    minutes = Text(default=None)
    responsible_name = Text(default=None)
    due_on = Date(null=True, default=None)
    outcome = Text(default=None)
