"""When calls, messages and handed-over sheets were emptied of whom they were about."""

from core.sdk import sql_migration

ID = "2026-11-22T00:00:00:000040"
VERSION = "1.38.0"
DESCRIPTION = __doc__

COLUMNS = """
ALTER TABLE reception_call ADD COLUMN erased_at timestamptz;
ALTER TABLE reception_message ADD COLUMN erased_at timestamptz;
ALTER TABLE reception_handover ADD COLUMN erased_at timestamptz;
CREATE INDEX reception_call_kept ON reception_call (company_id, site_id, ringing_at) WHERE erased_at IS NULL;
CREATE INDEX reception_message_kept ON reception_message (company_id, site_id, taken_at) WHERE erased_at IS NULL;
CREATE INDEX reception_handover_kept ON reception_handover (company_id, site_id, handed_at) WHERE erased_at IS NULL;
"""


async def forwards():
    return sql_migration(ID, "reception", DESCRIPTION, COLUMNS)
