"""Figures: what each ticket adds to them stands in its row and in one index; why a goal was missed."""

from core.db.migrate import sql_migration

ID = "2026-11-22T00:00:00:000014"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# What a goal adds to its ticket's tally: `name:met`, `name:open` or `name:breached:missed_in:cause`. Rounds of a goal
# that began anew (`progress_2`) count as that goal; a cancelled one counts as nothing.
TALLIED = r"""
CREATE FUNCTION tallied(name text, state text, missed_in text, cause text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(name, '_([2-9]|[1-9][0-9]+)$', '') || CASE state
        WHEN 'met' THEN ':met' WHEN 'cancelled' THEN NULL
        WHEN 'breached' THEN ':breached:' || coalesce(missed_in, '') || ':' || coalesce(cause, '')
        ELSE ':open' END
$$;
REVOKE ALL ON FUNCTION tallied(text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tallied(text, text, text, text) TO lodge_app;
"""
TABLES = """
-- One of the site's causes (core.breach_causes), and what was said besides; NULL: nobody has said yet.
ALTER TABLE ticket_goal ADD cause text, ADD cause_note text NOT NULL DEFAULT '';

-- How the ticket's goals stand, an item each, and whether it is a duplicate merged into another ticket.
ALTER TABLE ticket ADD tally text NOT NULL DEFAULT '', ADD merged boolean NOT NULL DEFAULT false;
ALTER TABLE ticket NO FORCE ROW LEVEL SECURITY;
ALTER TABLE ticket_goal NO FORCE ROW LEVEL SECURITY;
ALTER TABLE ticket_relation NO FORCE ROW LEVEL SECURITY;
UPDATE ticket t SET tally = g.tally FROM (
    SELECT company_id, ticket_id, string_agg(tallied(name, state, missed_in, cause), ' ' ORDER BY position) AS tally
    FROM ticket_goal GROUP BY company_id, ticket_id
) g WHERE g.company_id = t.company_id AND g.ticket_id = t.id AND g.tally IS NOT NULL;
UPDATE ticket t SET merged = true FROM ticket_relation r
WHERE r.company_id = t.company_id AND r.from_id = t.id AND r.merged_from IS NOT NULL;
ALTER TABLE ticket FORCE ROW LEVEL SECURITY;
ALTER TABLE ticket_goal FORCE ROW LEVEL SECURITY;
ALTER TABLE ticket_relation FORCE ROW LEVEL SECURITY;

-- Figures and repeated matters read this alone. A long tally repeats few words, so it is compressed well below the
-- size that a row of an index may have.
DROP INDEX ticket_taken_in;
CREATE INDEX ticket_taken_in ON ticket (company_id, site_id, created_at, id)
    INCLUDE (category, unit_id, team_id, assignee_id, severity, type, status, answered_at, merged, place, tally);
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TALLIED, TABLES)
