"""A colleague who has left can be erased: the membership stays, for records to point to, and tells of nobody (PI-5)."""

from core.db.migrate import sql_migration

ID = "2026-11-22T00:00:00:000073"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# The account is a person's own: it goes with the last membership that anybody could sign in to.
ERASED = """
ALTER TABLE membership ADD COLUMN erased_at timestamptz,
    ADD CONSTRAINT membership_erased_is_off CHECK (erased_at IS NULL OR NOT active);
GRANT UPDATE (login, disabled_at) ON person TO lodge_definer;
CREATE FUNCTION forget_account(p_membership uuid, p_now timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = lodge AS $$
    UPDATE person p SET login = '***' || p.id, password_hash = '', disabled_at = p_now FROM membership m
    WHERE m.company_id = nullif(current_setting('app.company_id', true), '')::uuid AND m.id = p_membership
        AND m.erased_at IS NOT NULL AND p.id = m.person_id
        AND NOT EXISTS (SELECT FROM membership o WHERE o.person_id = p.id AND o.erased_at IS NULL)
$$;
ALTER FUNCTION forget_account(uuid, timestamptz) OWNER TO lodge_definer;
REVOKE ALL ON FUNCTION forget_account(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_account(uuid, timestamptz) TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, ERASED)
