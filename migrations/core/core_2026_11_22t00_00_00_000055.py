"""The chain of a company's audit log (OB-1): links, what waits for one, and how many entries were written."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000055"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE audit_link (
    company_id uuid NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 1),
    entry_id uuid NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (company_id, seq),
    UNIQUE (company_id, entry_id),
    FOREIGN KEY (company_id, entry_id) REFERENCES audit_entry (company_id, id)
);
-- A queue of ids: written with the entry, so that who links does not have to look for what has no link.
CREATE TABLE audit_unlinked (
    company_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    PRIMARY KEY (company_id, entry_id)
);
-- How many entries of a day (UTC) were written; several rows a day, so that few who write at once meet in one.
CREATE TABLE audit_tally (
    company_id uuid NOT NULL,
    day date NOT NULL,
    slot smallint NOT NULL,
    entries bigint NOT NULL CHECK (entries >= 1),
    PRIMARY KEY (company_id, day, slot)
) WITH (fillfactor = 50);
-- What came of computing everything again.
CREATE TABLE audit_check (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    linked bigint NOT NULL,
    fault text CHECK (fault IN ('altered', 'deleted', 'inserted', 'reordered', 'rewritten', 'cut', 'unlinked')),
    seq bigint,
    day date,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX audit_entry_at ON audit_entry (company_id, at);

ALTER TABLE audit_entry NO FORCE ROW LEVEL SECURITY;
INSERT INTO audit_unlinked (company_id, entry_id) SELECT company_id, id FROM audit_entry;
INSERT INTO audit_tally (company_id, day, slot, entries)
SELECT company_id, (at AT TIME ZONE 'UTC')::date, 0, count(*) FROM audit_entry GROUP BY 1, 2;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;

{tenant_table("audit_link", writes=["INSERT"])}
{tenant_table("audit_unlinked", writes=["INSERT", "DELETE"], dispatch=["SELECT"])}
{tenant_table("audit_tally", writes=["INSERT", "UPDATE"])}
{tenant_table("audit_check", writes=["INSERT"])}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
