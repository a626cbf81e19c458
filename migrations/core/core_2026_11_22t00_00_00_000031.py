"""Notifications about what is no ticket: they lead to a page of the module that tells them (REC-6)."""

from core.db.migrate import sql_migration

ID = "2026-11-22T00:00:00:000031"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = """
ALTER TABLE notification ALTER COLUMN ticket_id DROP NOT NULL;
ALTER TABLE notification ADD CHECK (ticket_id IS NOT NULL OR params ? 'page');
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
