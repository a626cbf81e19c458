"""Whoever is confined to some buildings of a site sees tickets and households of these alone."""

from core.db.migrate import sql_migration
from core.db.rls import READER, within_areas, within_areas_by

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
HOUSEHOLDS = """
CREATE FUNCTION unit_in_areas(p_company uuid, p_unit uuid) RETURNS boolean
LANGUAGE sql STABLE RETURN EXISTS (SELECT FROM unit u WHERE u.company_id = p_company AND u.id = p_unit);
CREATE FUNCTION party_in_areas(p_company uuid, p_party uuid) RETURNS boolean
LANGUAGE sql STABLE RETURN EXISTS (
    SELECT FROM occupancy o JOIN unit u ON u.company_id = o.company_id AND u.id = o.unit_id
    WHERE o.company_id = p_company AND o.party_id = p_party);
REVOKE ALL ON FUNCTION unit_in_areas(uuid, uuid), party_in_areas(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION unit_in_areas(uuid, uuid), party_in_areas(uuid, uuid) TO lodge_app;
"""


async def forwards():
    return sql_migration(
        ID,
        "core",
        DESCRIPTION,
        FUNCTION,
        TABLES,
        HOUSEHOLDS,
        within_areas("unit"),
        within_areas("ticket", f"{READER} IN (owner_id, assignee_id)"),
        within_areas_by("occupancy", "unit_in_areas(company_id, unit_id)"),
        within_areas_by("party", "party_in_areas(company_id, id)"),
        within_areas_by("contact", "party_in_areas(company_id, party_id)"),
    )
