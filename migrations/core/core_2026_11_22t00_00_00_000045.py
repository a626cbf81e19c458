"""Second factors, single use of their codes, and where and how people have signed in (AU-5, AU-6)."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000045"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- A membership's own, so that a company decides for itself and its administrators never touch another's. The secret lies
-- sealed; `last_step` is the newest time step whose code was taken, `recovery` what is left of the recovery codes, hashed.
CREATE TABLE second_factor (
    company_id uuid NOT NULL,
    member_id uuid NOT NULL,
    secret_sealed bytea NOT NULL,
    begun_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0,
    recovery bytea[] NOT NULL DEFAULT '{{}}',
    PRIMARY KEY (company_id, member_id),
    FOREIGN KEY (company_id, member_id) REFERENCES membership (company_id, id) ON DELETE CASCADE
);
CREATE TABLE sign_in_record (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    member_id uuid NOT NULL,
    at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('signed_in', 'wrong_password', 'locked', 'wrong_code', 'code_locked')),
    factor text NOT NULL DEFAULT '' CHECK (factor IN ('', 'totp', 'recovery')),
    network text NOT NULL,
    user_agent text NOT NULL,
    device bytea,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, member_id) REFERENCES membership (company_id, id) ON DELETE CASCADE
);
CREATE INDEX sign_in_record_member ON sign_in_record (company_id, member_id, at DESC);
CREATE INDEX sign_in_record_old ON sign_in_record (company_id, at);
ALTER TABLE session ADD network text NOT NULL DEFAULT '';
{tenant_table("second_factor")}
{tenant_table("sign_in_record", writes=["INSERT", "DELETE"], definer=["INSERT"])}
"""

FUNCTIONS = """
-- A wrong password names a person and no company: each of theirs has it on record. It answers nothing, and takes as
-- long for NULL, a login that there is none of.
CREATE FUNCTION sign_in_refused(p_person uuid, p_at timestamptz, p_outcome text, p_network text, p_user_agent text)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = lodge AS $$
    INSERT INTO sign_in_record (company_id, id, member_id, at, outcome, network, user_agent)
    SELECT m.company_id, gen_random_uuid(), m.id, p_at, p_outcome, p_network, p_user_agent
    FROM membership m WHERE m.person_id = p_person AND m.active
$$;
ALTER FUNCTION sign_in_refused(uuid, timestamptz, text, text, text) OWNER TO lodge_definer;
REVOKE ALL ON FUNCTION sign_in_refused(uuid, timestamptz, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sign_in_refused(uuid, timestamptz, text, text, text) TO lodge_app;

-- What a member of the tenant in force has to know to change how they sign in.
CREATE FUNCTION password_hash_of_member(p_member uuid)
RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lodge AS $$
    SELECT p.password_hash FROM membership m JOIN person p ON p.id = m.person_id
    WHERE m.company_id = nullif(current_setting('app.company_id', true), '')::uuid AND m.id = p_member
$$;
ALTER FUNCTION password_hash_of_member(uuid) OWNER TO lodge_definer;
REVOKE ALL ON FUNCTION password_hash_of_member(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION password_hash_of_member(uuid) TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES, FUNCTIONS)
