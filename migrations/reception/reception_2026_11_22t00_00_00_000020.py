"""Letters and the complaint box (REC-10): registered, scanned, answered; in the work log like what staff hear (REC-1)."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-22T00:00:00:000020"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
ALTER TABLE reception_call DROP CONSTRAINT reception_call_channel_check;
ALTER TABLE reception_call ADD CONSTRAINT reception_call_channel_check
    CHECK (channel IN ('call', 'visit', 'letter', 'complaint_box', 'staff_opinion'));

-- The running numbers of a site's letters, anew each year.
CREATE TABLE reception_letter_number (
    company_id uuid NOT NULL,
    site_id uuid NOT NULL,
    year smallint NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (company_id, site_id, year),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);
-- Whether it is answered, and by when that is due, the ticket says.
CREATE TABLE reception_letter (
    company_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    site_id uuid NOT NULL,
    number text NOT NULL,
    sender_name text NOT NULL,
    sender_kind text NOT NULL
        CHECK (sender_kind IN ('resident', 'committee', 'authority', 'builder', 'company', 'other')),
    reference text NOT NULL DEFAULT '',
    via text NOT NULL CHECK (via IN ('post', 'courier', 'by_hand', 'email')),
    subject text NOT NULL,
    received_at timestamptz NOT NULL,
    registered_at timestamptz NOT NULL,
    registered_by uuid,
    registered_by_name text NOT NULL,
    answer_text text NOT NULL DEFAULT '',
    answer_reference text NOT NULL DEFAULT '',
    answer_via text NOT NULL DEFAULT '' CHECK (answer_via IN ('', 'post', 'courier', 'by_hand', 'email')),
    answered_by uuid,
    answered_by_name text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, ticket_id),
    UNIQUE (company_id, site_id, number),
    UNIQUE (company_id, site_id, ticket_id),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id),
    FOREIGN KEY (company_id, registered_by) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, answered_by) REFERENCES membership (company_id, id)
);
CREATE INDEX reception_letter_list ON reception_letter (company_id, site_id, registered_at DESC, ticket_id DESC);
CREATE INDEX reception_letter_by ON reception_letter (company_id, registered_by) WHERE registered_by IS NOT NULL;
CREATE INDEX reception_letter_answerer ON reception_letter (company_id, answered_by) WHERE answered_by IS NOT NULL;
-- Which files of the ticket are the letter, and which its answer.
CREATE TABLE reception_letter_scan (
    company_id uuid NOT NULL,
    attachment_id uuid NOT NULL,
    site_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    side text NOT NULL CHECK (side IN ('letter', 'answer')),
    PRIMARY KEY (company_id, attachment_id),
    FOREIGN KEY (company_id, attachment_id) REFERENCES ticket_attachment (company_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES reception_letter (company_id, site_id, ticket_id)
);
CREATE INDEX reception_letter_scan_of ON reception_letter_scan (company_id, ticket_id);

CREATE TABLE reception_box (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    box text NOT NULL,
    slips smallint NOT NULL CHECK (slips BETWEEN 0 AND 200),
    -- how many of them are tickets: the number of the last
    entered smallint NOT NULL DEFAULT 0,
    witness text NOT NULL DEFAULT '',
    emptied_at timestamptz NOT NULL,
    emptied_by uuid,
    emptied_by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    CHECK (entered <= slips),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, emptied_by) REFERENCES membership (company_id, id)
);
CREATE INDEX reception_box_log ON reception_box (company_id, site_id, emptied_at DESC, id DESC);
CREATE INDEX reception_box_by ON reception_box (company_id, emptied_by) WHERE emptied_by IS NOT NULL;
CREATE TABLE reception_slip (
    company_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    site_id uuid NOT NULL,
    box_id uuid NOT NULL,
    number smallint NOT NULL,
    ticket_number text NOT NULL,
    PRIMARY KEY (company_id, ticket_id),
    UNIQUE (company_id, box_id, number),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, box_id) REFERENCES reception_box (company_id, site_id, id)
);
{tenant_table("reception_letter_number", writes=["INSERT", "UPDATE"])}
{tenant_table("reception_letter", writes=["INSERT", "UPDATE"])}
{tenant_table("reception_letter_scan", writes=["INSERT"])}
{tenant_table("reception_box", writes=["INSERT", "UPDATE"])}
{tenant_table("reception_slip", writes=["INSERT"])}
"""


async def forwards():
    return sql_migration(ID, "reception", DESCRIPTION, TABLES)
