"""Passwords that people set anew, and the companies that somebody works for (AU-7)."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000042"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# The link names the row under our signature: nothing stored here opens one.
TABLES = f"""
CREATE TABLE password_reset (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    membership_id uuid NOT NULL,
    issued_by uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, membership_id) REFERENCES membership (company_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, issued_by) REFERENCES membership (company_id, id)
);
CREATE INDEX password_reset_membership ON password_reset (company_id, membership_id);
{tenant_table("password_reset", definer=["SELECT", "UPDATE"])}
CREATE POLICY lodge_definer_rows ON session AS PERMISSIVE TO lodge_definer USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE (revoked_at) ON session TO lodge_definer;
GRANT UPDATE (password_hash) ON person TO lodge_definer;
"""

# A password is the same in every company, so setting one reaches beyond the tenant in force: by these alone, each for
# one person, who is shown by an open link or by being the reader with the present password. All of the person's
# sessions end, but for the one given; answers whose have, for their companies to record.
FUNCTIONS = """
CREATE FUNCTION end_sessions_of(p_person uuid, p_but uuid, p_now timestamptz)
RETURNS TABLE (company_id uuid, membership_id uuid, name text, ended bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = lodge AS $$
    WITH void AS (
        UPDATE password_reset r SET used_at = p_now FROM membership m
        WHERE m.person_id = p_person AND r.company_id = m.company_id AND r.membership_id = m.id AND r.used_at IS NULL
    ), ended AS (
        UPDATE session s SET revoked_at = p_now FROM membership m
        WHERE m.person_id = p_person AND s.company_id = m.company_id AND s.membership_id = m.id
            AND s.revoked_at IS NULL AND s.id IS DISTINCT FROM p_but
        RETURNING s.company_id, s.membership_id
    )
    SELECT m.company_id, m.id, m.name,
           (SELECT count(*) FROM ended e WHERE e.company_id = m.company_id AND e.membership_id = m.id)
    FROM membership m WHERE m.person_id = p_person
$$;
CREATE FUNCTION use_password_reset(p_company uuid, p_id uuid, p_password_hash text, p_now timestamptz)
RETURNS TABLE (company_id uuid, membership_id uuid, name text, ended bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = lodge AS $$
    WITH used AS (
        UPDATE password_reset r SET used_at = p_now
        WHERE r.company_id = p_company AND r.id = p_id AND r.used_at IS NULL AND r.expires_at > p_now
        RETURNING r.membership_id
    ), changed AS (
        UPDATE person p SET password_hash = p_password_hash FROM used u, membership m
        WHERE m.company_id = p_company AND m.id = u.membership_id AND m.active AND p.id = m.person_id
            AND p.disabled_at IS NULL
        RETURNING p.id
    )
    SELECT e.* FROM changed c, end_sessions_of(c.id, NULL, p_now) e
$$;
CREATE FUNCTION own_account()
RETURNS TABLE (login text, password_hash text, company_id uuid, membership_id uuid, company_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lodge AS $$
    SELECT p.login, p.password_hash, o.company_id, o.id, c.name
    FROM membership m JOIN person p ON p.id = m.person_id JOIN membership o ON o.person_id = p.id AND o.active
    JOIN company c ON c.company_id = o.company_id
    WHERE m.company_id = nullif(current_setting('app.company_id', true), '')::uuid
        AND m.id = nullif(current_setting('app.member_id', true), '')::uuid AND p.disabled_at IS NULL
    ORDER BY c.name, c.company_id
$$;
CREATE FUNCTION change_own_password(p_present_hash text, p_password_hash text, p_but uuid, p_now timestamptz)
RETURNS TABLE (company_id uuid, membership_id uuid, name text, ended bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = lodge AS $$
    WITH changed AS (
        UPDATE person p SET password_hash = p_password_hash FROM membership m
        WHERE m.company_id = nullif(current_setting('app.company_id', true), '')::uuid
            AND m.id = nullif(current_setting('app.member_id', true), '')::uuid
            AND p.id = m.person_id AND p.password_hash = p_present_hash
        RETURNING p.id
    )
    SELECT e.* FROM changed c, end_sessions_of(c.id, p_but, p_now) e
$$;
ALTER FUNCTION end_sessions_of(uuid, uuid, timestamptz) OWNER TO lodge_definer;
ALTER FUNCTION use_password_reset(uuid, uuid, text, timestamptz) OWNER TO lodge_definer;
ALTER FUNCTION own_account() OWNER TO lodge_definer;
ALTER FUNCTION change_own_password(text, text, uuid, timestamptz) OWNER TO lodge_definer;
REVOKE ALL ON FUNCTION end_sessions_of(uuid, uuid, timestamptz), use_password_reset(uuid, uuid, text, timestamptz),
    own_account(), change_own_password(text, text, uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION use_password_reset(uuid, uuid, text, timestamptz), own_account(),
    change_own_password(text, text, uuid, timestamptz) TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES, FUNCTIONS)
