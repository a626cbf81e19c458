"""Tickets: the ticket, its goals and timeline, counters, numbers, timers."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000005"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE ticket (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    number text NOT NULL,
    type text NOT NULL,
    status text NOT NULL CHECK (status IN ('new', 'accepted', 'arrived', 'paused', 'resolved', 'closed')),
    paused_from text,
    severity text NOT NULL CHECK (severity IN ('routine', 'urgent', 'critical')),
    category text NOT NULL,
    channel text NOT NULL CHECK (channel IN
        ('call', 'visit', 'letter', 'complaint_box', 'portal', 'patrol', 'staff_opinion')),
    description text NOT NULL,
    unit_id uuid,
    place text NOT NULL,
    party_id uuid,
    reporter_name text NOT NULL,
    reporter_phone text NOT NULL,
    convenient_time text NOT NULL,
    owner_id uuid,
    owner_name text NOT NULL,
    assignee_id uuid,
    assignee_name text NOT NULL,
    calendar_id uuid NOT NULL,
    due_at timestamptz,
    -- a column, for coalesce() does not count as leakproof: under row level security a page would not start at its mark
    queue_at timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(due_at, 'infinity')) STORED,
    due_goal text,
    due_seconds integer,
    answered_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, site_id, number),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, party_id) REFERENCES party (company_id, site_id, id),
    FOREIGN KEY (company_id, owner_id) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, assignee_id) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, calendar_id) REFERENCES calendar_value (company_id, id)
);
CREATE INDEX ticket_queue ON ticket (company_id, site_id, queue_at, id) WHERE status <> 'closed';
CREATE INDEX ticket_state ON ticket (company_id, site_id, status, queue_at, id);
CREATE INDEX ticket_unit ON ticket (company_id, unit_id, id) WHERE unit_id IS NOT NULL;
CREATE INDEX ticket_party ON ticket (company_id, party_id) WHERE party_id IS NOT NULL;
CREATE INDEX ticket_assignee ON ticket (company_id, assignee_id, id) WHERE status <> 'closed';
CREATE STATISTICS ticket_company_site (dependencies) ON company_id, site_id FROM ticket;

CREATE TABLE ticket_goal (
    company_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    name text NOT NULL,
    position smallint NOT NULL,
    amount integer NOT NULL,
    unit text NOT NULL,
    clock text NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'paused', 'met', 'breached', 'cancelled')),
    used bigint NOT NULL,
    due_at timestamptz,
    breached_at timestamptz,
    ended boolean NOT NULL DEFAULT false,
    PRIMARY KEY (company_id, ticket_id, name),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket (company_id, id) ON DELETE CASCADE
);
-- The timeline. `clock` holds what an entry did to the clocks, in the form core.sla evaluates:
-- the states above are a projection of these rows.
CREATE TABLE ticket_event (
    company_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    seq integer NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    text text NOT NULL DEFAULT '',
    details jsonb NOT NULL DEFAULT '{{}}',
    clock jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (company_id, ticket_id, seq),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket (company_id, id) ON DELETE CASCADE
);
CREATE TABLE ticket_counter (
    company_id uuid NOT NULL,
    site_id uuid NOT NULL,
    status text NOT NULL,
    tickets integer NOT NULL,
    PRIMARY KEY (company_id, site_id, status),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id) ON DELETE CASCADE
);
CREATE TABLE ticket_sequence (
    company_id uuid NOT NULL,
    site_id uuid NOT NULL,
    month text NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (company_id, site_id, month),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id) ON DELETE CASCADE
);
-- The next instant at which a goal of the ticket would be breached: ids and an instant, one row a ticket.
CREATE TABLE ticket_timer (
    company_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, ticket_id)
);
CREATE INDEX ticket_timer_due ON ticket_timer (due_at);
{tenant_table("ticket", writes=["INSERT", "UPDATE"])}
{tenant_table("ticket_goal")}
{tenant_table("ticket_event", writes=["INSERT"])}
{tenant_table("ticket_counter")}
{tenant_table("ticket_sequence")}
{tenant_table("ticket_timer", dispatch=["SELECT"])}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
