"""The tables of tickets as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Boolean, Integer, SmallInt, Text, Timestamptz

from core.db.personal import Hold, Privacy
from core.db.tables import KeyedTable, TenantTable
from core.i18n import msgid


class Terms(Text):
    """PostgreSQL's list of words for its full-text index."""

    @property
    def column_type(self) -> str:
        return "TSVECTOR"


class Ticket(TenantTable, tablename="ticket"):
    """A matter that needs an answer (TKT-1), with its present state and next deadline."""

    privacy = Privacy(
        purpose="seeing to the matter",
        plain="number type paused_from category due_goal stage tally team_name building",
        name="reporter_name",
        contact="reporter_phone",
        address="place",
        free_text="description convenient_time fields",
        staff="owner_name assignee_name concerns_name",
        party="party_id",
        phone="reporter_phone",
        hold=Hold(where="status <> 'closed'", reason=msgid("a matter is still open"), colleagues=True),
    )
    site_id = UUID(default=None)
    number = Text(default=None)
    type = Text(default=None)
    status = Text(default=None)
    paused_from = Text(null=True, default=None)
    severity = Text(default=None)
    category = Text(default=None)
    channel = Text(default=None)
    description = Text(default=None)
    unit_id = UUID(null=True, default=None)
    place = Text(default=None)
    party_id = UUID(null=True, default=None)
    reporter_name = Text(default=None)
    reporter_phone = Text(default=None)
    convenient_time = Text(default=None)
    owner_id = UUID(null=True, default=None)
    owner_name = Text(default=None)
    assignee_id = UUID(null=True, default=None)
    assignee_name = Text(default=None)
    assigned_at = Timestamptz(null=True, default=None)
    team_id = UUID(null=True, default=None)
    team_name = Text(default=None)
    concerns_id = UUID(null=True, default=None)
    concerns_name = Text(default=None)
    calendar_id = UUID(default=None)
    current_calendar_id = UUID(null=True, default=None)
    renewed_at = Timestamptz(null=True, default=None)
    due_at = Timestamptz(null=True, default=None)
    queue_at = Timestamptz(default=None)  # generated
    due_goal = Text(null=True, default=None)
    due_seconds = Integer(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)
    version = Integer(default=None)
    escalation = SmallInt(default=None)
    escalated_at = Timestamptz(null=True, default=None)
    stage = Text(default="")
    fields = JSONB(default="{}")
    tally = Text(default="")
    merged = Boolean(default=False)
    building = Text(default="")


class TicketGoal(KeyedTable, tablename="ticket_goal"):
    """A service goal of a ticket as last computed from its events."""

    privacy = Privacy(
        purpose="learning from missed promises",
        plain="name unit clock missed_in cause",
        free_text="cause_note",
        parent={"ticket_id": "ticket.id"},
    )
    ticket_id = UUID(default=None)
    name = Text(default=None)
    position = SmallInt(default=None)
    amount = Integer(default=None)
    unit = Text(default=None)
    clock = Text(default=None)
    state = Text(default=None)
    used = BigInt(default=None)
    due_at = Timestamptz(null=True, default=None)
    breached_at = Timestamptz(null=True, default=None)
    ended = Boolean(default=None)
    missed_in = Text(null=True, default=None)
    cause = Text(null=True, default=None)
    cause_note = Text(default="")


class TicketEvent(KeyedTable, tablename="ticket_event"):
    """The timeline, append-only; `clock` is what an entry did to the goals' clocks."""

    privacy = Privacy(
        purpose="seeing to the matter",
        plain="kind actor_kind clock",
        free_text="text details",
        staff="actor_name",
        parent={"ticket_id": "ticket.id"},
    )
    ticket_id = UUID(default=None)
    seq = Integer(default=None)
    at = Timestamptz(default=None)
    kind = Text(default=None)
    actor_kind = Text(default=None)
    actor_id = UUID(null=True, default=None)
    actor_name = Text(default=None)
    text = Text(default=None)
    details = JSONB(default=None)
    clock = JSONB(default=None)


