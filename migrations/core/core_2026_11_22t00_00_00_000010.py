"""Searching tickets, the orders of their lists, and the filters that people keep."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000010"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# Runs of Latin letters and digits (numbers, rooms) give trigrams; everything else, Chinese above all, gives characters
# and pairs of them, for most Chinese words are two long. Whoever searches needs only the longest. A term is a hash that
# the site is part of, so that one index serves all companies and a search reads nothing of other sites.
TERMS = r"""
CREATE FUNCTION search_terms(site_id uuid, words text, every boolean) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT hashtextextended(gram, uuid_hash_extended(site_id, 0))), '{}') FROM (
        SELECT substr(run[1], i, 3) FROM regexp_matches(words, '[a-z0-9#-]{3,}', 'g') run,
            generate_series(1, length(run[1]) - 2) i
        UNION ALL
        SELECT substr(run[1], i, n)
        FROM regexp_matches(words, '[^\x01-\x7f\xa0-\xbf\u2000-\u206f\u3000-\u303f]+', 'g') run,
            generate_series(CASE WHEN every OR length(run[1]) = 1 THEN 1 ELSE 2 END, 2) n,
            generate_series(1, length(run[1]) - n + 1) i
    ) grams (gram)
$$;
REVOKE ALL ON FUNCTION search_terms(uuid, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_terms(uuid, text, boolean) TO lodge_app, lodge_definer;
"""

# What of a ticket is found, apart from the ticket, whose rows change often: an index of terms is dear to write.
TABLES = f"""
CREATE TABLE ticket_search (
    company_id uuid NOT NULL,
    site_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    -- number, place, reporter and description a line each, in compatibility form (NFKC) and small letters
    text text NOT NULL,
    phone text NOT NULL,
    phone_tail text NOT NULL GENERATED ALWAYS AS (right(phone, 4)) STORED,
    terms bigint[] NOT NULL GENERATED ALWAYS AS (search_terms(site_id, text, true)) STORED,
    PRIMARY KEY (company_id, site_id, ticket_id),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id) ON DELETE CASCADE
);
ALTER TABLE ticket NO FORCE ROW LEVEL SECURITY;
INSERT INTO ticket_search (company_id, site_id, ticket_id, text, phone)
SELECT company_id, site_id, id, lower(normalize(concat_ws(E'\\n', number, place, reporter_name, description), NFKC)),
    regexp_replace(reporter_phone, '[^0-9]', '', 'g')
FROM ticket;
ALTER TABLE ticket FORCE ROW LEVEL SECURITY;
-- without a list of waiting entries: each search would read it, and whoever fills it up would have to empty it
CREATE INDEX ticket_search_terms ON ticket_search USING gin (terms) WITH (fastupdate = off);
CREATE INDEX ticket_search_phone ON ticket_search (company_id, site_id, phone_tail, ticket_id);
CREATE STATISTICS ticket_search_site (dependencies) ON company_id, site_id FROM ticket_search;
{tenant_table("ticket_search", writes=["INSERT", "UPDATE"], definer=["SELECT"])}

CREATE INDEX ticket_severity ON ticket (company_id, site_id,
    (CASE severity WHEN 'critical' THEN 0 WHEN 'urgent' THEN 1 ELSE 2 END), queue_at, id) WHERE status <> 'closed';
CREATE INDEX ticket_updated ON ticket (company_id, site_id, updated_at, id);
"""

# Operators on arrays and LIKE are not leakproof: under row level security their indexes go unused. So this looks with
# the rights of its owner, for the tenant in force and one site of it, and tells ids; who may enter the site is the
# caller's matter, and rows come from `ticket` under its policies. Planned for each query: words differ a thousandfold.
FIND = r"""
CREATE FUNCTION find_tickets(p_site uuid, p_query text, p_before uuid, p_most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = lodge SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_company uuid := nullif(current_setting('app.company_id', true), '')::uuid;
    v_query text := btrim(lower(normalize(p_query, NFKC)), E' \t\n\r');
    v_terms bigint[] := search_terms(p_site, v_query, false);
    v_patterns text[] := ARRAY(SELECT '%' || regexp_replace(word, '([\\%_])', '\\\1', 'g') || '%'
                               FROM regexp_split_to_table(v_query, '\s+') word);
    v_phone text := regexp_replace(regexp_replace(v_query, '[-+ ()]', '', 'g'), '^(00)?86(?=1\d{10}$)', '');
BEGIN
    RETURN QUERY SELECT s.ticket_id FROM ticket_search s
        WHERE s.company_id = v_company AND s.site_id = p_site AND (p_before IS NULL OR s.ticket_id < p_before)
        AND s.terms @> v_terms AND s.text LIKE ALL (v_patterns)
        ORDER BY s.ticket_id DESC LIMIT p_most;
    IF v_phone ~ '^(\d{4}|\d{7,15})$' THEN
        RETURN QUERY SELECT s.ticket_id FROM ticket_search s
            WHERE s.company_id = v_company AND s.site_id = p_site AND (p_before IS NULL OR s.ticket_id < p_before)
            AND s.phone_tail = right(v_phone, 4) AND (length(v_phone) = 4 OR s.phone = v_phone)
            ORDER BY s.ticket_id DESC LIMIT p_most;
    END IF;
END $$;
ALTER FUNCTION find_tickets(uuid, text, uuid, integer) OWNER TO lodge_definer;
REVOKE ALL ON FUNCTION find_tickets(uuid, text, uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_tickets(uuid, text, uuid, integer) TO lodge_app;
"""

FILTERS = f"""
CREATE TABLE ticket_filter (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    member_id uuid NOT NULL,
    name text NOT NULL,
    shared boolean NOT NULL,
    list jsonb NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, site_id, member_id, name),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, member_id) REFERENCES membership (company_id, id)
);
-- The filter with which a person's list of the site opens.
CREATE TABLE ticket_filter_default (
    company_id uuid NOT NULL,
    site_id uuid NOT NULL,
    member_id uuid NOT NULL,
    filter_id uuid NOT NULL,
    PRIMARY KEY (company_id, site_id, member_id),
    FOREIGN KEY (company_id, member_id) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, site_id, filter_id) REFERENCES ticket_filter (company_id, site_id, id) ON DELETE CASCADE
);
CREATE INDEX ticket_filter_default_filter ON ticket_filter_default (company_id, site_id, filter_id);
{tenant_table("ticket_filter")}
{tenant_table("ticket_filter_default")}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TERMS, TABLES, FIND, FILTERS)
