"""Rents by contract, with prices that rise (BIL-1)."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-23T00:00:00:000035"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
ALTER TABLE billing_item DROP CONSTRAINT billing_item_basis_check, ADD CONSTRAINT billing_item_basis_check
    CHECK (basis IN ('built', 'usable', 'charged', 'spaces', 'fixed', 'meter', 'shared', 'once', 'rent'));
-- None of them of a rent: its price is a contract's, a version says how days count and how the sum is rounded.
ALTER TABLE billing_version DROP CONSTRAINT billing_version_check, ADD CONSTRAINT billing_version_check
    CHECK ((price IS NOT NULL)::int + (formula <> '')::int + (tiers <> '')::int <= 1);

CREATE TABLE billing_rent (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    item_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    -- the tenant, who pays
    party_id uuid NOT NULL,
    number text NOT NULL CHECK (number <> ''),
    first_day date NOT NULL,
    last_day date NOT NULL,
    -- where it ended early; the day before the first: as if it had never been
    ended_on date,
    until date NOT NULL GENERATED ALWAYS AS (coalesce(ended_on, last_day)) STORED,
    -- what the price is for: a month of the whole, or a month of each m² of that area
    per text NOT NULL CHECK (per IN ('month', 'built', 'usable', 'charged')),
    price numeric NOT NULL CHECK (price >= 0),
    -- every so many months it rises by a part of itself, or by yuan; each new price is rounded, or is not
    rises_every smallint CHECK (rises_every BETWEEN 1 AND 240),
    rises_how text CHECK (rises_how IN ('rate', 'amount')),
    rises_by numeric CHECK (rises_by > 0),
    rises_unit text CHECK (rises_unit IN ('fen', 'jiao', 'yuan')),
    rises_mode text CHECK (rises_mode IN ('half_up', 'up', 'down')),
    note text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    CHECK (last_day >= first_day),
    CHECK (ended_on BETWEEN first_day - 1 AND last_day - 1),
    CHECK (num_nulls(rises_every, rises_how, rises_by) IN (0, 3)),
    CHECK (num_nulls(rises_unit, rises_mode) IN (0, 2)),
    -- no day of a unit has two contracts for one item
    CONSTRAINT billing_rent_once EXCLUDE USING gist (company_id WITH =, item_id WITH =, unit_id WITH =,
        daterange(first_day, coalesce(ended_on, last_day) + 1) WITH &&),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, party_id) REFERENCES party (company_id, site_id, id)
);
CREATE INDEX billing_rent_until ON billing_rent (company_id, site_id, until, id);
CREATE INDEX billing_rent_unit ON billing_rent (company_id, unit_id, item_id, until);
{tenant_table("billing_rent", writes=["INSERT"])}
-- What bills were made of is not changed.
GRANT UPDATE (number, ended_on, note, version) ON billing_rent TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "billing", DESCRIPTION, TABLES)
