"""Accounts of programs, whose tokens do not end with who issued them; when and from where a token was last used."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000051"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE service_account (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    purpose text NOT NULL,
    permissions text[] NOT NULL,
    site_ids uuid[] NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, created_by) REFERENCES membership (company_id, id)
);
{tenant_table("service_account", writes=["INSERT", "UPDATE"])}
ALTER TABLE api_token
    ADD service_account_id uuid,
    ADD last_used_on date,
    ADD last_used_from text NOT NULL DEFAULT '',
    ADD FOREIGN KEY (company_id, service_account_id) REFERENCES service_account (company_id, id);
CREATE INDEX api_token_account ON api_token (company_id, service_account_id);
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
