"""Timers by kind: a ticket waits for its goals, and for whatever else has an instant of its own."""

from core.db.migrate import sql_migration

ID = "2026-11-22T00:00:00:000006"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = """
ALTER TABLE ticket_timer ADD kind text NOT NULL DEFAULT 'goal';
ALTER TABLE ticket_timer ALTER kind DROP DEFAULT;
ALTER TABLE ticket_timer DROP CONSTRAINT ticket_timer_pkey, ADD PRIMARY KEY (company_id, ticket_id, kind);
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
