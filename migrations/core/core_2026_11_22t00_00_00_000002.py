"""Audit, events, jobs, idempotency keys."""

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE audit_entry (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    site_id uuid,
    action text NOT NULL,
    subject_type text NOT NULL,
    subject_id text NOT NULL,
    changes jsonb NOT NULL,
    request_id text NOT NULL,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX audit_entry_subject ON audit_entry (company_id, subject_type, subject_id, id);
-- Queues hold ids and scalars only and stay on one node: no foreign key into a tenant's tables.
CREATE TABLE outbox (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid,
    aggregate_id uuid NOT NULL,
    type text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    available_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    dead_at timestamptz,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX outbox_aggregate ON outbox (company_id, aggregate_id, id) WHERE dead_at IS NULL;
CREATE INDEX outbox_available ON outbox (available_at) WHERE dead_at IS NULL;
CREATE TABLE event_receipt (
    company_id uuid NOT NULL,
    event_id uuid NOT NULL,
    handler text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (company_id, event_id, handler)
);
CREATE TABLE idempotency_key (
    company_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status integer NOT NULL,
    content_type text NOT NULL,
    etag text,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, actor_id, key)
);
{tenant_table("audit_entry", writes=["INSERT"])}
{tenant_table("outbox", writes=["INSERT", "UPDATE", "DELETE"], dispatch=["SELECT", "UPDATE", "DELETE"])}
{tenant_table("event_receipt", writes=["INSERT", "DELETE"])}
{tenant_table("idempotency_key", writes=["INSERT", "DELETE"])}
"""

GRANTS = """
GRANT INSERT, SELECT, UPDATE ON pgqueuer TO lodge_app;
GRANT INSERT ON pgqueuer_log TO lodge_app;
GRANT ALL ON pgqueuer, pgqueuer_log, pgqueuer_statistics, pgqueuer_schedules TO lodge_dispatch;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA lodge TO lodge_app, lodge_dispatch;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES, QueryBuilderEnvironment().build_install_query(), GRANTS)
