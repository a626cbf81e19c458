"""The operator's realm: its people, their sessions and sign-ins; the role that sees figures of every company."""

from core.db.migrate import sql_migration
from core.db.rls import operator_figures, tenant_table

ID = "2026-11-22T00:00:00:000068"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# The realm is a tenant with a reserved id and no row in `company`: no company's work sees these rows, nor the realm's
# work any company's.
TABLES = f"""
CREATE TABLE operator (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    login text NOT NULL,
    name text NOT NULL,
    password_hash text,
    link_id uuid,
    link_until timestamptz,
    secret_sealed bytea,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0,
    recovery bytea[] NOT NULL DEFAULT '{{}}',
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, login)
);
CREATE TABLE operator_session (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    operator_id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    user_agent text NOT NULL,
    network text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, operator_id) REFERENCES operator (company_id, id)
);
CREATE INDEX operator_session_operator ON operator_session (company_id, operator_id);
CREATE TABLE operator_sign_in (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    operator_id uuid NOT NULL,
    at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('signed_in', 'wrong_password', 'locked', 'wrong_code', 'code_locked')),
    factor text NOT NULL CHECK (factor IN ('', 'totp', 'recovery')),
    network text NOT NULL,
    user_agent text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, operator_id) REFERENCES operator (company_id, id)
);
CREATE INDEX operator_sign_in_operator ON operator_sign_in (company_id, operator_id, id);
{tenant_table("operator", writes=["INSERT", "UPDATE"])}
{tenant_table("operator_session", writes=["INSERT", "UPDATE"])}
{tenant_table("operator_sign_in", writes=["INSERT"])}
"""

# Names of companies and sites, which modules they have, and figures; nothing that says anything of a person.
FIGURES = f"""
{operator_figures("company", "company_id, slug, name, created_at")}
{operator_figures("site", "company_id, id, slug, name")}
{operator_figures("subscription", "company_id, site_id, plugin, starts_on, ends_on")}
{operator_figures("plugin_switch", "company_id, site_id, plugin, enabled")}
{operator_figures("membership", "company_id, active")}
{operator_figures("ticket_counter", "company_id, tickets")}
{operator_figures("ticket_attachment", "company_id, size")}
{operator_figures("audit_tally", "company_id, day")}
{operator_figures("audit_check", "company_id, id, at, linked, fault")}
{operator_figures("outbox", "company_id, available_at, dead_at")}
{operator_figures("notify_delivery", "company_id, state")}
GRANT SELECT (name, slot) ON job_slot TO lodge_operator;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES, FIGURES)
