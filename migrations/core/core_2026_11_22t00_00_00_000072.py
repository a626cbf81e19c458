"""Whoever is confined to some buildings of a site sees tickets and households of these alone."""

from core.db.migrate import sql_migration
from core.db.rls import within_areas

ID = "2026-11-22T00:00:00:000072"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# What a unit is of or, where there is none, the building that the place in words begins with. A building is named as
# in the roll, `1`; in words `1幢`, which `12幢` does not begin with.
TABLES = """
ALTER TABLE ticket ADD building text NOT NULL DEFAULT '';
ALTER TABLE ticket NO FORCE ROW LEVEL SECURITY;
ALTER TABLE unit NO FORCE ROW LEVEL SECURITY;
UPDATE ticket t SET building = coalesce(
    (SELECT u.building FROM unit u WHERE u.company_id = t.company_id AND u.id = t.unit_id),
    (SELECT b.building FROM (SELECT DISTINCT u.building FROM unit u
                             WHERE u.company_id = t.company_id AND u.site_id = t.site_id) b
     WHERE t.unit_id IS NULL AND begins_with_building(t.place, b.building)
     ORDER BY length(b.building) DESC LIMIT 1), '');
ALTER TABLE unit FORCE ROW LEVEL SECURITY;
ALTER TABLE ticket FORCE ROW LEVEL SECURITY;
DROP INDEX ticket_taken_in;
CREATE INDEX ticket_taken_in ON ticket (company_id, site_id, created_at, id)
    INCLUDE (category, unit_id, team_id, assignee_id, severity, type, status, answered_at, merged, place, tally,
             concerns_id, building, owner_id);
"""
FUNCTION = """
CREATE FUNCTION begins_with_building(p_place text, p_building text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE WHEN p_building ~ '^[0-9A-Z-]+$'
    THEN starts_with(p_place, p_building || '幢') OR starts_with(p_place, p_building || '栋')
        OR starts_with(p_place, p_building || '号楼')
    ELSE starts_with(p_place, p_building) END;
REVOKE ALL ON FUNCTION begins_with_building(text, text), roles_at(text[], jsonb, uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begins_with_building(text, text), roles_at(text[], jsonb, uuid, text) TO lodge_app;
"""
OWN = "owner_id = {member} OR assignee_id = {member}"
HOUSEHOLD = """EXISTS (SELECT FROM occupancy o JOIN unit u ON u.company_id = o.company_id AND u.id = o.unit_id
    WHERE o.company_id = {table}.company_id AND o.party_id = {table}.%s)"""


async def forwards():
    return sql_migration(
        ID,
        "core",
        DESCRIPTION,
        FUNCTION,
        TABLES,
        within_areas("unit"),
        within_areas("ticket", OWN),
        within_areas(
            "occupancy",
            "EXISTS (SELECT FROM unit u WHERE u.company_id = {table}.company_id AND u.id = {table}.unit_id)",
            building=None,
        ),
        within_areas("party", HOUSEHOLD % "id", building=None),
        within_areas("contact", HOUSEHOLD % "party_id", building=None),
    )
