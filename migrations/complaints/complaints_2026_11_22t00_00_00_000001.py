"""Complaints: the case beside the ticket, what was done for it, authorities asked, compensation, months signed off."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-22T00:00:00:000001"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- A complaint that nobody has worked on has no row yet: it is of no kind.
CREATE TABLE complaints_case (
    company_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    site_id uuid NOT NULL,
    kind text CHECK (kind IN ('staff', 'neighbour', 'own_cause', 'municipal', 'unfounded')),
    cause text NOT NULL DEFAULT '',
    department text NOT NULL DEFAULT '',
    contractor text NOT NULL DEFAULT '',
    injury boolean NOT NULL DEFAULT false,
    contacted_at timestamptz,
    cared_at timestamptz,
    remedy text NOT NULL DEFAULT '',
    remedy_by date,
    major_at timestamptz,
    major_by_name text NOT NULL DEFAULT '',
    major_reason text NOT NULL DEFAULT '',
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, ticket_id),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id)
);
CREATE INDEX complaints_case_kind ON complaints_case (company_id, site_id, kind);
{tenant_table("complaints_case", writes=["INSERT", "UPDATE"])}

CREATE TABLE complaints_step (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    kind text NOT NULL,
    heard text NOT NULL DEFAULT '',
    text text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id),
    FOREIGN KEY (company_id, by_id) REFERENCES membership (company_id, id)
);
CREATE INDEX complaints_step_ticket ON complaints_step (company_id, ticket_id, id);
CREATE INDEX complaints_step_by ON complaints_step (company_id, by_id) WHERE by_id IS NOT NULL;
{tenant_table("complaints_step", writes=["INSERT"])}

CREATE TABLE complaints_referral (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    authority text NOT NULL,
    reference text NOT NULL DEFAULT '',
    forwarded_on date NOT NULL,
    chase_on date NOT NULL,
    chased int NOT NULL DEFAULT 0,
    answered_on date,
    answer text NOT NULL DEFAULT '',
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id)
);
CREATE INDEX complaints_referral_ticket ON complaints_referral (company_id, ticket_id, id);
CREATE INDEX complaints_referral_open ON complaints_referral (company_id, site_id, chase_on) WHERE answered_on IS NULL;
{tenant_table("complaints_referral", writes=["INSERT", "UPDATE"])}

CREATE TABLE complaints_compensation (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    reason text NOT NULL,
    state text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'approved', 'refused', 'paid')),
    proposed_by uuid,
    proposed_by_name text NOT NULL,
    proposed_at timestamptz NOT NULL,
    decided_by uuid,
    decided_by_name text NOT NULL DEFAULT '',
    decided_at timestamptz,
    decision text NOT NULL DEFAULT '',
    paid_at timestamptz,
    paid_by_name text NOT NULL DEFAULT '',
    paid_note text NOT NULL DEFAULT '',
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id),
    FOREIGN KEY (company_id, proposed_by) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, decided_by) REFERENCES membership (company_id, id)
);
CREATE INDEX complaints_compensation_ticket ON complaints_compensation (company_id, ticket_id, id);
CREATE INDEX complaints_compensation_open ON complaints_compensation (company_id, site_id, proposed_at)
    WHERE state IN ('proposed', 'approved');
CREATE INDEX complaints_compensation_by ON complaints_compensation (company_id, proposed_by)
    WHERE proposed_by IS NOT NULL;
CREATE INDEX complaints_compensation_decided ON complaints_compensation (company_id, decided_by)
    WHERE decided_by IS NOT NULL;
{tenant_table("complaints_compensation", writes=["INSERT", "UPDATE"])}

CREATE TABLE complaints_month (
    company_id uuid NOT NULL,
    site_id uuid NOT NULL,
    month date NOT NULL,
    remark text NOT NULL,
    complaints int NOT NULL,
    signed_at timestamptz NOT NULL,
    signed_by uuid,
    signed_by_name text NOT NULL,
    PRIMARY KEY (company_id, site_id, month),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, signed_by) REFERENCES membership (company_id, id)
);
CREATE INDEX complaints_month_by ON complaints_month (company_id, signed_by) WHERE signed_by IS NOT NULL;
{tenant_table("complaints_month", writes=["INSERT"])}
"""


async def forwards():
    return sql_migration(ID, "complaints", DESCRIPTION, TABLES)
