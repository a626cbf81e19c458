"""Return visits (VIS-1 to VIS-6): who looks after which buildings, how samples are drawn, visits owed and made."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-22T00:00:00:000001"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE returnvisits_area (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    name text NOT NULL,
    buildings text[] NOT NULL,
    steward_id uuid NOT NULL,
    steward_name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, name),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, steward_id) REFERENCES membership (company_id, id)
);
CREATE INDEX returnvisits_area_steward ON returnvisits_area (company_id, steward_id);

CREATE TABLE returnvisits_draw (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    rule text NOT NULL,
    title text NOT NULL,
    since date NOT NULL,
    until date NOT NULL,
    percent smallint NOT NULL CHECK (percent BETWEEN 1 AND 100),
    -- told when the draw is opened; the seed itself when the period is over
    commitment text NOT NULL,
    seed bytea NOT NULL CHECK (length(seed) = 32),
    opened_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, site_id, rule, since),
    CHECK (since < until),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);
CREATE INDEX returnvisits_draw_period ON returnvisits_draw (company_id, site_id, since DESC);

CREATE TABLE returnvisits_candidate (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    draw_id uuid NOT NULL,
    position integer NOT NULL CHECK (position > 0),
    -- a ticket, or a household of a regular round
    subject_id uuid NOT NULL,
    label text NOT NULL,
    drawn boolean NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, draw_id, position),
    UNIQUE (company_id, draw_id, subject_id),
    FOREIGN KEY (company_id, site_id, draw_id) REFERENCES returnvisits_draw (company_id, site_id, id)
);
CREATE INDEX returnvisits_candidate_subject ON returnvisits_candidate (company_id, subject_id);

CREATE TABLE returnvisits_visit (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    source text NOT NULL CHECK (source IN ('drawn', 'recheck', 'added', 'regular')),
    rule text NOT NULL,
    title text NOT NULL,
    -- generated, so that the state cannot contradict what is on record
    status text NOT NULL GENERATED ALWAYS AS (CASE
        WHEN done_at IS NOT NULL THEN 'done'
        WHEN void_at IS NOT NULL THEN 'void'
        WHEN held_at IS NOT NULL THEN 'held'
        ELSE 'open' END) STORED,
    ticket_id uuid,
    ticket_number text NOT NULL DEFAULT '',
    severity text NOT NULL DEFAULT 'routine',
    -- whose work is checked: they do not make the visit
    handled_by uuid,
    about text NOT NULL DEFAULT '',
    unit_id uuid,
    place text NOT NULL,
    contact text NOT NULL DEFAULT '',
    area_id uuid,
    area_name text NOT NULL DEFAULT '',
    visitor_role text NOT NULL CHECK (visitor_role IN ('desk', 'steward', 'supervisor', 'manager')),
    visitor_id uuid,
    visitor_name text NOT NULL DEFAULT '',
    way text NOT NULL CHECK (way IN ('any', 'phone', 'visit', 'onsite')),
    not_before timestamptz,
    due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    attempts smallint NOT NULL DEFAULT 0,
    next_at timestamptz,
    overdue_at timestamptz,
    held_at timestamptz,
    void_at timestamptz,
    void_reason text NOT NULL DEFAULT '',
    done_at timestamptz,
    done_by uuid,
    done_by_name text NOT NULL DEFAULT '',
    done_way text NOT NULL DEFAULT '' CHECK (done_way IN ('', 'phone', 'visit', 'onsite')),
    quality smallint NOT NULL DEFAULT 0 CHECK (quality BETWEEN 0 AND 5),
    effect text NOT NULL DEFAULT '' CHECK (effect IN ('', 'solved', 'partly', 'unsolved')),
    satisfaction text NOT NULL DEFAULT '' CHECK (satisfaction IN ('', 'satisfied', 'fair', 'dissatisfied')),
    shortcomings text NOT NULL DEFAULT '',
    opinions text NOT NULL DEFAULT '',
    signed text NOT NULL DEFAULT '' CHECK (signed IN ('', 'pad', 'paper', 'phone')),
    signature_id uuid,
    failed boolean NOT NULL DEFAULT false,
    follow_up text NOT NULL DEFAULT '' CHECK (follow_up IN ('', 'reopened', 'rework', 'follow_up')),
    follow_up_id uuid,
    follow_up_number text NOT NULL DEFAULT '',
    measure text NOT NULL DEFAULT '',
    measure_by uuid,
    measure_by_name text NOT NULL DEFAULT '',
    measure_due date,
    previous_id uuid,
    period date,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket (company_id, id),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id),
    FOREIGN KEY (company_id, visitor_id) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, done_by) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, measure_by) REFERENCES membership (company_id, id),
    FOREIGN KEY (company_id, site_id, previous_id) REFERENCES returnvisits_visit (company_id, site_id, id)
);
CREATE INDEX returnvisits_visit_open ON returnvisits_visit (company_id, site_id, due_at)
    WHERE done_at IS NULL AND void_at IS NULL;
CREATE INDEX returnvisits_visit_done ON returnvisits_visit (company_id, site_id, done_at DESC, id DESC)
    WHERE done_at IS NOT NULL;
CREATE INDEX returnvisits_visit_due ON returnvisits_visit (company_id, site_id, due_at DESC, id DESC);
CREATE INDEX returnvisits_visit_ticket ON returnvisits_visit (company_id, ticket_id) WHERE ticket_id IS NOT NULL;
CREATE INDEX returnvisits_visit_unit ON returnvisits_visit (company_id, unit_id, done_at DESC)
    WHERE unit_id IS NOT NULL;
CREATE INDEX returnvisits_visit_visitor ON returnvisits_visit (company_id, visitor_id) WHERE visitor_id IS NOT NULL;
CREATE INDEX returnvisits_visit_done_by ON returnvisits_visit (company_id, done_by) WHERE done_by IS NOT NULL;
CREATE INDEX returnvisits_visit_measure_by ON returnvisits_visit (company_id, measure_by) WHERE measure_by IS NOT NULL;
-- one obligation a matter and rule, one check of what was done again, one regular visit a household and period
CREATE UNIQUE INDEX returnvisits_visit_drawn ON returnvisits_visit (company_id, ticket_id, rule) WHERE source = 'drawn';
CREATE UNIQUE INDEX returnvisits_visit_recheck ON returnvisits_visit (company_id, previous_id)
    WHERE previous_id IS NOT NULL;
CREATE UNIQUE INDEX returnvisits_visit_regular ON returnvisits_visit (company_id, site_id, rule, unit_id, period)
    WHERE source = 'regular';

CREATE TABLE returnvisits_step (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    text text NOT NULL DEFAULT '',
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id, visit_id) REFERENCES returnvisits_visit (company_id, site_id, id),
    FOREIGN KEY (company_id, by_id) REFERENCES membership (company_id, id)
);
CREATE INDEX returnvisits_step_visit ON returnvisits_step (company_id, visit_id, id);
CREATE INDEX returnvisits_step_by ON returnvisits_step (company_id, by_id) WHERE by_id IS NOT NULL;

-- that a month's report has been sent to the manager (VIS-6)
CREATE TABLE returnvisits_report (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    month date NOT NULL,
    sent_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, month),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);
{tenant_table("returnvisits_area")}
{tenant_table("returnvisits_draw", writes=["INSERT"])}
{tenant_table("returnvisits_candidate", writes=["INSERT"])}
{tenant_table("returnvisits_visit", writes=["INSERT", "UPDATE"])}
{tenant_table("returnvisits_step", writes=["INSERT"])}
{tenant_table("returnvisits_report", writes=["INSERT"])}
"""


async def forwards():
    return sql_migration(ID, "returnvisits", DESCRIPTION, TABLES)
