"""Invitations: how people come into a company (AU-7)."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000041"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# What a link says is signed and names `link_id`: nothing stored here opens one, and a new one ends those before.
TABLES = f"""
CREATE TABLE invitation (
    company_id uuid NOT NULL REFERENCES company,
    id uuid NOT NULL,
    link_id uuid NOT NULL,
    name text NOT NULL,
    staff_no text NOT NULL,
    department text NOT NULL,
    roles text[] NOT NULL,
    all_sites boolean NOT NULL,
    site_ids uuid[] NOT NULL,
    email_sealed bytea,
    invited_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    mailed_at timestamptz,
    revoked_at timestamptz,
    joined_at timestamptz,
    membership_id uuid,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, link_id),
    FOREIGN KEY (company_id, invited_by) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, membership_id) REFERENCES membership (company_id, id)
);
{tenant_table("invitation")}
"""

# Whoever joins says a name to sign in by. People belong to no tenant, so lodge_app makes one by this alone: it changes
# nobody there is. Whoever has an account already shows so by its password.
FUNCTIONS = """
GRANT INSERT ON person TO lodge_definer;
CREATE FUNCTION add_person(p_id uuid, p_login text, p_password_hash text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = lodge AS $$
    WITH added AS (
        INSERT INTO person (id, login, password_hash) VALUES (p_id, p_login, p_password_hash)
        ON CONFLICT (login) DO NOTHING RETURNING id
    )
    SELECT EXISTS (SELECT FROM added)
$$;
CREATE FUNCTION account_of_login(p_login text) RETURNS TABLE (person_id uuid, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lodge AS $$
    SELECT id, password_hash FROM person WHERE login = p_login AND disabled_at IS NULL
$$;
ALTER FUNCTION add_person(uuid, text, text) OWNER TO lodge_definer;
ALTER FUNCTION account_of_login(text) OWNER TO lodge_definer;
REVOKE ALL ON FUNCTION add_person(uuid, text, text), account_of_login(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add_person(uuid, text, text), account_of_login(text) TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES, FUNCTIONS)
