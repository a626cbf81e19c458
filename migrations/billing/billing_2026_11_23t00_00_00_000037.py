"""Payment providers (BIL-3): by whom a site has codes made, and the orders that are paid by them."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-23T00:00:00:000037"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE billing_provider (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    -- the id that its plugin registers it by
    provider text NOT NULL,
    -- what it is told, as JSON; secrets apart, sealed
    settings text NOT NULL,
    secrets_sealed bytea,
    active boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by uuid,
    changed_by_name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, site_id, provider),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);
-- the counter shows the code of one
CREATE UNIQUE INDEX billing_provider_active ON billing_provider (company_id, site_id) WHERE active;

-- A payment as it was shown, for which a code was made.
CREATE TABLE billing_order (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    number text NOT NULL,
    -- of the form: pressed twice it is one order
    key text NOT NULL,
    unit_id uuid NOT NULL,
    party_id uuid NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    rounded_fen bigint NOT NULL DEFAULT 0 CHECK (rounded_fen >= 0),
    -- units, charges and fen, as JSON
    parts text NOT NULL,
    agent_name text NOT NULL DEFAULT '',
    agent_relation text NOT NULL DEFAULT '',
    remark text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    expires_at timestamptz NOT NULL,
    -- what the picture shows; '' before the provider has answered
    code text NOT NULL DEFAULT '',
    asked_at timestamptz,
    closed_at timestamptz,
    closed_why text NOT NULL DEFAULT '' CHECK (closed_why IN ('', 'expired', 'cancelled', 'failed')),
    -- why no code was made
    failure text NOT NULL DEFAULT '',
    paid_at timestamptz,
    reference text NOT NULL DEFAULT '',
    receipt_id uuid,
    -- another had paid what it was for: all of it was prepaid
    moved boolean NOT NULL DEFAULT false,
    -- money that came and could not be posted as shown: another amount, refused, or a second time
    problem text NOT NULL DEFAULT '' CHECK (problem IN ('', 'amount', 'refused', 'twice')),
    problem_fen bigint,
    problem_reference text NOT NULL DEFAULT '',
    settled_at timestamptz,
    settled_by uuid,
    settled_by_name text NOT NULL DEFAULT '',
    settled_how text NOT NULL DEFAULT '' CHECK (settled_how IN ('', 'prepaid', 'elsewhere')),
    settled_note text NOT NULL DEFAULT '',
    -- generated, so that the state cannot contradict what is on record
    status text NOT NULL GENERATED ALWAYS AS (CASE
        WHEN problem <> '' AND settled_at IS NULL THEN 'problem' WHEN receipt_id IS NOT NULL THEN 'paid'
        WHEN settled_at IS NOT NULL THEN 'settled' WHEN closed_why <> '' THEN closed_why ELSE 'waiting' END) STORED,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, number),
    UNIQUE (company_id, site_id, key),
    CHECK ((problem = '') = (problem_fen IS NULL)),
    CHECK ((settled_at IS NULL) = (settled_how = '')),
    FOREIGN KEY (company_id, site_id, provider_id) REFERENCES billing_provider (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, party_id) REFERENCES party (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, receipt_id) REFERENCES billing_receipt (company_id, site_id, id)
);
CREATE INDEX billing_order_site ON billing_order (company_id, site_id, at DESC, id DESC);
CREATE INDEX billing_order_waiting ON billing_order (company_id, site_id, at) WHERE status = 'waiting';
CREATE INDEX billing_order_problem ON billing_order (company_id, site_id) WHERE status = 'problem';
{tenant_table("billing_provider", writes=["INSERT", "UPDATE"])}
{tenant_table("billing_order", writes=["INSERT"])}
-- What was to be paid by whom stays what it was; how it stands goes on, and names are forgotten.
GRANT UPDATE (agent_name, agent_relation, remark, code, asked_at, closed_at, closed_why, failure, paid_at, reference,
    receipt_id, moved, problem, problem_fen, problem_reference, settled_at, settled_by, settled_by_name, settled_how,
    settled_note, version) ON billing_order TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "billing", DESCRIPTION, TABLES)
