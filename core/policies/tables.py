"""The tables of policies as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, Boolean, Integer, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import KeyedTable, TenantTable


class PolicyRevision(TenantTable, tablename="policy_revision"):
    """One state of a policy's layer; append-only. `site_id` null is the company's layer."""

    privacy = Privacy(
        purpose="answering for policies",
        plain="policy overrides",
        free_text="reason",
        staff="author_name",
    )
    policy = Text(default=None)
    site_id = UUID(null=True, default=None)
    number = Integer(default=None)
    overrides = JSONB(default=None)
    author_id = UUID(null=True, default=None)
    author_name = Text(default=None)
    reason = Text(default=None)
    effective_at = Timestamptz(default=None)
    created_at = Timestamptz(default=None)
    open_tickets = Boolean(default=False)
    withdraws = UUID(null=True, default=None)


class CalendarValue(TenantTable, tablename="calendar_value"):
    """A resolved calendar under a digest of its value; append-only."""

    privacy = Privacy(
        plain="value",
    )
    value = JSONB(default=None)
    created_at = Timestamptz(default=None)


class PolicySimulation(TenantTable, tablename="policy_simulation"):
    """A draft of a policy tried on past tickets, of a site or of all (null): how far that is, and what it came to; kept
    for a day."""

    privacy = Privacy(
        plain="policy draft result",
    )
    site_id = UUID(null=True, default=None)
    policy = Text(default=None)
    draft = JSONB(default=None)
    author_id = UUID(null=True, default=None)
    state = Text(default=None)
    total = Integer(default=None)
    done = Integer(default=None)
    last_id = UUID(null=True, default=None)
    result = JSONB(default=None)
    created_at = Timestamptz(default=None)


class PolicySimulationTicket(KeyedTable, tablename="policy_simulation_ticket"):
    """A ticket that comes out differently under a draft, or an open one whose deadline would move."""

    privacy = Privacy(
        plain="missed kept",
    )
    simulation_id = UUID(default=None)
    ticket_id = UUID(default=None)
    site_id = UUID(default=None)
    missed = Array(Text(), default=None)
    kept = Array(Text(), default=None)
    moves = Boolean(default=None)
    due_before = Timestamptz(null=True, default=None)
    due_after = Timestamptz(null=True, default=None)
