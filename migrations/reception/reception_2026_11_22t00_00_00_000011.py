"""Messages taken for colleagues who are away (REC-6)."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-22T00:00:00:000011"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE reception_message (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    for_id uuid NOT NULL,
    for_name text NOT NULL,
    caller_name text NOT NULL,
    phone text NOT NULL DEFAULT '',
    place text NOT NULL DEFAULT '',
    matter text NOT NULL,
    call_back_by timestamptz,
    taken_by uuid,
    taken_by_name text NOT NULL,
    taken_at timestamptz NOT NULL,
    missed_at timestamptz,
    done_at timestamptz,
    done_by_name text NOT NULL DEFAULT '',
    outcome text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, for_id) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, taken_by) REFERENCES membership (company_id, id)
);
CREATE INDEX reception_message_open ON reception_message (company_id, site_id, call_back_by) WHERE done_at IS NULL;
CREATE INDEX reception_message_done ON reception_message (company_id, site_id, done_at DESC) WHERE done_at IS NOT NULL;
CREATE INDEX reception_message_for ON reception_message (company_id, for_id);
CREATE INDEX reception_message_by ON reception_message (company_id, taken_by) WHERE taken_by IS NOT NULL;
{tenant_table("reception_message", writes=["INSERT", "UPDATE"])}
"""


async def forwards():
    return sql_migration(ID, "reception", DESCRIPTION, TABLES)
