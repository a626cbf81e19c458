"""Corrections (BIL-7) of what was billed from wrong facts, and statements that households read by link (BIL-8)."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-23T00:00:00:000034"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE billing_correction (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    -- what was wrong; it goes with the entries of the ledger
    reason text NOT NULL CHECK (reason <> ''),
    -- charges whose days reach this one are looked at: all, those of an item, those of a unit
    since date NOT NULL,
    item_id uuid,
    unit_id uuid,
    -- generated, so that the state cannot contradict what is on record
    status text NOT NULL GENERATED ALWAYS AS (CASE
        WHEN discarded_at IS NOT NULL THEN 'discarded'
        WHEN posted_at IS NOT NULL THEN 'posted'
        WHEN approved_at IS NOT NULL THEN 'approved'
        WHEN asked_at IS NOT NULL THEN 'asked'
        WHEN computed_at IS NOT NULL THEN 'preview'
        ELSE 'computing' END) STORED,
    -- units looked at so far and in all, and the last of them; charges that were computed anew
    done integer NOT NULL DEFAULT 0,
    units integer NOT NULL DEFAULT 0,
    reached uuid,
    looked integer NOT NULL DEFAULT 0,
    lines integer NOT NULL DEFAULT 0,
    -- lines that nothing can be computed for before something else is mended
    unknown integer NOT NULL DEFAULT 0,
    credit_fen bigint NOT NULL DEFAULT 0 CHECK (credit_fen >= 0),
    debit_fen bigint NOT NULL DEFAULT 0 CHECK (debit_fen >= 0),
    -- lines that are settled so far, the last of them, and those passed over because the charge had changed meanwhile
    settled integer NOT NULL DEFAULT 0,
    settled_to uuid,
    passed integer NOT NULL DEFAULT 0,
    moved_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    created_by uuid,
    created_by_name text NOT NULL,
    computed_at timestamptz,
    asked_at timestamptz,
    approved_at timestamptz,
    approved_by uuid,
    approved_by_name text NOT NULL DEFAULT '',
    posted_at timestamptz,
    discarded_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id)
);
CREATE INDEX billing_correction_site ON billing_correction (company_id, site_id, created_at DESC, id DESC);

CREATE TABLE billing_correction_line (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    correction_id uuid NOT NULL,
    -- as postings name it: charges that were issued stay
    charge_id uuid NOT NULL,
    item_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    party_id uuid NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    -- what the charge came to by then, and comes to; nothing is right where facts are missing, which `reason` says
    was_fen bigint NOT NULL CHECK (was_fen >= 0),
    right_fen bigint CHECK (right_fen >= 0),
    difference_fen bigint NOT NULL GENERATED ALWAYS AS (coalesce(right_fen - was_fen, 0)) STORED,
    reason text NOT NULL DEFAULT '' CHECK (reason IN ('', 'missing_price', 'missing_quantity', 'missing_payer',
        'two_payers', 'missing_handover', 'formula', 'changed_formula')),
    -- JSON: what it was computed from, line by line; and days that somebody else owes, from and to
    facts text NOT NULL,
    freed text NOT NULL,
    outcome text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'posted', 'passed')),
    entry_id uuid,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, correction_id, charge_id),
    CHECK ((right_fen IS NULL) = (reason <> '')),
    CHECK (outcome = 'posted' OR entry_id IS NULL),
    FOREIGN KEY (company_id, site_id, correction_id) REFERENCES billing_correction (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id),
    FOREIGN KEY (company_id, party_id) REFERENCES party (company_id, id),
    FOREIGN KEY (company_id, site_id, entry_id) REFERENCES billing_entry (company_id, site_id, id)
);
CREATE INDEX billing_correction_line_of ON billing_correction_line (company_id, correction_id, id);
CREATE INDEX billing_correction_line_charge ON billing_correction_line (company_id, charge_id)
    INCLUDE (difference_fen) WHERE outcome = 'posted';

-- Days of a charge that somebody else owes: a run may charge them again.
CREATE TABLE billing_freed (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    line_id uuid NOT NULL,
    charge_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    PRIMARY KEY (company_id, id),
    CHECK (first_day <= last_day),
    FOREIGN KEY (company_id, site_id, line_id) REFERENCES billing_correction_line (company_id, site_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id)
);
CREATE INDEX billing_freed_unit ON billing_freed (company_id, unit_id);

-- A link to what somebody of a household owes and has paid. What opens it is a code that goes to their telephone.
CREATE TABLE billing_statement (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    party_id uuid NOT NULL,
    sent_at timestamptz NOT NULL,
    sent_by uuid,
    sent_by_name text NOT NULL,
    expires_at timestamptz NOT NULL,
    -- the code that is waited for, under the instance's secret; how many there were, and how many wrong ones were tried
    codes integer NOT NULL DEFAULT 0,
    code_hash bytea,
    code_at timestamptz,
    code_until timestamptz,
    tries integer NOT NULL DEFAULT 0,
    looks integer NOT NULL DEFAULT 0,
    looked_at timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id),
    FOREIGN KEY (company_id, party_id) REFERENCES party (company_id, id)
);
CREATE INDEX billing_statement_unit ON billing_statement (company_id, unit_id, sent_at DESC);
{tenant_table("billing_correction", writes=["INSERT", "UPDATE"])}
{tenant_table("billing_correction_line", writes=["INSERT", "UPDATE"])}
{tenant_table("billing_freed", writes=["INSERT"])}
{tenant_table("billing_statement")}
"""


async def forwards():
    return sql_migration(ID, "billing", DESCRIPTION, TABLES)
