"""A link that an administrator issued opens no account that another company has come to rely on meanwhile (AU-7)."""

from core.db.migrate import sql_migration

ID = "2026-11-22T00:00:00:000043"
VERSION = "1.38.0"
DESCRIPTION = __doc__

FUNCTIONS = """
CREATE OR REPLACE FUNCTION use_password_reset(p_company uuid, p_id uuid, p_password_hash text, p_now timestamptz)
RETURNS TABLE (company_id uuid, membership_id uuid, name text, ended bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = lodge AS $$
    WITH used AS (
        UPDATE password_reset r SET used_at = p_now FROM membership m
        WHERE r.company_id = p_company AND r.id = p_id AND r.used_at IS NULL AND r.expires_at > p_now
            AND m.company_id = p_company AND m.id = r.membership_id AND m.active
            AND (r.issued_by IS NULL OR NOT EXISTS (
                SELECT FROM membership o WHERE o.person_id = m.person_id AND o.active AND o.company_id <> p_company))
        RETURNING m.person_id
    ), changed AS (
        UPDATE person p SET password_hash = p_password_hash FROM used u
        WHERE p.id = u.person_id AND p.disabled_at IS NULL
        RETURNING p.id
    )
    SELECT e.* FROM changed c, end_sessions_of(c.id, NULL, p_now) e
$$;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, FUNCTIONS)