class TicketCounter(KeyedTable, tablename="ticket_counter"):
    """Tickets of a site by state, kept with every change."""

    privacy = Privacy(
        plain="status",
    )
    site_id = UUID(default=None)
    status = Text(default=None)
    tickets = Integer(default=None)


class TicketSequence(KeyedTable, tablename="ticket_sequence"):
    """The last ticket number of a site and month."""

    privacy = Privacy(
        plain="month",
    )
    site_id = UUID(default=None)
    month = Text(default=None)
    last = Integer(default=None)


class TicketTimer(KeyedTable, tablename="ticket_timer"):
    """The next instant at which the ticket is to be looked at, by what for: `goal` for a breach."""

    privacy = Privacy(
        plain="kind",
    )
    ticket_id = UUID(default=None)
    kind = Text(default=None)
    due_at = Timestamptz(default=None)


class TicketSearch(KeyedTable, tablename="ticket_search"):
    """What a ticket is found by, written with the ticket: its words, their terms, and the reporter's telephone."""

    privacy = Privacy(
        purpose="finding the matter",
        free_text="text terms",
        contact="phone phone_tail",
        parent={"ticket_id": "ticket.id"},
    )
    site_id = UUID(default=None)
    ticket_id = UUID(default=None)
    text = Text(default=None)
    phone = Text(default=None)
    phone_tail = Text(default=None)  # generated
    terms = Terms(default=None)  # generated


class TicketFilter(TenantTable, tablename="ticket_filter"):
    """A list that somebody keeps under a name, for themselves or for the site: what narrows it, columns and order."""

    privacy = Privacy(
        purpose="finding matters",
        of="staff",
        free_text="name list",
        member="member_id",
    )
    site_id = UUID(default=None)
    member_id = UUID(default=None)
    name = Text(default=None)
    shared = Boolean(default=None)
    list = JSONB(default=None)
    version = Integer(default=None)


class TicketFilterDefault(KeyedTable, tablename="ticket_filter_default"):
    """The filter with which a person's list of the site opens."""

    privacy = Privacy(
        of="staff",
        member="member_id",
    )
    site_id = UUID(default=None)
    member_id = UUID(default=None)
    filter_id = UUID(default=None)


class TicketOffer(KeyedTable, tablename="ticket_offer"):
    """Ownership offered and not answered yet (TKT-2)."""

    privacy = Privacy(
        purpose="seeing to the matter",
        free_text="reason",
        staff="to_name by_name",
        parent={"ticket_id": "ticket.id"},
    )
    ticket_id = UUID(default=None)
    site_id = UUID(default=None)
    to_id = UUID(default=None)
    to_name = Text(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)
    reason = Text(default=None)
    offered_at = Timestamptz(default=None)
    lapses_at = Timestamptz(default=None)


class TicketCallback(TenantTable, tablename="ticket_callback"):
    """A call promised to the reporter, and what became of it (TKT-4)."""

    privacy = Privacy(
        purpose="calling back as promised",
        free_text="note",
        staff="by_name",
        parent={"ticket_id": "ticket.id"},
    )
    ticket_id = UUID(default=None)
    site_id = UUID(default=None)
    promised_at = Timestamptz(default=None)
    note = Text(default=None)
    by_name = Text(default=None)
    made_at = Timestamptz(default=None)
    missed_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    outcome = Text(null=True, default=None)


class TicketQuestion(TenantTable, tablename="ticket_question"):
    """A question passed up, with its deadline and its answer (TKT-8)."""

    privacy = Privacy(
        purpose="seeing to the matter",
        free_text="question answer",
        staff="by_name to_name",
        parent={"ticket_id": "ticket.id"},
    )
    ticket_id = UUID(default=None)
    site_id = UUID(default=None)
    question = Text(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)
    to_id = UUID(default=None)
    to_name = Text(default=None)
    asked_at = Timestamptz(default=None)
    due_at = Timestamptz(default=None)
    missed_at = Timestamptz(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    answer = Text(default=None)
