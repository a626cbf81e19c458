"""Who answers for a ticket: offers of its ownership, promised callbacks, questions passed up; stages of its type."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000013"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
ALTER TABLE ticket ADD stage text NOT NULL DEFAULT '', ADD fields jsonb NOT NULL DEFAULT '{{}}';
CREATE INDEX ticket_owner ON ticket (company_id, owner_id) WHERE status <> 'closed';

-- The offer that waits for its answer, one a ticket; what became of earlier ones stands on the timeline.
CREATE TABLE ticket_offer (
    company_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    site_id uuid NOT NULL,
    to_id uuid NOT NULL,
    to_name text NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    reason text NOT NULL,
    offered_at timestamptz NOT NULL,
    lapses_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, ticket_id),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, to_id) REFERENCES membership (company_id, id)
);
CREATE INDEX ticket_offer_to ON ticket_offer (company_id, to_id, lapses_at);

CREATE TABLE ticket_callback (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    site_id uuid NOT NULL,
    promised_at timestamptz NOT NULL,
    note text NOT NULL,
    by_name text NOT NULL,
    made_at timestamptz NOT NULL,
    missed_at timestamptz,
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('kept', 'moved')),
    PRIMARY KEY (company_id, id),
    CHECK ((ended_at IS NULL) = (outcome IS NULL)),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ticket_callback_open ON ticket_callback (company_id, ticket_id) WHERE ended_at IS NULL;
CREATE INDEX ticket_callback_ticket ON ticket_callback (company_id, ticket_id);
CREATE INDEX ticket_callback_queue ON ticket_callback (company_id, site_id, promised_at, id) WHERE ended_at IS NULL;

CREATE TABLE ticket_question (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    site_id uuid NOT NULL,
    question text NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    to_id uuid NOT NULL,
    to_name text NOT NULL,
    asked_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    missed_at timestamptz,
    answered_at timestamptz,
    answer text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, to_id) REFERENCES membership (company_id, id)
);
CREATE UNIQUE INDEX ticket_question_open ON ticket_question (company_id, ticket_id) WHERE answered_at IS NULL;
CREATE INDEX ticket_question_ticket ON ticket_question (company_id, ticket_id);
CREATE INDEX ticket_question_to ON ticket_question (company_id, to_id, due_at) WHERE answered_at IS NULL;

{tenant_table("ticket_offer")}
{tenant_table("ticket_callback", writes=["INSERT", "UPDATE"])}
{tenant_table("ticket_question", writes=["INSERT", "UPDATE"])}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
