"""What people said can be taken out of steps that are otherwise never changed, when a person's data is erased."""

from core.sdk import sql_migration

ID = "2026-11-22T00:00:00:000030"
VERSION = "1.38.0"
DESCRIPTION = __doc__

GRANTS = """
GRANT UPDATE (heard, text) ON complaints_step TO lodge_app;
GRANT UPDATE (remark) ON complaints_month TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "complaints", DESCRIPTION, GRANTS)
