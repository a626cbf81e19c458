"""Requests for somebody's data, and to erase it (PI-4, PI-5)."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000061"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE privacy_request (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('export', 'erasure')),
    subject text NOT NULL CHECK (subject IN ('resident', 'phone', 'member')),
    -- a party or a membership; no reference, for a request outlives what it is about
    subject_id uuid,
    -- of somebody who is known by a telephone number alone, until the request is over
    phone_sealed bytea,
    reason text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused', 'expired')),
    result jsonb NOT NULL DEFAULT '{{}}',
    -- the file as it lies in the store, sealed, until it expires
    digest text,
    size bigint,
    asked_by uuid,
    asked_by_name text NOT NULL,
    asked_at timestamptz NOT NULL,
    finished_at timestamptz,
    expires_at timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id) REFERENCES company (company_id)
);
CREATE INDEX privacy_request_digest ON privacy_request (company_id, digest) WHERE digest IS NOT NULL;
{tenant_table("privacy_request", writes=["INSERT", "UPDATE"])}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
