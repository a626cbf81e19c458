"""Proof of the steps of dunning (BIL-5), and lines of the bank that are open again once their entry was undone (BIL-4)."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-23T00:00:00:000040"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- A file that proves a step. It stays: a wrong one is struck out, with the reason. Its content goes with an erasure.
CREATE TABLE billing_dunning_proof (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    dunning_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    party_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    size integer NOT NULL CHECK (size > 0),
    digest text,
    thumbnail text,
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    struck_at timestamptz,
    struck_by uuid,
    struck_by_name text NOT NULL DEFAULT '',
    struck_reason text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    CHECK ((struck_at IS NULL) = (struck_reason = '')),
    FOREIGN KEY (company_id, dunning_id) REFERENCES billing_dunning (company_id, id),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, party_id) REFERENCES party (company_id, site_id, id)
);
CREATE INDEX billing_dunning_proof_step ON billing_dunning_proof (company_id, dunning_id, id);
CREATE INDEX billing_dunning_proof_unit ON billing_dunning_proof (company_id, unit_id);
{tenant_table("billing_dunning_proof", writes=["INSERT"])}
GRANT UPDATE (name, digest, thumbnail, struck_at, struck_by, struck_by_name, struck_reason)
    ON billing_dunning_proof TO lodge_app;

-- Since when a line that was settled is open again, and why: its entry was undone, or somebody took it back.
ALTER TABLE billing_bank_line
    ADD COLUMN reopened_at timestamptz,
    ADD COLUMN reopened text NOT NULL DEFAULT '' CHECK (reopened IN ('', 'undone', 'taken_back')),
    ADD CHECK (reopened_at IS NULL OR settled_at IS NULL);
GRANT UPDATE (reopened_at, reopened) ON billing_bank_line TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "billing", DESCRIPTION, TABLES)
