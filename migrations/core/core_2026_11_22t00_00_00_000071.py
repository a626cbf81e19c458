"""Members hold further roles at single sites."""

from core.db.migrate import sql_migration

ID = "2026-11-22T00:00:00:000071"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# By site id: the roles held there besides those held at every site of theirs, and the buildings that all of it is
# confined to ([]: the whole site). Who holds what about a building (NULL: about the site as a whole) is asked of
# roles_at, which reads nothing but its arguments.
TABLES = """
ALTER TABLE membership ADD posts jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(posts) = 'object');
ALTER TABLE invitation ADD posts jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(posts) = 'object');
CREATE FUNCTION roles_at(p_roles text[], p_posts jsonb, p_site uuid, p_building text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE
    WHEN NOT p_posts ? p_site::text THEN p_roles
    WHEN p_posts -> p_site::text -> 'buildings' = '[]'::jsonb
        OR (p_posts -> p_site::text -> 'buildings' ? p_building) IS TRUE
    THEN p_roles || ARRAY(SELECT jsonb_array_elements_text(p_posts -> p_site::text -> 'roles'))
    ELSE '{}'::text[]
END;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
