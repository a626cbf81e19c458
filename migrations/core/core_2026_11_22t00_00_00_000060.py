"""What people wrote can be taken out of records that are otherwise never changed, when a person's data is erased."""

from core.db.migrate import sql_migration

ID = "2026-11-22T00:00:00:000060"
VERSION = "1.38.0"
DESCRIPTION = __doc__

GRANTS = """
GRANT UPDATE (text, details) ON ticket_event TO lodge_app;
GRANT UPDATE (name, kind, size, digest, thumbnail, signed_by) ON ticket_attachment TO lodge_app;
GRANT UPDATE (name) ON ticket_tag TO lodge_app;
GRANT UPDATE (reason) ON policy_revision TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, GRANTS)
