"""A complaint is not seen by the colleague whom it concerns (CMP-6)."""

from core.db.migrate import sql_migration
from core.db.rls import hidden_from_concerned

ID = "2026-11-22T00:00:00:000030"
VERSION = "1.38.0"
DESCRIPTION = __doc__

HIDDEN = """
-- Few tickets concern a colleague: those of a site are counted apart.
CREATE INDEX ticket_about ON ticket (company_id, site_id, concerns_id) WHERE concerns_id IS NOT NULL;
-- Read alone by figures and repeated matters, so it says too whom a row is hidden from.
DROP INDEX ticket_taken_in;
CREATE INDEX ticket_taken_in ON ticket (company_id, site_id, created_at, id)
    INCLUDE (category, unit_id, team_id, assignee_id, severity, type, status, answered_at, merged, place, tally,
             concerns_id);

-- What is left out of counts and of what a search finds: ids and states of a site's tickets that concern that member,
-- or any for NULL. Looks past what is hidden from the reader, at no more than these columns.
CREATE POLICY lodge_definer_rows ON ticket AS PERMISSIVE TO lodge_definer USING (true) WITH CHECK (true);
GRANT SELECT (company_id, site_id, id, number, status, concerns_id) ON ticket TO lodge_definer;
CREATE FUNCTION tickets_about(p_site uuid, p_member uuid)
    RETURNS TABLE (ticket_id uuid, number text, status text, concerns_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lodge AS $$
    SELECT t.id, t.number, t.status, t.concerns_id FROM ticket t
    WHERE t.company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid) AND t.site_id = p_site
    AND t.concerns_id IS NOT NULL AND (p_member IS NULL OR t.concerns_id = p_member)
$$;
ALTER FUNCTION tickets_about(uuid, uuid) OWNER TO lodge_definer;
REVOKE ALL ON FUNCTION tickets_about(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tickets_about(uuid, uuid) TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, hidden_from_concerned("ticket"), HIDDEN)
