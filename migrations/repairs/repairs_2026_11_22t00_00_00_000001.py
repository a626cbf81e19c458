"""Work orders (REP-1): the warranty as it was decided, and when each unit was handed over."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-22T00:00:00:000001"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE repairs_order (
    company_id uuid NOT NULL,
    -- the ticket's
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    warranty text NOT NULL,
    warranty_until date,
    warranty_note text NOT NULL DEFAULT '',
    decided_at timestamptz NOT NULL,
    -- nobody: the system, by the unit's dates
    decided_by uuid,
    decided_by_name text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, id) REFERENCES ticket (company_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, decided_by) REFERENCES membership (company_id, id),
    CHECK (warranty IN ('builder', 'own', 'none', 'unknown'))
);
CREATE INDEX repairs_order_site ON repairs_order (company_id, site_id);
CREATE INDEX repairs_order_by ON repairs_order (company_id, decided_by) WHERE decided_by IS NOT NULL;

CREATE TABLE repairs_term (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    -- '' is the unit's handover; any other what differs for that item
    item text NOT NULL DEFAULT '',
    starts_on date NOT NULL,
    -- nothing: as long as the site's rules say for the item
    ends_on date,
    liable text NOT NULL DEFAULT 'builder',
    note text NOT NULL DEFAULT '',
    changed_at timestamptz NOT NULL,
    changed_by_name text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, unit_id, item),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id),
    CHECK (ends_on IS NULL OR ends_on >= starts_on),
    CHECK (liable IN ('builder', 'own'))
);
CREATE INDEX repairs_term_site ON repairs_term (company_id, site_id, unit_id);
{tenant_table("repairs_order", writes=["INSERT", "UPDATE"])}
{tenant_table("repairs_term")}
"""


async def forwards():
    return sql_migration(ID, "repairs", DESCRIPTION, TABLES)
