"""Who waits at the counter, in the order of their numbers (REC-11)."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-22T00:00:00:000013"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE reception_turn (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    -- numbers begin anew every day of the site
    day date NOT NULL,
    number integer NOT NULL,
    status text NOT NULL GENERATED ALWAYS AS (CASE
        WHEN left_at IS NOT NULL THEN 'left'
        WHEN done_at IS NOT NULL THEN 'done'
        WHEN called_at IS NOT NULL THEN 'called'
        ELSE 'waiting' END) STORED,
    purpose text NOT NULL,
    name text NOT NULL DEFAULT '',
    taken_at timestamptz NOT NULL,
    called_at timestamptz,
    called_by uuid,
    called_by_name text NOT NULL DEFAULT '',
    counter text NOT NULL DEFAULT '',
    done_at timestamptz,
    left_at timestamptz,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, day, number),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, called_by) REFERENCES membership (company_id, id)
);
CREATE INDEX reception_turn_by ON reception_turn (company_id, called_by) WHERE called_by IS NOT NULL;
{tenant_table("reception_turn", writes=["INSERT", "UPDATE"])}
"""


async def forwards():
    return sql_migration(ID, "reception", DESCRIPTION, TABLES)
