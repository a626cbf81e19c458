"""The ledger: entries of double entry bookkeeping that nobody changes, and periods that are closed to them (MO-1 to MO-7)."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-23T00:00:00:000010"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE billing_entry (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    -- the site's day that it counts in, which decides on its period
    posted_on date NOT NULL,
    kind text NOT NULL CHECK (kind IN
        ('charge', 'payment', 'allocation', 'deposit', 'deposit_return', 'refund', 'waiver', 'adjustment', 'reversal')),
    -- the entry that this one undoes, once
    reverses uuid,
    -- whoever posts the same again under this name finds the entry there
    key text NOT NULL,
    -- of what was to be posted: the same key with anything else is a mistake
    digest bytea NOT NULL,
    note text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, site_id, key),
    UNIQUE (company_id, reverses),
    CHECK ((kind = 'reversal') = (reverses IS NOT NULL)),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, site_id, reverses) REFERENCES billing_entry (company_id, site_id, id)
);
CREATE INDEX billing_entry_day ON billing_entry (company_id, site_id, posted_on, at);

CREATE TABLE billing_posting (
    company_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    line integer NOT NULL CHECK (line > 0),
    site_id uuid NOT NULL,
    account text NOT NULL CHECK (account IN ('receivable', 'prepayment', 'deposit', 'clearing', 'income')),
    item_id uuid,
    unit_id uuid,
    party_id uuid,
    -- the bill's line that is owed or paid
    charge_id uuid,
    -- by what means money came or went: cash, card, transfer, qr
    means text NOT NULL DEFAULT '',
    -- debit above nought, credit below
    amount_fen bigint NOT NULL CHECK (amount_fen <> 0),
    PRIMARY KEY (company_id, entry_id, line),
    CHECK (account NOT IN ('receivable', 'income') OR item_id IS NOT NULL),
    CHECK (account NOT IN ('receivable', 'prepayment', 'deposit') OR unit_id IS NOT NULL),
    CHECK (account <> 'receivable' OR charge_id IS NOT NULL),
    CHECK ((account = 'clearing') = (means <> '')),
    FOREIGN KEY (company_id, site_id, entry_id) REFERENCES billing_entry (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id),
    FOREIGN KEY (company_id, unit_id) REFERENCES unit (company_id, id)
);
CREATE INDEX billing_posting_unit ON billing_posting (company_id, unit_id, account)
    INCLUDE (charge_id, item_id, party_id, entry_id, amount_fen);
CREATE INDEX billing_posting_charge ON billing_posting (company_id, charge_id) INCLUDE (amount_fen)
    WHERE charge_id IS NOT NULL;

CREATE TABLE billing_period (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    month date NOT NULL CHECK (month = date_trunc('month', month)),
    debit_fen bigint NOT NULL,
    credit_fen bigint NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, month),
    CHECK (debit_fen = credit_fen),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);

-- The lock of a site's ledger, shared by those who post and held alone by who closes; and that of a unit's accounts.
CREATE FUNCTION billing_turn(id uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT hashtextextended('billing ' || id, 0)
$$;

-- An entry is written with its postings, in one statement, and not into a month that is closed or before one (MO-7).
-- What closes the month waits for this lock, or has been committed when the lock is there, so that it shows.
CREATE FUNCTION billing_entered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(billing_turn(s.site_id)) FROM (SELECT DISTINCT site_id FROM written) s;
    IF EXISTS (SELECT FROM written w JOIN billing_period p ON p.company_id = w.company_id AND p.site_id = w.site_id
               AND p.month >= date_trunc('month', w.posted_on)) THEN
        RAISE EXCEPTION 'the month is closed' USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_closed';
    END IF;
    IF EXISTS (SELECT FROM written w WHERE NOT EXISTS (
        SELECT FROM billing_posting p WHERE p.company_id = w.company_id AND p.entry_id = w.id)) THEN
        RAISE EXCEPTION 'an entry has postings' USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_entered';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_entered AFTER INSERT ON billing_entry
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION billing_entered();

-- One statement writes all of an entry's postings, and they cancel out: nothing is added to them later.
CREATE FUNCTION billing_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM written GROUP BY company_id, entry_id HAVING sum(amount_fen) <> 0) THEN
        RAISE EXCEPTION 'the postings of an entry do not cancel out'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_balanced';
    END IF;
    IF EXISTS (SELECT FROM (SELECT company_id, entry_id, count(*) AS lines FROM written GROUP BY 1, 2) w
               WHERE w.lines <> (SELECT count(*) FROM billing_posting p
                                 WHERE p.company_id = w.company_id AND p.entry_id = w.entry_id)) THEN
        RAISE EXCEPTION 'an entry has its postings already'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_written';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_balanced AFTER INSERT ON billing_posting
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION billing_balanced();

-- Whoever closes a month does so alone.
CREATE FUNCTION billing_closing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(billing_turn(NEW.site_id));
    RETURN NEW;
END $$;
CREATE TRIGGER billing_closing BEFORE INSERT ON billing_period FOR EACH ROW EXECUTE FUNCTION billing_closing();
REVOKE ALL ON FUNCTION billing_turn(uuid), billing_entered(), billing_balanced(), billing_closing() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION billing_turn(uuid) TO lodge_app;
{tenant_table("billing_entry", writes=["INSERT"])}
{tenant_table("billing_posting", writes=["INSERT"])}
{tenant_table("billing_period", writes=["INSERT"])}
"""


async def forwards():
    return sql_migration(ID, "billing", DESCRIPTION, TABLES)
