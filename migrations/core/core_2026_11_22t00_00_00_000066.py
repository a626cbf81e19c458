"""Companies whose people sign in by an identity provider of their own (OpenID Connect)."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000066"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- One a company. The secret lies sealed; `tried_at` is when somebody last came in with what is set now. Passwords can be
-- switched off only beside somebody who may still use one.
CREATE TABLE identity_provider (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    title text NOT NULL,
    issuer text NOT NULL,
    client_id text NOT NULL,
    secret_sealed bytea,
    scopes text[] NOT NULL,
    address_claim text NOT NULL,
    factors text[] NOT NULL,
    active boolean NOT NULL,
    only_way boolean NOT NULL,
    emergency_id uuid,
    tried_at timestamptz,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id),
    FOREIGN KEY (company_id) REFERENCES company (company_id),
    FOREIGN KEY (company_id, emergency_id) REFERENCES membership (company_id, id),
    CHECK (NOT only_way OR (active AND tried_at IS NOT NULL AND emergency_id IS NOT NULL))
);
CREATE TABLE identity_link (
    company_id uuid NOT NULL,
    member_id uuid NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, member_id),
    UNIQUE (company_id, issuer, subject),
    FOREIGN KEY (company_id, member_id) REFERENCES membership (company_id, id) ON DELETE CASCADE
);
ALTER TABLE session ADD by_provider boolean NOT NULL DEFAULT false;
ALTER TABLE sign_in_record ADD by_provider boolean NOT NULL DEFAULT false;
ALTER TABLE sign_in_record DROP CONSTRAINT sign_in_record_factor_check;
ALTER TABLE sign_in_record ADD CONSTRAINT sign_in_record_factor_check
    CHECK (factor IN ('', 'totp', 'recovery', 'provider'));
{tenant_table("identity_provider")}
{tenant_table("identity_link")}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
