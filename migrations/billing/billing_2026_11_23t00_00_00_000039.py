"""What a site spends, what its owners are told of income and expenses (BIL-8), and an index for its reports."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-23T00:00:00:000039"
VERSION = "1.38.0"
DESCRIPTION = __doc__

_HEADINGS = "'service', 'public', 'other', 'collected'"
_CATEGORIES = """'staff', 'repairs', 'greening', 'cleaning', 'order', 'office', 'depreciation', 'insurance', 'energy',
        'fee', 'tax', 'other', 'own'"""

TABLES = f"""
-- A report reads a site's postings to one account, whatever else its company has.
CREATE INDEX billing_posting_site ON billing_posting (company_id, site_id, account)
    INCLUDE (entry_id, item_id, unit_id, means, amount_fen);

-- Categories of expenses that the company has besides those that everybody has.
CREATE TABLE billing_expense_category (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    title text NOT NULL CHECK (title <> ''),
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, title)
);

-- What was spent: never changed, but taken back by an entry of the other sign.
CREATE TABLE billing_expense (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    month date NOT NULL CHECK (month = date_trunc('month', month)),
    category text NOT NULL CHECK (category IN ({_CATEGORIES})),
    category_id uuid,
    amount_fen bigint NOT NULL CHECK (amount_fen <> 0),
    supplier text NOT NULL DEFAULT '',
    document text NOT NULL DEFAULT '',
    remark text NOT NULL DEFAULT '',
    -- the entry that this one takes back, once
    reverses uuid,
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, reverses),
    CHECK ((category = 'own') = (category_id IS NOT NULL)),
    CHECK ((amount_fen < 0) = (reverses IS NOT NULL)),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, category_id) REFERENCES billing_expense_category (company_id, id),
    FOREIGN KEY (company_id, site_id, reverses) REFERENCES billing_expense (company_id, site_id, id)
);
CREATE INDEX billing_expense_month ON billing_expense (company_id, site_id, month DESC, id DESC)
    INCLUDE (category, category_id, amount_fen);

-- Under which heading an item's money is told; without a row: what is collected for others apart, all else as service.
CREATE TABLE billing_heading (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    item_id uuid NOT NULL,
    heading text NOT NULL CHECK (heading IN ({_HEADINGS})),
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, item_id),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id)
);

-- An edition of what was published: kept as it was. A mistake is mended by another edition, which says why.
CREATE TABLE billing_disclosure (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('month', 'quarter', 'year')),
    first_day date NOT NULL,
    last_day date NOT NULL,
    edition integer NOT NULL CHECK (edition > 0),
    replaces uuid,
    reason text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    -- what was left over before, what was charged and received as income, what was spent
    opening_fen bigint NOT NULL,
    charged_fen bigint NOT NULL,
    received_fen bigint NOT NULL,
    spent_fen bigint NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, site_id, kind, first_day, edition),
    UNIQUE (company_id, replaces),
    CHECK (first_day <= last_day),
    CHECK ((edition = 1) = (replaces IS NULL) AND (edition = 1) = (reason = '')),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, site_id, replaces) REFERENCES billing_disclosure (company_id, site_id, id)
);
CREATE INDEX billing_disclosure_site ON billing_disclosure (company_id, site_id, id DESC);

CREATE TABLE billing_disclosure_line (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    disclosure_id uuid NOT NULL,
    line integer NOT NULL CHECK (line > 0),
    -- of income the heading, of expenses the category, and what it was called then ('' for the category's own name)
    part text NOT NULL CHECK (part IN ('income', 'expense')),
    heading text NOT NULL CHECK (heading IN ({_HEADINGS}, {_CATEGORIES.replace("'other', ", "")})),
    title text NOT NULL DEFAULT '',
    charged_fen bigint NOT NULL DEFAULT 0,
    received_fen bigint NOT NULL DEFAULT 0,
    spent_fen bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, disclosure_id, line),
    FOREIGN KEY (company_id, site_id, disclosure_id) REFERENCES billing_disclosure (company_id, site_id, id)
);
{tenant_table("billing_expense_category", writes=["INSERT"])}
{tenant_table("billing_expense", writes=["INSERT"])}
{tenant_table("billing_heading", writes=["INSERT", "UPDATE"])}
{tenant_table("billing_disclosure", writes=["INSERT"])}
{tenant_table("billing_disclosure_line", writes=["INSERT"])}
GRANT UPDATE (supplier, document, remark) ON billing_expense TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "billing", DESCRIPTION, TABLES)
