"""Files have a time: what is over is emptied, and the row says when."""

from core.db.migrate import sql_migration

ID = "2026-11-22T00:00:00:000074"
VERSION = "1.38.0"
DESCRIPTION = __doc__

EMPTIED = """
ALTER TABLE ticket_attachment ADD COLUMN emptied_at timestamptz;
GRANT UPDATE (emptied_at) ON ticket_attachment TO lodge_app;
CREATE INDEX ticket_attachment_kept ON ticket_attachment (company_id, site_id, uploaded_at) WHERE emptied_at IS NULL;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, EMPTIED)
