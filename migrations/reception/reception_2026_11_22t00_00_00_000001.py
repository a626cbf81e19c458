"""Calls at the front desk, and which saved form became which ticket."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-22T00:00:00:000001"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE reception_call (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    external_id text,
    channel text NOT NULL CHECK (channel IN ('call', 'visit', 'letter')),
    source text NOT NULL CHECK (source IN ('exchange', 'manual')),
    phone text NOT NULL DEFAULT '',
    ringing_at timestamptz NOT NULL,
    answered_at timestamptz,
    ended_at timestamptz,
    -- the caller gave up before anybody could answer
    hung_up boolean NOT NULL DEFAULT false,
    -- generated, so that reports in any order come to the same state
    status text NOT NULL GENERATED ALWAYS AS (CASE
        WHEN ended_at IS NULL AND answered_at IS NULL THEN 'ringing'
        WHEN ended_at IS NULL THEN 'answered'
        WHEN answered_at IS NOT NULL THEN 'ended'
        WHEN hung_up THEN 'abandoned'
        ELSE 'missed' END) STORED,
    answered_by uuid,
    answered_by_name text NOT NULL DEFAULT '',
    unit_id uuid,
    place text NOT NULL DEFAULT '',
    party_id uuid,
    caller_name text NOT NULL DEFAULT '',
    ticket_id uuid,
    ticket_number text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, site_id, external_id),
    CHECK ((source = 'exchange') = (external_id IS NOT NULL)),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, answered_by) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, party_id) REFERENCES party (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id)
);
CREATE INDEX reception_call_log ON reception_call (company_id, site_id, ringing_at DESC, id DESC);
CREATE INDEX reception_call_open ON reception_call (company_id, site_id, ringing_at) WHERE ended_at IS NULL;
CREATE INDEX reception_call_clerk ON reception_call (company_id, answered_by, ended_at);
CREATE INDEX reception_call_phone ON reception_call (company_id, site_id, phone, ringing_at) WHERE unit_id IS NOT NULL;
CREATE INDEX reception_call_unit ON reception_call (company_id, unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX reception_call_party ON reception_call (company_id, party_id) WHERE party_id IS NOT NULL;
CREATE INDEX reception_call_ticket ON reception_call (company_id, ticket_id) WHERE ticket_id IS NOT NULL;
-- `id` comes with the form: sent again it makes no second ticket.
CREATE TABLE reception_intake (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    call_id uuid,
    ticket_id uuid NOT NULL,
    taken_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, ticket_id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, site_id, call_id) REFERENCES reception_call (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id)
);
CREATE INDEX reception_intake_call ON reception_intake (company_id, call_id) WHERE call_id IS NOT NULL;
{tenant_table("reception_call", writes=["INSERT", "UPDATE"])}
{tenant_table("reception_intake", writes=["INSERT"])}
"""


async def forwards():
    return sql_migration(ID, "reception", DESCRIPTION, TABLES)
