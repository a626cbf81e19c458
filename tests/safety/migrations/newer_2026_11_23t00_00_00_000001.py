"""What a next version may need: a column that has a default, an index, and a table of a tenant."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-23T00:00:00:000001"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
ALTER TABLE ticket ADD COLUMN newer integer NOT NULL DEFAULT 0;
ALTER TABLE membership ADD COLUMN newer text;
CREATE INDEX ticket_newer ON ticket (company_id, newer);
CREATE TABLE newer (company_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (company_id, id));
{tenant_table("newer")}
"""


async def forwards():
    return sql_migration(ID, "newer", DESCRIPTION, TABLES)
