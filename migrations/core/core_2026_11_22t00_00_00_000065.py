"""Requests are counted by the minute, over all processes, so that one client cannot keep the others waiting."""

from core.db.migrate import sql_migration

ID = "2026-11-22T00:00:00:000065"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# Counts of the present minute are worth nothing after a crash, so they need no log.
TABLES = """
CREATE UNLOGGED TABLE request_count (
    key bytea NOT NULL,
    minute timestamptz NOT NULL,
    requests integer NOT NULL CHECK (requests >= 0),
    PRIMARY KEY (key, minute)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON request_count TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
