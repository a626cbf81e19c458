"""Companies, sites, subscriptions; people, memberships, sessions, tokens."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000001"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TENANCY = f"""
CREATE TABLE company (
    company_id uuid PRIMARY KEY,
    slug text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE site (
    company_id uuid NOT NULL REFERENCES company,
    id uuid NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('residential', 'office', 'mixed', 'other')),
    timezone text NOT NULL,
    telephone text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, slug)
);
CREATE TABLE subscription (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    plugin text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id) ON DELETE CASCADE,
    CHECK (ends_on IS NULL OR ends_on >= starts_on),
    EXCLUDE USING gist (company_id WITH =, site_id WITH =, plugin WITH =, daterange(starts_on, ends_on, '[]') WITH &&)
);
CREATE TABLE plugin_switch (
    company_id uuid NOT NULL,
    site_id uuid NOT NULL,
    plugin text NOT NULL,
    enabled boolean NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, site_id, plugin),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id) ON DELETE CASCADE
);
{tenant_table("company", definer=["SELECT"], dispatch=["SELECT"])}
{tenant_table("site", dispatch=["SELECT"])}
{tenant_table("subscription")}
{tenant_table("plugin_switch")}
"""

ACCOUNTS = f"""
-- One person may work for several companies, so this table belongs to no tenant. lodge_app has no grant on it:
-- sign-in reaches it through the functions below.
CREATE TABLE person (
    id uuid PRIMARY KEY,
    login text NOT NULL UNIQUE,
    password_hash text NOT NULL,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON person TO lodge_definer;

CREATE TABLE membership (
    company_id uuid NOT NULL REFERENCES company,
    id uuid NOT NULL,
    person_id uuid NOT NULL REFERENCES person,
    name text NOT NULL,
    staff_no text NOT NULL,
    department text NOT NULL DEFAULT '',
    roles text[] NOT NULL,
    all_sites boolean NOT NULL DEFAULT false,
    site_ids uuid[] NOT NULL DEFAULT '{{}}',
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, person_id),
    UNIQUE (company_id, staff_no)
);
CREATE TABLE session (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    membership_id uuid NOT NULL,
    refresh_hash bytea NOT NULL,
    previous_hash bytea,
    rotated_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    user_agent text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, membership_id) REFERENCES membership (company_id, id) ON DELETE CASCADE
);
CREATE INDEX session_membership ON session (company_id, membership_id);
CREATE TABLE api_token (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    permissions text[] NOT NULL,
    all_sites boolean NOT NULL DEFAULT false,
    site_ids uuid[] NOT NULL DEFAULT '{{}}',
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, created_by) REFERENCES membership (company_id, id)
);
-- Guessing is counted before anybody is known, so by a hash of account or address and not by tenant.
CREATE TABLE sign_in_failure (
    key bytea NOT NULL,
    window_start timestamptz NOT NULL,
    failures integer NOT NULL,
    PRIMARY KEY (key)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_failure TO lodge_app;
{tenant_table("membership", definer=["SELECT"])}
{tenant_table("session")}
{tenant_table("api_token")}
"""

# Owned by lodge_definer: the only ways across tenants, each answering one narrow question.
FUNCTIONS = """
CREATE FUNCTION sign_in_candidates(p_login text)
RETURNS TABLE (person_id uuid, password_hash text, company_id uuid, membership_id uuid, company_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lodge AS $$
    SELECT p.id, p.password_hash, m.company_id, m.id, c.name
    FROM person p JOIN membership m ON m.person_id = p.id AND m.active JOIN company c ON c.company_id = m.company_id
    WHERE p.login = p_login AND p.disabled_at IS NULL ORDER BY c.name
$$;
ALTER FUNCTION sign_in_candidates(text) OWNER TO lodge_definer;
REVOKE ALL ON FUNCTION sign_in_candidates(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sign_in_candidates(text) TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TENANCY, ACCOUNTS, FUNCTIONS)
