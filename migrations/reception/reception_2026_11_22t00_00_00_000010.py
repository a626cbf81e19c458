"""The register of visitors (REC-7, REC-8, REC-9): visits, what happened in each, and who is not to be let in."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-22T00:00:00:000010"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE reception_visit (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    -- generated, so that the state cannot contradict what is on record
    status text NOT NULL GENERATED ALWAYS AS (CASE
        WHEN turned_away_at IS NOT NULL THEN 'turned_away'
        WHEN cancelled_at IS NOT NULL THEN 'cancelled'
        WHEN left_at IS NOT NULL THEN 'left'
        WHEN admitted_at IS NOT NULL THEN 'inside'
        WHEN arrived_at IS NOT NULL THEN 'waiting'
        ELSE 'expected' END) STORED,
    -- when somebody came or, until then, is expected: the order of the register
    at timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(arrived_at, expected_at)) STORED,
    name text NOT NULL,
    phone text NOT NULL DEFAULT '',
    people smallint NOT NULL CHECK (people BETWEEN 1 AND 99),
    purpose text NOT NULL,
    unit_id uuid,
    place text NOT NULL,
    host_name text NOT NULL DEFAULT '',
    id_kind text NOT NULL DEFAULT '' CHECK (id_kind IN ('', 'id_card', 'passport', 'driving', 'work', 'other')),
    -- masked before it is stored: the number in full is never needed again
    id_number text NOT NULL DEFAULT '',
    badge text NOT NULL DEFAULT '',
    badge_out boolean NOT NULL DEFAULT false,
    escort text NOT NULL DEFAULT '',
    -- met inside without having been registered
    found boolean NOT NULL DEFAULT false,
    warning text NOT NULL DEFAULT '',
    expected_at timestamptz,
    arrived_at timestamptz,
    host_answer text NOT NULL DEFAULT '' CHECK (host_answer IN ('', 'accepted', 'refused')),
    host_answered_at timestamptz,
    admitted_at timestamptz,
    left_at timestamptz,
    turned_away_at timestamptz,
    cancelled_at timestamptz,
    registered_by uuid,
    registered_by_name text NOT NULL,
    created_at timestamptz NOT NULL,
    follows_id uuid,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    CHECK ((host_answer = '') = (host_answered_at IS NULL)),
    CHECK (badge <> '' OR NOT badge_out),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id),
    FOREIGN KEY (company_id, registered_by) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, site_id, follows_id) REFERENCES reception_visit (company_id, site_id, id)
);
CREATE INDEX reception_visit_log ON reception_visit (company_id, site_id, at DESC, id DESC);
CREATE INDEX reception_visit_here ON reception_visit (company_id, site_id, at)
    WHERE badge_out OR (left_at IS NULL AND turned_away_at IS NULL AND cancelled_at IS NULL);
-- one badge is out once (REC-7)
CREATE UNIQUE INDEX reception_visit_badge ON reception_visit (company_id, site_id, badge) WHERE badge_out;
CREATE INDEX reception_visit_unit ON reception_visit (company_id, unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX reception_visit_by ON reception_visit (company_id, registered_by) WHERE registered_by IS NOT NULL;
CREATE INDEX reception_visit_follows ON reception_visit (company_id, follows_id) WHERE follows_id IS NOT NULL;

CREATE TABLE reception_visit_step (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    text text NOT NULL DEFAULT '',
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id, visit_id) REFERENCES reception_visit (company_id, site_id, id),
    FOREIGN KEY (company_id, by_id) REFERENCES membership (company_id, id)
);
CREATE INDEX reception_visit_step_visit ON reception_visit_step (company_id, visit_id, id);
CREATE INDEX reception_visit_step_by ON reception_visit_step (company_id, by_id) WHERE by_id IS NOT NULL;

CREATE TABLE reception_barred (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    name text NOT NULL,
    phone text NOT NULL DEFAULT '',
    id_number text NOT NULL DEFAULT '',
    reason text NOT NULL,
    until date,
    barred_at timestamptz NOT NULL,
    barred_by uuid,
    barred_by_name text NOT NULL,
    lifted_at timestamptz,
    lifted_by_name text NOT NULL DEFAULT '',
    lifted_reason text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, barred_by) REFERENCES membership (company_id, id)
);
CREATE INDEX reception_barred_site ON reception_barred (company_id, site_id) WHERE lifted_at IS NULL;
CREATE INDEX reception_barred_by ON reception_barred (company_id, barred_by) WHERE barred_by IS NOT NULL;
{tenant_table("reception_visit", writes=["INSERT", "UPDATE"])}
{tenant_table("reception_visit_step", writes=["INSERT"])}
{tenant_table("reception_barred", writes=["INSERT", "UPDATE"])}
"""


async def forwards():
    return sql_migration(ID, "reception", DESCRIPTION, TABLES)
