"""What people said can be taken out of records that are otherwise never changed, when a person's data is erased."""

from core.sdk import sql_migration

ID = "2026-11-22T00:00:00:000030"
VERSION = "1.38.0"
DESCRIPTION = __doc__

GRANTS = """
GRANT UPDATE (label) ON returnvisits_candidate TO lodge_app;
GRANT UPDATE (text) ON returnvisits_step TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "returnvisits", DESCRIPTION, GRANTS)
