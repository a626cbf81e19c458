"""Memberships have a version; a company's administrators see by which name its members sign in (AZ-4)."""

from core.db.migrate import sql_migration

ID = "2026-11-22T00:00:00:000040"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = "ALTER TABLE membership ADD version integer NOT NULL DEFAULT 1"

FUNCTIONS = """
-- How a member of the tenant in force signs in, and whether the same person works for another company too: what one
-- company's administrators do to an account must not open another's.
CREATE FUNCTION account_of_member(p_membership uuid)
RETURNS TABLE (login text, elsewhere boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lodge AS $$
    SELECT p.login, EXISTS (SELECT FROM membership o WHERE o.person_id = p.id AND o.active
                                                       AND o.company_id <> m.company_id)
    FROM membership m JOIN person p ON p.id = m.person_id
    WHERE m.company_id = nullif(current_setting('app.company_id', true), '')::uuid AND m.id = p_membership
$$;
ALTER FUNCTION account_of_member(uuid) OWNER TO lodge_definer;
REVOKE ALL ON FUNCTION account_of_member(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION account_of_member(uuid) TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES, FUNCTIONS)
