"""Policies: append-only revisions, and the calendars they came to."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000003"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE policy_revision (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    policy text NOT NULL,
    site_id uuid,
    number integer NOT NULL,
    overrides jsonb NOT NULL,
    author_id uuid,
    author_name text NOT NULL,
    reason text NOT NULL,
    effective_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE NULLS NOT DISTINCT (company_id, policy, site_id, number),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id) ON DELETE CASCADE
);
-- A resolved calendar, kept once under a digest of its value: what a ticket's clock ran on stays readable for good.
CREATE TABLE calendar_value (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    value jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id)
);
{tenant_table("policy_revision", writes=["INSERT"])}
{tenant_table("calendar_value", writes=["INSERT"])}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
