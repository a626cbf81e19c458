"""Open tickets under new terms: the calendar a ticket is counted by now, and simulations of a policy's draft."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000009"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- calendar_id is the one the ticket began with, from which its clocks are replayed; null: that one still
ALTER TABLE ticket ADD COLUMN current_calendar_id uuid,
    ADD FOREIGN KEY (company_id, current_calendar_id) REFERENCES calendar_value (company_id, id);

CREATE TABLE policy_simulation (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    policy text NOT NULL,
    draft jsonb NOT NULL,
    author_id uuid,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'cancelled')),
    total integer NOT NULL,
    done integer NOT NULL DEFAULT 0,
    last_id uuid,
    result jsonb NOT NULL DEFAULT '{{}}',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id) ON DELETE CASCADE
);
CREATE INDEX policy_simulation_age ON policy_simulation (company_id, created_at);
{tenant_table("policy_simulation")}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
