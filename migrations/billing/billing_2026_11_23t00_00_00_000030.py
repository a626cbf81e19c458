"""Meters and readings, shared costs, something single, discounts (BIL-1)."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-23T00:00:00:000030"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- What a meter has counted, a cost that households share, something single: besides what is priced by the month.
ALTER TABLE billing_item DROP CONSTRAINT billing_item_basis_check, ADD CONSTRAINT billing_item_basis_check
    CHECK (basis IN ('built', 'usable', 'charged', 'spaces', 'fixed', 'meter', 'shared', 'once'));
-- Of a meter: yuan for each unit by tiers, as JSON with exact decimals.
ALTER TABLE billing_version ADD tiers text NOT NULL DEFAULT '', DROP CONSTRAINT billing_version_check,
    ADD CONSTRAINT billing_version_check
    CHECK ((price IS NOT NULL)::int + (formula <> '')::int + (tiers <> '')::int = 1);
ALTER TABLE billing_quantity DROP CONSTRAINT billing_quantity_basis_check, ADD CONSTRAINT billing_quantity_basis_check
    CHECK (basis IN ('built', 'usable', 'charged', 'spaces', 'coefficient'));
-- Without a run: charged by itself, once. What somebody else was found to owe may be theirs again (BIL-7), and then
-- begins on a day that it began on before, in another run.
ALTER TABLE billing_charge ALTER run_id DROP NOT NULL,
    DROP CONSTRAINT billing_charge_company_id_item_id_unit_id_party_id_first_da_key,
    ADD CONSTRAINT billing_charge_once UNIQUE (company_id, item_id, unit_id, party_id, first_day, run_id);
CREATE INDEX billing_charge_single ON billing_charge (company_id, site_id, id) WHERE run_id IS NULL;
ALTER TABLE billing_skip DROP CONSTRAINT billing_skip_reason_check, ADD CONSTRAINT billing_skip_reason_check
    CHECK (reason IN ('missing_price', 'missing_quantity', 'missing_payer', 'two_payers', 'missing_handover', 'formula',
        'changed_formula', 'missing_reading', 'implausible'));

CREATE TABLE billing_meter (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    item_id uuid NOT NULL,
    -- null: a meter of what households share
    unit_id uuid,
    number text NOT NULL DEFAULT '',
    label text NOT NULL DEFAULT '',
    -- before the point, where it turns over
    digits smallint CHECK (digits BETWEEN 1 AND 12),
    multiplier numeric(9, 3) NOT NULL CHECK (multiplier > 0),
    installed_on date NOT NULL,
    removed_on date,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, unit_id, item_id),
    CHECK (removed_on >= installed_on),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id)
);
CREATE INDEX billing_meter_site ON billing_meter (company_id, site_id, item_id);

CREATE TABLE billing_reading (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    meter_id uuid NOT NULL,
    day date NOT NULL,
    -- of those of one day the last counts; a withdrawn one says that there is none
    number integer NOT NULL CHECK (number > 0),
    kind text NOT NULL CHECK (kind IN ('reading', 'replacement', 'withdrawn')),
    -- of a replacement: what the new meter began with, after the old one's last
    value numeric(14, 3) CHECK (value >= 0),
    old_final numeric(14, 3) CHECK (old_final >= 0),
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, meter_id, day, number),
    CHECK ((value IS NULL) = (kind = 'withdrawn')),
    CHECK ((old_final IS NOT NULL) = (kind = 'replacement')),
    FOREIGN KEY (company_id, site_id, meter_id) REFERENCES billing_meter (company_id, site_id, id)
);

CREATE TABLE billing_cost (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    item_id uuid NOT NULL,
    month date NOT NULL CHECK (month = date_trunc('month', month)),
    -- '' for all units where the item is charged
    building text NOT NULL DEFAULT '',
    method text NOT NULL CHECK (method IN ('built', 'usable', 'charged', 'coefficient', 'equal')),
    total_fen bigint NOT NULL CHECK (total_fen > 0),
    bill text NOT NULL DEFAULT '',
    -- where a meter of the site has counted it: so much, at so much for each
    meter_id uuid,
    used numeric(14, 3),
    price numeric(15, 6),
    units integer NOT NULL,
    weights numeric NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, item_id, month, building),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, meter_id) REFERENCES billing_meter (company_id, site_id, id)
);
CREATE INDEX billing_cost_site ON billing_cost (company_id, site_id, month DESC);

CREATE TABLE billing_share (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    cost_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    weight numeric NOT NULL CHECK (weight >= 0),
    -- 1 where a fen that was left over went there
    over_fen smallint NOT NULL CHECK (over_fen BETWEEN 0 AND 1),
    amount_fen bigint NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, cost_id, unit_id),
    FOREIGN KEY (company_id, site_id, cost_id) REFERENCES billing_cost (company_id, site_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id)
);
CREATE INDEX billing_share_unit ON billing_share (company_id, unit_id, cost_id);

-- What a second person has agreed to: on its days only so much of an item's price is owed.
CREATE TABLE billing_discount (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    item_id uuid NOT NULL,
    -- null: at the whole site
    unit_id uuid,
    kind text NOT NULL CHECK (kind IN ('vacancy', 'other')),
    since date NOT NULL,
    until date,
    factor numeric(5, 4) NOT NULL CHECK (factor >= 0 AND factor < 1),
    reason text NOT NULL,
    asked_by_name text NOT NULL,
    asked_by uuid,
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    CHECK (until >= since - 1),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id)
);
CREATE INDEX billing_discount_site ON billing_discount (company_id, site_id, id DESC);
CREATE INDEX billing_discount_unit ON billing_discount (company_id, unit_id, item_id);
{tenant_table("billing_discount", writes=["INSERT", "UPDATE"])}
{tenant_table("billing_cost", writes=["INSERT", "DELETE"])}
{tenant_table("billing_share", writes=["INSERT", "DELETE"])}
{tenant_table("billing_meter", writes=["INSERT", "UPDATE"])}
{tenant_table("billing_reading", writes=["INSERT"])}
"""


async def forwards():
    return sql_migration(ID, "billing", DESCRIPTION, TABLES)
