"""Runs (BIL-2): what a period's items come to for whom, looked at before it is sent."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-23T00:00:00:000020"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE billing_run (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    title text NOT NULL,
    -- the period that is billed has its first day in this month
    month date NOT NULL CHECK (month = date_trunc('month', month)),
    item_ids uuid[] NOT NULL CHECK (cardinality(item_ids) > 0),
    -- generated, so that the state cannot contradict what is on record
    status text NOT NULL GENERATED ALWAYS AS (CASE
        WHEN discarded_at IS NOT NULL THEN 'discarded'
        WHEN issued_at IS NOT NULL THEN 'issued'
        WHEN issuing_at IS NOT NULL THEN 'issuing'
        WHEN approved_at IS NOT NULL THEN 'approved'
        WHEN computed_at IS NOT NULL THEN 'preview'
        ELSE 'computing' END) STORED,
    -- units looked at so far and in all, and the last of them
    done integer NOT NULL DEFAULT 0,
    units integer NOT NULL DEFAULT 0,
    reached uuid,
    charges integer NOT NULL DEFAULT 0,
    total_fen bigint NOT NULL DEFAULT 0,
    -- what each item comes to and came to before, as JSON; and lines that are posted so far, and the last of them
    figures text NOT NULL DEFAULT '',
    posted integer NOT NULL DEFAULT 0,
    posted_to uuid,
    moved_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    created_by uuid,
    created_by_name text NOT NULL,
    computed_at timestamptz,
    approved_at timestamptz,
    approved_by uuid,
    approved_by_name text NOT NULL DEFAULT '',
    issuing_at timestamptz,
    issued_at timestamptz,
    discarded_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);
CREATE INDEX billing_run_site ON billing_run (company_id, site_id, created_at DESC);

CREATE TABLE billing_charge (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    run_id uuid NOT NULL,
    item_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    party_id uuid NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    due_on date NOT NULL,
    amount_fen bigint NOT NULL,
    -- what it was computed from and came to, by which definition: computed anew, it comes to the same
    definition smallint NOT NULL,
    facts text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, item_id, unit_id, party_id, first_day),
    CHECK (first_day <= last_day),
    FOREIGN KEY (company_id, site_id, run_id) REFERENCES billing_run (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id),
    FOREIGN KEY (company_id, party_id) REFERENCES party (company_id, id)
);
CREATE INDEX billing_charge_run ON billing_charge (company_id, run_id, id);
CREATE INDEX billing_charge_unit ON billing_charge (company_id, unit_id, first_day);

CREATE TABLE billing_skip (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    run_id uuid NOT NULL,
    item_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    reason text NOT NULL CHECK (reason IN ('missing_price', 'missing_quantity', 'missing_payer', 'two_payers',
        'missing_handover', 'formula', 'changed_formula')),
    -- the days that are not charged lie between these
    first_day date NOT NULL,
    last_day date NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, run_id, item_id, unit_id, reason),
    FOREIGN KEY (company_id, site_id, run_id) REFERENCES billing_run (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id)
);

CREATE TABLE billing_difference (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    run_id uuid NOT NULL,
    item_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    -- of the period before
    last_fen bigint NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, run_id, item_id, unit_id),
    FOREIGN KEY (company_id, site_id, run_id) REFERENCES billing_run (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id)
);
{tenant_table("billing_run", writes=["INSERT", "UPDATE"])}
{tenant_table("billing_charge", writes=["INSERT", "DELETE"])}
{tenant_table("billing_skip", writes=["INSERT", "DELETE"])}
{tenant_table("billing_difference", writes=["INSERT", "DELETE"])}
"""


async def forwards():
    return sql_migration(ID, "billing", DESCRIPTION, TABLES)
