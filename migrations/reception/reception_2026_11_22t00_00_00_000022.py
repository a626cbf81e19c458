"""Calls that nobody answered and that were called back (REC-2)."""

from core.sdk import sql_migration

ID = "2026-11-22T00:00:00:000022"
VERSION = "1.38.0"
DESCRIPTION = __doc__

COLUMNS = """
ALTER TABLE reception_call ADD COLUMN called_back_at timestamptz;
ALTER TABLE reception_call ADD COLUMN called_back_by_name text NOT NULL DEFAULT '';
-- whether somebody got through later
CREATE INDEX reception_call_number ON reception_call (company_id, site_id, phone, ringing_at)
    WHERE answered_at IS NOT NULL AND phone <> '';
"""


async def forwards():
    return sql_migration(ID, "reception", DESCRIPTION, COLUMNS)
