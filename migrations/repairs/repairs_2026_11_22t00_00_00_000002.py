"""Visits of technicians (REP-2): their trades, and when each comes to which order. Nobody is in two places at once."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-22T00:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE repairs_trade (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    trade text NOT NULL,
    -- 1 learns it, 2 has learnt it, 3 is a master of it
    level smallint NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, membership_id, trade),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, membership_id) REFERENCES membership (company_id, id),
    CHECK (level BETWEEN 1 AND 3)
);
CREATE INDEX repairs_trade_member ON repairs_trade (company_id, membership_id);

CREATE TABLE repairs_visit (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    technician_id uuid NOT NULL,
    technician_name text NOT NULL,
    trade text NOT NULL DEFAULT '',
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    booked_at timestamptz NOT NULL,
    booked_by_name text NOT NULL DEFAULT '',
    arrived_at timestamptz,
    -- moved to another time, or not needed any more
    cancelled_at timestamptz,
    cancelled_by_name text NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    moved_to uuid,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket (company_id, id),
    FOREIGN KEY (company_id, technician_id) REFERENCES membership (company_id, id),
    CHECK (ends_at > starts_at),
    EXCLUDE USING gist (company_id WITH =, technician_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
        WHERE (cancelled_at IS NULL)
);
-- one visit of an order is agreed at a time
CREATE UNIQUE INDEX repairs_visit_agreed ON repairs_visit (company_id, ticket_id)
    WHERE cancelled_at IS NULL AND arrived_at IS NULL;
CREATE INDEX repairs_visit_ticket ON repairs_visit (company_id, ticket_id);
CREATE INDEX repairs_visit_day ON repairs_visit (company_id, site_id, starts_at);
CREATE INDEX repairs_visit_technician ON repairs_visit (company_id, technician_id, starts_at);
{tenant_table("repairs_trade")}
{tenant_table("repairs_visit", writes=["INSERT", "UPDATE"])}
"""


async def forwards():
    return sql_migration(ID, "repairs", DESCRIPTION, TABLES)
