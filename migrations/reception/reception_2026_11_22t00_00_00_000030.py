"""The register of visitors made complete: who answered for the household and how, lost badges, cars, the gate's own
count of people let in (REC-7), and personal data that is forgotten after a while."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-22T00:00:00:000030"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
ALTER TABLE reception_visit
    ADD COLUMN plate text NOT NULL DEFAULT '',
    -- who of the household answered, and how they were asked
    ADD COLUMN answered_by text NOT NULL DEFAULT '',
    ADD COLUMN answered_via text NOT NULL DEFAULT '' CHECK (answered_via IN ('', 'phone', 'person', 'link', 'notice')),
    -- out and not expected back; it is not handed out again until it is found
    ADD COLUMN badge_lost_at timestamptz,
    -- when the visitor's and the household's personal data was forgotten
    ADD COLUMN erased_at timestamptz,
    ADD CHECK (badge_lost_at IS NULL OR badge_out);
CREATE INDEX reception_visit_kept ON reception_visit (company_id, site_id, at) WHERE erased_at IS NULL;
GRANT UPDATE (text) ON reception_visit_step TO lodge_app;
ALTER TABLE reception_barred ADD COLUMN erased_at timestamptz;

-- a household asked by text message: the link in it is good once and until it expires
CREATE TABLE reception_visit_ask (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    asked_name text NOT NULL,
    asked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    answered_at timestamptz,
    PRIMARY KEY (company_id, id),
    CHECK (expires_at > asked_at),
    FOREIGN KEY (company_id, site_id, visit_id) REFERENCES reception_visit (company_id, site_id, id)
);
CREATE INDEX reception_visit_ask_visit ON reception_visit_ask (company_id, visit_id, asked_at);

-- how many outsiders the guard counted through the gate on a day of the site
CREATE TABLE reception_gate_count (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    day date NOT NULL,
    people integer NOT NULL CHECK (people BETWEEN 0 AND 99999),
    counted_at timestamptz NOT NULL,
    counted_by uuid,
    counted_by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, day),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, counted_by) REFERENCES membership (company_id, id)
);
CREATE INDEX reception_gate_count_by ON reception_gate_count (company_id, counted_by) WHERE counted_by IS NOT NULL;
{tenant_table("reception_visit_ask", writes=["INSERT", "UPDATE"])}
{tenant_table("reception_gate_count", writes=["INSERT", "UPDATE"])}
"""


async def forwards():
    return sql_migration(ID, "reception", DESCRIPTION, TABLES)
