"""The counter (BIL-3): receipts with numbers that have no gaps, invoices asked for, refunds that two agree to."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-23T00:00:00:000031"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- the last number that was given to a receipt in a year: taken and used in one transaction, so there are no gaps
CREATE TABLE billing_series (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    year smallint NOT NULL,
    last integer NOT NULL CHECK (last > 0),
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, year),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);

CREATE TABLE billing_receipt (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    number text NOT NULL,
    party_id uuid NOT NULL,
    payer_name text NOT NULL,
    -- whoever brought the money in the payer's place
    agent_name text NOT NULL DEFAULT '',
    agent_relation text NOT NULL DEFAULT '',
    means text NOT NULL CHECK (means IN ('cash', 'card', 'transfer', 'qr')),
    -- of the slip, the transfer or the code: what the bank knows it by
    reference text NOT NULL DEFAULT '',
    amount_fen bigint NOT NULL CHECK (amount_fen >= 0),
    -- what need not be paid, so that the sum is a round one
    rounded_fen bigint NOT NULL DEFAULT 0 CHECK (rounded_fen >= 0),
    -- cash that was handed over; what is more than the amount was given back
    given_fen bigint,
    remark text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    prints integer NOT NULL DEFAULT 0,
    voided_at timestamptz,
    voided_by uuid,
    voided_by_name text NOT NULL DEFAULT '',
    voided_reason text NOT NULL DEFAULT '',
    status text NOT NULL GENERATED ALWAYS AS (CASE WHEN voided_at IS NULL THEN 'valid' ELSE 'void' END) STORED,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, site_id, number),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, party_id) REFERENCES party (company_id, id)
);
CREATE INDEX billing_receipt_site ON billing_receipt (company_id, site_id, at DESC, id DESC);
CREATE INDEX billing_receipt_party ON billing_receipt (company_id, party_id);

CREATE TABLE billing_receipt_line (
    company_id uuid NOT NULL,
    receipt_id uuid NOT NULL,
    line integer NOT NULL CHECK (line > 0),
    site_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('charge', 'prepayment', 'rounding')),
    unit_id uuid NOT NULL,
    item_id uuid,
    -- as it was called that day
    item text NOT NULL DEFAULT '',
    first_day date,
    last_day date,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    PRIMARY KEY (company_id, receipt_id, line),
    FOREIGN KEY (company_id, site_id, receipt_id) REFERENCES billing_receipt (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, entry_id) REFERENCES billing_entry (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id)
);
CREATE INDEX billing_receipt_line_entry ON billing_receipt_line (company_id, entry_id);
CREATE INDEX billing_receipt_line_unit ON billing_receipt_line (company_id, unit_id);

CREATE TABLE billing_invoice (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    receipt_id uuid NOT NULL,
    title text NOT NULL,
    tax_number text NOT NULL DEFAULT '',
    asked_at timestamptz NOT NULL,
    asked_by uuid,
    asked_by_name text NOT NULL,
    number text NOT NULL DEFAULT '',
    issued_at timestamptz,
    issued_by uuid,
    issued_by_name text NOT NULL DEFAULT '',
    status text NOT NULL GENERATED ALWAYS AS (CASE WHEN issued_at IS NULL THEN 'asked' ELSE 'issued' END) STORED,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, receipt_id),
    FOREIGN KEY (company_id, site_id, receipt_id) REFERENCES billing_receipt (company_id, site_id, id)
);

CREATE TABLE billing_refund (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    party_id uuid NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen >= 0),
    reason text NOT NULL,
    -- whoever asked for it stands in the approval
    approved_at timestamptz NOT NULL,
    approved_by uuid,
    approved_by_name text NOT NULL,
    paid_at timestamptz,
    paid_by uuid,
    paid_by_name text NOT NULL DEFAULT '',
    means text NOT NULL DEFAULT '' CHECK (means IN ('', 'cash', 'card', 'transfer', 'qr')),
    status text NOT NULL GENERATED ALWAYS AS (CASE WHEN paid_at IS NULL THEN 'approved' ELSE 'paid' END) STORED,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id),
    FOREIGN KEY (company_id, party_id) REFERENCES party (company_id, id)
);
CREATE INDEX billing_refund_site ON billing_refund (company_id, site_id, approved_at DESC, id DESC);
CREATE INDEX billing_refund_unit ON billing_refund (company_id, unit_id);
{tenant_table("billing_series", writes=["INSERT", "UPDATE"])}
{tenant_table("billing_receipt", writes=["INSERT"])}
{tenant_table("billing_receipt_line", writes=["INSERT"])}
{tenant_table("billing_invoice", writes=["INSERT", "UPDATE"])}
{tenant_table("billing_refund", writes=["INSERT"])}
-- A receipt's number, sum and payer stay what they were; it can be voided, printed again, and its names be forgotten.
GRANT UPDATE (payer_name, agent_name, agent_relation, reference, remark, prints, voided_at, voided_by, voided_by_name,
    voided_reason, version) ON billing_receipt TO lodge_app;
GRANT UPDATE (reason, paid_at, paid_by, paid_by_name, means) ON billing_refund TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "billing", DESCRIPTION, TABLES)
