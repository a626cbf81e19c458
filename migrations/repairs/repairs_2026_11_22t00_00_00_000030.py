"""Who agreed and what was written can be taken out of records that are otherwise never changed, when a person's data is
erased; amounts cannot."""

from core.sdk import sql_migration

ID = "2026-11-22T00:00:00:000030"
VERSION = "1.38.0"
DESCRIPTION = __doc__

GRANTS = """
GRANT UPDATE (note) ON repairs_line TO lodge_app;
GRANT UPDATE (resident_name, reason) ON repairs_consent TO lodge_app;
GRANT UPDATE (spoke_with, text) ON repairs_sheet_entry TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "repairs", DESCRIPTION, GRANTS)
