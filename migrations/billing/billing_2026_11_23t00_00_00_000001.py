"""Tariffs (BIL-1): fee items of a site, their versions, what they are charged for, and how much of it there is."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-23T00:00:00:000001"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE billing_item (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{{0,39}}$'),
    title text NOT NULL,
    -- what the price is for, a month each: m² of one of the areas, a space, the household itself
    basis text NOT NULL CHECK (basis IN ('built', 'usable', 'charged', 'spaces', 'fixed')),
    cycle text NOT NULL CHECK (cycle IN ('month', 'quarter', 'year', 'anniversary')),
    payer text NOT NULL CHECK (payer IN ('owner', 'occupant')),
    -- days after a period's first day by which it is to be paid
    due_days smallint NOT NULL CHECK (due_days BETWEEN 0 AND 366),
    -- whom the money is for where it is not the company's own (BIL-1: water, electricity, gas)
    collected_for text NOT NULL DEFAULT '',
    ended_on date,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, site_id, code),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);

CREATE TABLE billing_version (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    item_id uuid NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    valid_from date NOT NULL,
    -- yuan a month, exact; or a formula instead, which comes to yuan a month
    price numeric,
    formula text NOT NULL DEFAULT '',
    prorate text NOT NULL CHECK (prorate IN ('calendar', 'thirty', 'whole')),
    rounding_unit text NOT NULL CHECK (rounding_unit IN ('fen', 'jiao', 'yuan')),
    rounding_mode text NOT NULL CHECK (rounding_mode IN ('half_up', 'up', 'down')),
    note text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, item_id, number),
    CHECK ((price IS NULL) = (formula <> '')),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id)
);

CREATE TABLE billing_assignment (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    item_id uuid NOT NULL,
    -- a unit's own row outranks that of its building, and that the site's
    scope text NOT NULL GENERATED ALWAYS AS (CASE
        WHEN unit_id IS NOT NULL THEN 'unit' WHEN building <> '' THEN 'building' ELSE 'site' END) STORED,
    building text NOT NULL DEFAULT '',
    unit_id uuid,
    since date NOT NULL,
    until date,
    -- false: not charged here, although the item is around it
    charged boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    CHECK (unit_id IS NULL OR building = ''),
    CHECK (until >= since),
    UNIQUE NULLS NOT DISTINCT (company_id, item_id, building, unit_id, since),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id)
);
CREATE INDEX billing_assignment_unit ON billing_assignment (company_id, unit_id) WHERE unit_id IS NOT NULL;

CREATE TABLE billing_quantity (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    basis text NOT NULL CHECK (basis IN ('built', 'usable', 'charged', 'spaces')),
    valid_from date NOT NULL,
    value numeric(12, 2) NOT NULL CHECK (value >= 0),
    reason text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, unit_id, basis, valid_from),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id)
);
CREATE INDEX billing_quantity_site ON billing_quantity (company_id, site_id, basis, unit_id, valid_from);
{tenant_table("billing_item", writes=["INSERT", "UPDATE"])}
{tenant_table("billing_version", writes=["INSERT"])}
{tenant_table("billing_assignment")}
{tenant_table("billing_quantity")}
"""


async def forwards():
    return sql_migration(ID, "billing", DESCRIPTION, TABLES)
