"""With a call: what the caller's identity was confirmed by (REC-5), what it was about and what was answered (REC-1)."""

from core.sdk import sql_migration

ID = "2026-11-22T00:00:00:000021"
VERSION = "1.38.0"
DESCRIPTION = __doc__

COLUMNS = """
ALTER TABLE reception_call ADD COLUMN confirmed text[] NOT NULL DEFAULT '{}'
    CHECK (confirmed <@ ARRAY['name', 'address', 'phone']);
ALTER TABLE reception_call ADD COLUMN confirmed_at timestamptz;
ALTER TABLE reception_call ADD COLUMN confirmed_by_name text NOT NULL DEFAULT '';
ALTER TABLE reception_call ADD COLUMN matter text NOT NULL DEFAULT '';
ALTER TABLE reception_call ADD COLUMN answer text NOT NULL DEFAULT '';
ALTER TABLE reception_call ADD CHECK ((confirmed = '{}') = (confirmed_at IS NULL));
"""


async def forwards():
    return sql_migration(ID, "reception", DESCRIPTION, COLUMNS)
