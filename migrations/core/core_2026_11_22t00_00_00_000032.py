"""Signatures are files of a ticket that say whose they are, and stay (REP-3, VIS-4)."""

from core.db.migrate import sql_migration

ID = "2026-11-22T00:00:00:000032"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = "ALTER TABLE ticket_attachment ADD signed_by text CHECK (signed_by <> '')"


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
