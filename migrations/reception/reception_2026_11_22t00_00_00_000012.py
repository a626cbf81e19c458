"""Shifts handed over at the front desk: what was open then, who handed it over and who took it."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-22T00:00:00:000012"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE reception_handover (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    handed_at timestamptz NOT NULL,
    handed_by uuid,
    handed_by_name text NOT NULL,
    keys text NOT NULL DEFAULT '',
    remarks text NOT NULL DEFAULT '',
    -- what was open when it was handed over; never changed
    sheet jsonb NOT NULL,
    accepted_at timestamptz,
    accepted_by uuid,
    accepted_by_name text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    CHECK ((accepted_at IS NULL) = (accepted_by IS NULL)),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, handed_by) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, accepted_by) REFERENCES membership (company_id, id)
);
CREATE INDEX reception_handover_latest ON reception_handover (company_id, site_id, handed_at DESC);
CREATE INDEX reception_handover_by ON reception_handover (company_id, handed_by) WHERE handed_by IS NOT NULL;
CREATE INDEX reception_handover_to ON reception_handover (company_id, accepted_by) WHERE accepted_by IS NOT NULL;
{tenant_table("reception_handover", writes=["INSERT", "UPDATE"])}
"""


async def forwards():
    return sql_migration(ID, "reception", DESCRIPTION, TABLES)
