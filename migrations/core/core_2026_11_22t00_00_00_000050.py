"""Roles that a company makes for itself, beside those of every company (AZ-4)."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000050"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE role (
    company_id uuid NOT NULL REFERENCES company,
    id uuid NOT NULL,
    key text NOT NULL,
    title text NOT NULL,
    permissions text[] NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, key)
);
{tenant_table("role")}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
