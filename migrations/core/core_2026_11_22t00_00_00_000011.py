"""Analysis: repeated matters with their countermeasures, meetings with their agenda, indexes for figures."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000011"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- What was found out and decided about a matter that came again and again: one of a site, month, category and place.
-- The place is a unit, or words where no unit was given.
CREATE TABLE repeat_case (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    month date NOT NULL,
    category text NOT NULL,
    unit_id uuid,
    place text NOT NULL,
    cause text NOT NULL DEFAULT '',
    countermeasure text NOT NULL DEFAULT '',
    responsible_id uuid,
    responsible_name text NOT NULL DEFAULT '',
    due_on date,
    outcome text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE NULLS NOT DISTINCT (company_id, site_id, month, category, unit_id, place),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id),
    FOREIGN KEY (company_id, responsible_id) REFERENCES membership (company_id, id)
);

CREATE TABLE meeting (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    held_on date NOT NULL,
    attendees text NOT NULL DEFAULT '',
    notes text NOT NULL DEFAULT '',
    closed_at timestamptz,
    closed_by text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);
CREATE UNIQUE INDEX meeting_next ON meeting (company_id, site_id) WHERE closed_at IS NULL;
CREATE INDEX meeting_held ON meeting (company_id, site_id, held_on DESC, id DESC);

-- A matter that stays on the agenda, from meeting to meeting, until it has an outcome.
CREATE TABLE agenda_item (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    reason text NOT NULL CHECK (reason IN ('overdue', 'critical', 'escalated', 'repeat', 'manual')),
    ticket_id uuid,
    repeat_case_id uuid,
    title text NOT NULL,
    responsible_id uuid,
    responsible_name text NOT NULL DEFAULT '',
    due_on date,
    outcome text NOT NULL DEFAULT '',
    raised_at timestamptz NOT NULL,
    raised_by text NOT NULL DEFAULT '',
    settled_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, repeat_case_id) REFERENCES repeat_case (company_id, site_id, id),
    FOREIGN KEY (company_id, responsible_id) REFERENCES membership (company_id, id)
);
CREATE INDEX agenda_item_open ON agenda_item (company_id, site_id, raised_at, id) WHERE settled_at IS NULL;
CREATE INDEX agenda_item_settled ON agenda_item (company_id, site_id, settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX agenda_item_of_ticket ON agenda_item (company_id, ticket_id) WHERE ticket_id IS NOT NULL;
CREATE INDEX agenda_item_of_case ON agenda_item (company_id, repeat_case_id) WHERE repeat_case_id IS NOT NULL;
-- A matter is on the agenda once, however many collect it at the same time.
CREATE UNIQUE INDEX agenda_item_ticket_once ON agenda_item (company_id, ticket_id)
    WHERE settled_at IS NULL AND ticket_id IS NOT NULL;
CREATE UNIQUE INDEX agenda_item_case_once ON agenda_item (company_id, repeat_case_id)
    WHERE settled_at IS NULL AND repeat_case_id IS NOT NULL;

-- What a meeting said of an item, and how the item stood when it was over.
CREATE TABLE agenda_minute (
    company_id uuid NOT NULL,
    meeting_id uuid NOT NULL,
    agenda_item_id uuid NOT NULL,
    site_id uuid NOT NULL,
    minutes text NOT NULL DEFAULT '',
    responsible_name text NOT NULL DEFAULT '',
    due_on date,
    outcome text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, meeting_id, agenda_item_id),
    FOREIGN KEY (company_id, site_id, meeting_id) REFERENCES meeting (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, agenda_item_id) REFERENCES agenda_item (company_id, site_id, id)
);
CREATE INDEX agenda_minute_item ON agenda_minute (company_id, agenda_item_id, meeting_id);

-- The state its ticket was in when a goal was missed.
ALTER TABLE ticket_goal ADD missed_in text;

-- By when a matter was taken in: repeats and figures of a period. Matters of a unit are found by ticket_unit.
CREATE INDEX ticket_taken_in ON ticket (company_id, site_id, created_at, id);
CREATE INDEX ticket_place ON ticket (company_id, site_id, place, category, created_at) WHERE unit_id IS NULL;
{tenant_table("repeat_case", writes=["INSERT", "UPDATE"])}
{tenant_table("meeting", writes=["INSERT", "UPDATE"])}
{tenant_table("agenda_item", writes=["INSERT", "UPDATE"])}
{tenant_table("agenda_minute", writes=["INSERT", "UPDATE"])}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
