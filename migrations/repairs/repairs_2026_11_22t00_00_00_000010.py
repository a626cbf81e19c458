"""Work contact sheets to builders (REP-4): contractors, sheets numbered by site and year, and what happened to each."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-22T00:00:00:000010"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE repairs_contractor (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    name text NOT NULL,
    scope text NOT NULL DEFAULT '',
    contact text NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    active boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, site_id, name),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);

-- The last number of a year: taken by the statement that issues a sheet, so that none is given twice or left out.
CREATE TABLE repairs_sheet_year (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    year smallint NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, year),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);

CREATE TABLE repairs_sheet (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    number text NOT NULL,
    ticket_id uuid NOT NULL,
    ticket_number text NOT NULL,
    contractor_id uuid NOT NULL,
    -- the contractor as it was when the sheet was issued
    contractor text NOT NULL,
    contact text NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    place text NOT NULL,
    matter text NOT NULL,
    status text NOT NULL DEFAULT 'open',
    round smallint NOT NULL DEFAULT 1,
    promised_on date,
    -- when the service centre asks next: the builder while the sheet is open, the owner once the builder is done
    chase_on date,
    issued_at timestamptz NOT NULL,
    issued_by uuid,
    issued_by_name text NOT NULL,
    done_at timestamptz,
    closed_at timestamptz,
    accepted_by text NOT NULL DEFAULT '',
    signature_id uuid,
    -- since when it is known that the promise was missed; told once a promise
    overdue_at timestamptz,
    prints smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, site_id, number),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket (company_id, id),
    FOREIGN KEY (company_id, site_id, contractor_id) REFERENCES repairs_contractor (company_id, site_id, id),
    FOREIGN KEY (company_id, issued_by) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, signature_id) REFERENCES ticket_attachment (company_id, id),
    CHECK (status IN ('open', 'done', 'accepted', 'withdrawn')),
    CHECK ((chase_on IS NULL) = (status IN ('accepted', 'withdrawn'))),
    CHECK ((closed_at IS NULL) = (status IN ('open', 'done'))),
    CHECK ((accepted_by = '') = (status <> 'accepted'))
);
CREATE INDEX repairs_sheet_issued ON repairs_sheet (company_id, site_id, issued_at DESC);
CREATE INDEX repairs_sheet_due ON repairs_sheet (company_id, site_id, chase_on) WHERE chase_on IS NOT NULL;
CREATE INDEX repairs_sheet_ticket ON repairs_sheet (company_id, ticket_id);
CREATE INDEX repairs_sheet_contractor ON repairs_sheet (company_id, site_id, contractor_id);
CREATE INDEX repairs_sheet_by ON repairs_sheet (company_id, issued_by) WHERE issued_by IS NOT NULL;
CREATE INDEX repairs_sheet_signature ON repairs_sheet (company_id, signature_id) WHERE signature_id IS NOT NULL;

CREATE TABLE repairs_sheet_entry (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    sheet_id uuid NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    text text NOT NULL DEFAULT '',
    spoke_with text NOT NULL DEFAULT '',
    via text NOT NULL DEFAULT '',
    promised_on date,
    next_on date,
    -- of a print: which one it was; its copies are this number with 1, 2 and 3
    print_no smallint,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id, sheet_id) REFERENCES repairs_sheet (company_id, site_id, id),
    FOREIGN KEY (company_id, by_id) REFERENCES membership (company_id, id),
    CHECK (kind IN ('issue', 'promise', 'chase', 'done', 'fail', 'accept', 'withdraw', 'print', 'overdue')),
    CHECK (via IN ('', 'call', 'visit', 'letter', 'message')),
    CHECK ((print_no IS NOT NULL) = (kind = 'print'))
);
CREATE INDEX repairs_sheet_entry_sheet ON repairs_sheet_entry (company_id, site_id, sheet_id, at);
CREATE INDEX repairs_sheet_entry_by ON repairs_sheet_entry (company_id, by_id) WHERE by_id IS NOT NULL;
{tenant_table("repairs_contractor", writes=["INSERT", "UPDATE"])}
{tenant_table("repairs_sheet_year", writes=["INSERT", "UPDATE"])}
{tenant_table("repairs_sheet", writes=["INSERT", "UPDATE"])}
{tenant_table("repairs_sheet_entry", writes=["INSERT"])}
"""


async def forwards():
    return sql_migration(ID, "repairs", DESCRIPTION, TABLES)
