"""Collection at home (BIL-3): books of printed receipts whose every number is accounted for, visits by appointment."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-23T00:00:00:000038"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- the printed receipt that the household has, and the day on which its money was collected
ALTER TABLE billing_receipt ADD COLUMN paper_number text NOT NULL DEFAULT '', ADD COLUMN collected_on date;
CREATE UNIQUE INDEX billing_receipt_paper ON billing_receipt (company_id, site_id, paper_number)
    WHERE paper_number <> '';

-- A book of printed receipts in somebody's hands: a range of numbers that no other book of the site has.
CREATE TABLE billing_book (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    -- what is printed before the number; a digit at its end would make it a part of the number
    prefix text NOT NULL DEFAULT '' CHECK (prefix !~ '[0-9]$'),
    digits smallint NOT NULL CHECK (digits BETWEEN 1 AND 9),
    first integer NOT NULL CHECK (first >= 0),
    last integer NOT NULL,
    holder_id uuid NOT NULL,
    holder_name text NOT NULL,
    handed_on date NOT NULL,
    handed_at timestamptz NOT NULL,
    handed_by uuid,
    handed_by_name text NOT NULL,
    returned_at timestamptz,
    returned_by uuid,
    returned_by_name text NOT NULL DEFAULT '',
    -- how the numbers stood when the book came back, and what the valid receipts among them came to
    used integer,
    spoiled integer,
    lost integer,
    unused integer,
    amount_fen bigint,
    status text NOT NULL GENERATED ALWAYS AS (CASE WHEN returned_at IS NULL THEN 'out' ELSE 'returned' END) STORED,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    CHECK (last >= first AND last - first < 200 AND length(last::text) <= digits),
    -- nobody hands a book to themselves, nor takes their own back
    CHECK (holder_id IS DISTINCT FROM handed_by AND holder_id IS DISTINCT FROM returned_by),
    CHECK (returned_at IS NULL OR used + spoiled + lost + unused = last - first + 1),
    EXCLUDE USING gist (company_id WITH =, site_id WITH =, prefix WITH =, int4range(first, last, '[]') WITH &&),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);
CREATE INDEX billing_book_site ON billing_book (company_id, site_id, handed_at DESC, id DESC);
CREATE INDEX billing_book_holder ON billing_book (company_id, site_id, holder_id) WHERE returned_at IS NULL;

-- What became of a number, once: a number without a row is unused. What a voided receipt stood for is spoiled.
CREATE TABLE billing_paper (
    company_id uuid NOT NULL,
    book_id uuid NOT NULL,
    number integer NOT NULL,
    site_id uuid NOT NULL,
    fate text NOT NULL CHECK (fate IN ('used', 'spoiled', 'lost')),
    receipt_id uuid,
    reason text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, book_id, number),
    UNIQUE (company_id, receipt_id),
    CHECK ((fate = 'used') = (receipt_id IS NOT NULL)),
    FOREIGN KEY (company_id, site_id, book_id) REFERENCES billing_book (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, receipt_id) REFERENCES billing_receipt (company_id, site_id, id)
);

-- A visit that a household has agreed to, and what came of it.
CREATE TABLE billing_visit (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    party_id uuid NOT NULL,
    day date NOT NULL,
    starts time NOT NULL,
    ends time NOT NULL CHECK (ends > starts),
    collector_id uuid NOT NULL,
    collector_name text NOT NULL,
    -- why the money is collected there, and what whoever goes should know
    why text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    -- the step of dunning that led to it
    dunning_id uuid,
    agreed_at timestamptz NOT NULL,
    agreed_by uuid,
    agreed_by_name text NOT NULL,
    outcome text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'paid', 'unpaid', 'called_off')),
    reason text NOT NULL DEFAULT '',
    receipt_id uuid,
    settled_at timestamptz,
    settled_by uuid,
    settled_by_name text NOT NULL DEFAULT '',
    status text NOT NULL GENERATED ALWAYS AS (CASE outcome WHEN '' THEN 'agreed' ELSE outcome END) STORED,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    CHECK ((outcome = '') = (settled_at IS NULL) AND (outcome = 'paid') = (receipt_id IS NOT NULL)),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, party_id) REFERENCES party (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, receipt_id) REFERENCES billing_receipt (company_id, site_id, id),
    FOREIGN KEY (company_id, dunning_id) REFERENCES billing_dunning (company_id, id)
);
CREATE INDEX billing_visit_day ON billing_visit (company_id, site_id, day);
CREATE INDEX billing_visit_unit ON billing_visit (company_id, unit_id, day DESC);
{tenant_table("billing_book", writes=["INSERT"])}
GRANT UPDATE (returned_at, returned_by, returned_by_name, used, spoiled, lost, unused, amount_fen, version)
    ON billing_book TO lodge_app;
{tenant_table("billing_paper", writes=["INSERT"])}
GRANT UPDATE (reason) ON billing_paper TO lodge_app;
{tenant_table("billing_visit", writes=["INSERT", "UPDATE"])}
"""


async def forwards():
    return sql_migration(ID, "billing", DESCRIPTION, TABLES)
