"""What a second person has to agree to before it counts (ARC-3)."""

from core.db.migrate import sql_migration
from core.db.rls import hidden_from_concerned, tenant_table

ID = "2026-11-22T00:00:00:000052"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE approval (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    permission text NOT NULL,
    payload jsonb NOT NULL,
    reason text NOT NULL,
    concerns_id uuid,
    state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'approved', 'refused', 'withdrawn', 'lapsed')),
    asked_by uuid NOT NULL,
    asked_by_name text NOT NULL,
    asked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    decided_by uuid,
    decided_by_name text NOT NULL DEFAULT '',
    decided_at timestamptz,
    decision text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, asked_by) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, decided_by) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, concerns_id) REFERENCES membership (company_id, id),
    CHECK (decided_by <> asked_by),
    CHECK (decided_by <> concerns_id)
);
CREATE INDEX approval_page ON approval (company_id, site_id, id DESC);
CREATE UNIQUE INDEX approval_open ON approval (company_id, site_id, kind, subject) WHERE state = 'asked';
{tenant_table("approval", writes=["INSERT", "UPDATE"])}
{hidden_from_concerned("approval")}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
