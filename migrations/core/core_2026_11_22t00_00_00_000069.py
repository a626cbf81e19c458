"""A company can be suspended by the operator of the platform."""

from core.db.migrate import sql_migration

ID = "2026-11-22T00:00:00:000069"
VERSION = "1.38.0"
DESCRIPTION = __doc__

COLUMN = """
ALTER TABLE company ADD suspended_at timestamptz;
GRANT SELECT (suspended_at) ON company TO lodge_operator;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, COLUMN)
