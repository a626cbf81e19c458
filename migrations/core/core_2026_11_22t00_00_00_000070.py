"""Operators enter a company by a grant: why, what for, until when; the company sees all of it."""

from core.db.migrate import sql_migration
from core.db.rls import operator_figures, tenant_table

ID = "2026-11-22T00:00:00:000070"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# `role` is '' for reading alone. What is due is a queue of ids: an open access ends, an unanswered request lapses.
TABLES = f"""
CREATE TABLE operator_access (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    operator_id uuid NOT NULL,
    operator_name text NOT NULL,
    reason text NOT NULL,
    case_ref text NOT NULL,
    role text NOT NULL,
    reveal boolean NOT NULL,
    hours integer NOT NULL CHECK (hours >= 1),
    state text NOT NULL CHECK (state IN ('asked', 'open', 'refused', 'ended')),
    asked_at timestamptz NOT NULL,
    opened_at timestamptz,
    until timestamptz,
    decided_by uuid,
    decided_by_name text NOT NULL,
    ended_at timestamptz,
    ended_by text NOT NULL CHECK (ended_by IN ('', 'time', 'company', 'operator')),
    token_hash bytea,
    session_id uuid,
    PRIMARY KEY (company_id, id),
    CHECK (state <> 'open' OR until IS NOT NULL)
);
CREATE UNIQUE INDEX operator_access_standing ON operator_access (company_id, operator_id)
    WHERE state IN ('asked', 'open');
CREATE TABLE operator_access_due (
    company_id uuid NOT NULL,
    access_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, access_id)
);
{tenant_table("operator_access", writes=["INSERT", "UPDATE"])}
{tenant_table("operator_access_due", dispatch=["SELECT"])}
{
    operator_figures(
        "operator_access",
        "company_id, id, operator_id, operator_name, reason, case_ref, role, reveal, hours, state, asked_at, opened_at, "
        "until, ended_at, ended_by",
    )
}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
