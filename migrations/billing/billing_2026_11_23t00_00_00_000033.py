"""Arrears (BIL-5, BIL-6): how each charge stands, who was asked to pay and how, what was promised and disputed."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-23T00:00:00:000033"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- Each charge as its postings leave it. It is the ledger's sum and nothing else: a trigger adds what is posted to it, in
-- the statement that posts, so that a list of arrears adds up what is open and not all that ever was.
CREATE TABLE billing_owed (
    company_id uuid NOT NULL,
    charge_id uuid NOT NULL,
    site_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    item_id uuid NOT NULL,
    party_id uuid,
    -- the first day that it charges and the day it is due on; without a bill's line, the day on which it was posted
    since date NOT NULL,
    due_on date NOT NULL,
    charged_fen bigint NOT NULL,
    open_fen bigint NOT NULL,
    -- how far up the ladder it has been asked for: 1 message, 2 letter, 3 visit, 4 notice, 5 handed over
    dunned smallint NOT NULL DEFAULT 0 CHECK (dunned BETWEEN 0 AND 5),
    dunned_on date,
    PRIMARY KEY (company_id, charge_id),
    CHECK ((dunned = 0) = (dunned_on IS NULL)),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id)
);
CREATE INDEX billing_owed_open ON billing_owed (company_id, site_id, unit_id)
    INCLUDE (item_id, due_on, open_fen, dunned, dunned_on) WHERE open_fen > 0;
CREATE INDEX billing_owed_unit ON billing_owed (company_id, unit_id, due_on);
CREATE INDEX billing_owed_since ON billing_owed (company_id, site_id, since)
    INCLUDE (item_id, charged_fen, open_fen);

CREATE FUNCTION billing_owing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO billing_owed AS o (company_id, charge_id, site_id, unit_id, item_id, party_id, since, due_on,
        charged_fen, open_fen)
    SELECT w.company_id, w.charge_id, w.site_id, w.unit_id, w.item_id, w.party_id,
        coalesce(c.first_day, e.posted_on), coalesce(c.due_on, e.posted_on), w.charged_fen, w.open_fen
    FROM (
        SELECT company_id, charge_id, site_id, unit_id, item_id, party_id, (array_agg(entry_id))[1] AS entry_id,
            coalesce(-sum(amount_fen) FILTER (WHERE account = 'income'), 0) AS charged_fen,
            coalesce(sum(amount_fen) FILTER (WHERE account = 'receivable'), 0) AS open_fen
        FROM written WHERE charge_id IS NOT NULL AND unit_id IS NOT NULL AND account IN ('receivable', 'income')
        GROUP BY 1, 2, 3, 4, 5, 6
    ) w
    JOIN billing_entry e ON e.company_id = w.company_id AND e.id = w.entry_id
    LEFT JOIN billing_charge c ON c.company_id = w.company_id AND c.id = w.charge_id
    ON CONFLICT (company_id, charge_id) DO UPDATE
        SET charged_fen = o.charged_fen + EXCLUDED.charged_fen, open_fen = o.open_fen + EXCLUDED.open_fen;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_owing AFTER INSERT ON billing_posting
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION billing_owing();
REVOKE ALL ON FUNCTION billing_owing() FROM PUBLIC;

-- What has been posted so far, of every company: their owner reads it once, before the new table is closed.
ALTER TABLE billing_posting NO FORCE ROW LEVEL SECURITY;
ALTER TABLE billing_entry NO FORCE ROW LEVEL SECURITY;
ALTER TABLE billing_charge NO FORCE ROW LEVEL SECURITY;
INSERT INTO billing_owed (company_id, charge_id, site_id, unit_id, item_id, party_id, since, due_on, charged_fen,
    open_fen)
SELECT p.company_id, p.charge_id, p.site_id, p.unit_id, p.item_id, p.party_id,
    coalesce(min(c.first_day), min(e.posted_on)), coalesce(min(c.due_on), min(e.posted_on)),
    coalesce(-sum(p.amount_fen) FILTER (WHERE p.account = 'income'), 0),
    coalesce(sum(p.amount_fen) FILTER (WHERE p.account = 'receivable'), 0)
FROM billing_posting p JOIN billing_entry e ON e.company_id = p.company_id AND e.id = p.entry_id
LEFT JOIN billing_charge c ON c.company_id = p.company_id AND c.id = p.charge_id
WHERE p.charge_id IS NOT NULL AND p.unit_id IS NOT NULL AND p.account IN ('receivable', 'income')
GROUP BY 1, 2, 3, 4, 5, 6;
ALTER TABLE billing_posting FORCE ROW LEVEL SECURITY;
ALTER TABLE billing_entry FORCE ROW LEVEL SECURITY;
ALTER TABLE billing_charge FORCE ROW LEVEL SECURITY;

-- The dunning record (BIL-5): only ever added to.
CREATE TABLE billing_dunning (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    party_id uuid NOT NULL,
    -- what was carried out at once, and printed as one document
    batch_id uuid NOT NULL,
    -- of the site, on paper and on record
    number integer NOT NULL CHECK (number > 0),
    step text NOT NULL CHECK (step IN ('message', 'letter', 'visit', 'notice', 'legal')),
    done_on date NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    charges uuid[] NOT NULL CHECK (cardinality(charges) > 0),
    -- what was asked for, line by line as it was open on that day, as JSON
    lines text NOT NULL,
    -- of a visit: who went, and what came of it
    who text NOT NULL DEFAULT '',
    outcome text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'met', 'absent', 'promised', 'refused')),
    note text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, number),
    CHECK ((step = 'visit') = (outcome <> '')),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, party_id) REFERENCES party (company_id, site_id, id)
);
CREATE INDEX billing_dunning_unit ON billing_dunning (company_id, unit_id, id);
CREATE INDEX billing_dunning_batch ON billing_dunning (company_id, batch_id, number);

-- A promise to pay: the latest of a household counts. Whether it was kept the ledger says.
CREATE TABLE billing_promise (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    party_id uuid NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    promised_on date NOT NULL,
    note text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, party_id) REFERENCES party (company_id, site_id, id)
);
CREATE INDEX billing_promise_unit ON billing_promise (company_id, unit_id, id);

-- What a household disputes: an item, or all that it owes. Nobody asks for it before the dispute is settled.
CREATE TABLE billing_dispute (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    party_id uuid NOT NULL,
    item_id uuid,
    reason text NOT NULL,
    -- generated, so that the state cannot contradict what is on record
    status text NOT NULL GENERATED ALWAYS AS (CASE WHEN settled_on IS NULL THEN 'open' ELSE 'settled' END) STORED,
    opened_on date NOT NULL,
    opened_at timestamptz NOT NULL,
    opened_by uuid,
    opened_by_name text NOT NULL,
    settled_on date CHECK (settled_on >= opened_on),
    settled_by uuid,
    settled_by_name text NOT NULL DEFAULT '',
    outcome text NOT NULL DEFAULT '',
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, party_id) REFERENCES party (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id)
);
CREATE UNIQUE INDEX billing_dispute_open ON billing_dispute (company_id, unit_id, item_id)
    NULLS NOT DISTINCT WHERE settled_on IS NULL;
CREATE INDEX billing_dispute_unit ON billing_dispute (company_id, unit_id, id);

-- Damages that were charged: of which charge, until which day. Its id is that of the charge that they are.
CREATE TABLE billing_damages (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    principal_id uuid NOT NULL,
    until date NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, principal_id, until),
    FOREIGN KEY (company_id, principal_id) REFERENCES billing_owed (company_id, charge_id),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id)
);
{tenant_table("billing_owed", writes=["INSERT", "UPDATE"])}
{tenant_table("billing_dunning", writes=["INSERT"])}
{tenant_table("billing_promise", writes=["INSERT"])}
{tenant_table("billing_dispute", writes=["INSERT", "UPDATE"])}
{tenant_table("billing_damages", writes=["INSERT"])}
GRANT UPDATE (note, who) ON billing_dunning TO lodge_app;
GRANT UPDATE (note) ON billing_promise TO lodge_app;
"""


async def forwards():
    return sql_migration(ID, "billing", DESCRIPTION, TABLES)
