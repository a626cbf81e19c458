"""Cash closing (BIL-4): shifts and what was counted in them, days and weeks that are closed, lines of bank files."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-23T00:00:00:000032"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- Who took money, and when: charges are left out, which a run posts by the thousand.
CREATE INDEX billing_entry_by ON billing_entry (company_id, site_id, by_id, at) WHERE kind <> 'charge';

CREATE TABLE billing_shift (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    cashier_id uuid NOT NULL,
    cashier_name text NOT NULL,
    -- the day that it belongs to: that of its opening, or the one after a day that is closed already
    day date NOT NULL,
    float_fen bigint NOT NULL CHECK (float_fen >= 0),
    opened_at timestamptz NOT NULL,
    -- what the cashier took since then, and no shift has counted, is this one's
    counts_from timestamptz NOT NULL,
    closed_at timestamptz,
    status text NOT NULL GENERATED ALWAYS AS (CASE WHEN closed_at IS NULL THEN 'open' ELSE 'closed' END) STORED,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);
CREATE UNIQUE INDEX billing_shift_open ON billing_shift (company_id, site_id, cashier_id) WHERE closed_at IS NULL;
CREATE INDEX billing_shift_opened ON billing_shift (company_id, site_id, opened_at DESC, id DESC);
CREATE INDEX billing_shift_day ON billing_shift (company_id, site_id, day);

-- That a shift was closed, by whom, on what count: evidence, never changed.
CREATE TABLE billing_shift_closing (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    shift_id uuid NOT NULL,
    -- notes and coins as they were counted, as JSON
    pieces text NOT NULL,
    reason text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, shift_id),
    FOREIGN KEY (company_id, site_id, shift_id) REFERENCES billing_shift (company_id, site_id, id)
);
CREATE TABLE billing_shift_count (
    company_id uuid NOT NULL,
    shift_id uuid NOT NULL,
    means text NOT NULL CHECK (means IN ('cash', 'card', 'transfer', 'qr')),
    site_id uuid NOT NULL,
    entries integer NOT NULL,
    ledger_fen bigint NOT NULL,
    -- what should be there: of cash, the float too
    expected_fen bigint NOT NULL,
    slips integer NOT NULL,
    counted_fen bigint NOT NULL,
    difference_fen bigint NOT NULL GENERATED ALWAYS AS (counted_fen - expected_fen) STORED,
    PRIMARY KEY (company_id, shift_id, means),
    FOREIGN KEY (company_id, site_id, shift_id) REFERENCES billing_shift (company_id, site_id, id)
);
-- Which entries a shift has counted: each counts once.
CREATE TABLE billing_shift_entry (
    company_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    site_id uuid NOT NULL,
    shift_id uuid NOT NULL,
    PRIMARY KEY (company_id, entry_id),
    FOREIGN KEY (company_id, site_id, entry_id) REFERENCES billing_entry (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, shift_id) REFERENCES billing_shift (company_id, site_id, id)
);
CREATE INDEX billing_shift_entry_shift ON billing_shift_entry (company_id, shift_id);

CREATE TABLE billing_handover (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    shift_id uuid NOT NULL,
    goes_to text NOT NULL CHECK (goes_to IN ('finance', 'bank')),
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    -- of the deposit slip
    slip_no text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    CHECK (goes_to <> 'bank' OR slip_no <> ''),
    FOREIGN KEY (company_id, site_id, shift_id) REFERENCES billing_shift (company_id, site_id, id)
);
CREATE INDEX billing_handover_shift ON billing_handover (company_id, shift_id);

CREATE TABLE billing_closing (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('day', 'week')),
    first_day date NOT NULL,
    last_day date NOT NULL,
    entries integer NOT NULL,
    ledger_fen bigint NOT NULL,
    difference_fen bigint NOT NULL,
    anomalies integer NOT NULL,
    -- sums by means and item, and what was out of the ordinary, as JSON
    figures text NOT NULL,
    found text NOT NULL,
    note text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, site_id, kind, first_day),
    CHECK (first_day <= last_day),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);
-- Which entries a day's closing has covered: one that comes later is covered by the next.
CREATE TABLE billing_closing_entry (
    company_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    site_id uuid NOT NULL,
    closing_id uuid NOT NULL,
    PRIMARY KEY (company_id, entry_id),
    FOREIGN KEY (company_id, site_id, entry_id) REFERENCES billing_entry (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, closing_id) REFERENCES billing_closing (company_id, site_id, id)
);
CREATE INDEX billing_closing_entry_closing ON billing_closing_entry (company_id, closing_id);

CREATE TABLE billing_bank_line (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    account text NOT NULL,
    serial text NOT NULL,
    booked_on date NOT NULL,
    -- above nought what came, below what went
    amount_fen bigint NOT NULL CHECK (amount_fen <> 0),
    payer text NOT NULL DEFAULT '',
    remark text NOT NULL DEFAULT '',
    -- the entry of the ledger that it is, or why it is none
    entry_id uuid,
    note text NOT NULL DEFAULT '',
    settled_at timestamptz,
    settled_by uuid,
    settled_by_name text NOT NULL DEFAULT '',
    status text NOT NULL GENERATED ALWAYS AS (CASE
        WHEN settled_at IS NULL THEN 'open' WHEN entry_id IS NULL THEN 'set_aside' ELSE 'reconciled' END) STORED,
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, account, serial),
    UNIQUE (company_id, entry_id),
    CHECK (entry_id IS NULL OR settled_at IS NOT NULL),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, site_id, entry_id) REFERENCES billing_entry (company_id, site_id, id)
);
CREATE INDEX billing_bank_line_day ON billing_bank_line (company_id, site_id, booked_on, id);
CREATE INDEX billing_bank_line_open ON billing_bank_line (company_id, site_id, booked_on, id) WHERE settled_at IS NULL;

CREATE TABLE billing_reconciliation (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    month date NOT NULL CHECK (month = date_trunc('month', month)),
    bank_fen bigint NOT NULL,
    ledger_fen bigint NOT NULL,
    difference_fen bigint NOT NULL GENERATED ALWAYS AS (bank_fen - ledger_fen) STORED,
    open_lines integer NOT NULL,
    open_entries integer NOT NULL,
    note text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, month),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);
{tenant_table("billing_shift", writes=["INSERT"])}
GRANT UPDATE (closed_at, version) ON billing_shift TO lodge_app;
{tenant_table("billing_shift_closing", writes=["INSERT"])}
{tenant_table("billing_shift_count", writes=["INSERT"])}
{tenant_table("billing_shift_entry", writes=["INSERT"])}
{tenant_table("billing_handover", writes=["INSERT"])}
{tenant_table("billing_closing", writes=["INSERT"])}
{tenant_table("billing_closing_entry", writes=["INSERT"])}
{tenant_table("billing_bank_line", writes=["INSERT"])}
GRANT UPDATE (payer, remark, entry_id, note, settled_at, settled_by, settled_by_name, version)
    ON billing_bank_line TO lodge_app;
{tenant_table("billing_reconciliation", writes=["INSERT"])}
"""


async def forwards():
    return sql_migration(ID, "billing", DESCRIPTION, TABLES)
