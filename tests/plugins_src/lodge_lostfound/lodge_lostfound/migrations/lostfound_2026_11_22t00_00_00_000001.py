"""Found things, and the tickets heard of."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-22T00:00:00:000001"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE lostfound_item (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    description text NOT NULL,
    place text NOT NULL,
    status text NOT NULL CHECK (status IN ('kept', 'released')),
    found_at timestamptz NOT NULL,
    keep_until timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);
CREATE INDEX lostfound_item_site ON lostfound_item (company_id, site_id, status, found_at DESC);
CREATE TABLE lostfound_ticket (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);
{tenant_table("lostfound_item")}
{tenant_table("lostfound_ticket", writes=["INSERT"])}
"""


async def forwards():
    return sql_migration(ID, "lostfound", DESCRIPTION, TABLES)
