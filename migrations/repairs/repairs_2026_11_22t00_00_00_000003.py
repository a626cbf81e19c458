"""What a repair took and costs (REP-3): price list, materials and labour, agreements of residents, photos."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-22T00:00:00:000003"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE repairs_price (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    unit text NOT NULL,
    price_fen bigint NOT NULL,
    warranty_days integer NOT NULL DEFAULT 0,
    -- a code's price holds until its next one begins
    valid_from date NOT NULL,
    retired boolean NOT NULL DEFAULT false,
    set_at timestamptz NOT NULL,
    set_by_name text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, code, valid_from),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    CHECK (kind IN ('material', 'labour', 'fee')),
    CHECK (price_fen >= 0 AND warranty_days >= 0)
);

CREATE TABLE repairs_line (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    price_id uuid NOT NULL,
    -- as the price list said then
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    unit text NOT NULL,
    price_fen bigint NOT NULL,
    warranty_days integer NOT NULL DEFAULT 0,
    -- in thousandths of the unit; a counter-entry takes the same amount back
    quantity bigint NOT NULL,
    amount_fen bigint NOT NULL,
    counters_id uuid,
    note text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_name text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket (company_id, id),
    FOREIGN KEY (company_id, price_id) REFERENCES repairs_price (company_id, id),
    FOREIGN KEY (company_id, counters_id) REFERENCES repairs_line (company_id, id),
    CHECK ((counters_id IS NULL) = (quantity > 0))
);
CREATE INDEX repairs_line_ticket ON repairs_line (company_id, ticket_id);
CREATE INDEX repairs_line_price ON repairs_line (company_id, price_id);
-- nothing is taken back twice
CREATE UNIQUE INDEX repairs_line_countered ON repairs_line (company_id, counters_id) WHERE counters_id IS NOT NULL;

CREATE TABLE repairs_consent (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    kind text NOT NULL,
    amount_fen bigint NOT NULL,
    how text NOT NULL DEFAULT '',
    resident_name text NOT NULL DEFAULT '',
    attachment_id uuid,
    reason text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket (company_id, id),
    FOREIGN KEY (company_id, attachment_id) REFERENCES ticket_attachment (company_id, id),
    FOREIGN KEY (company_id, by_id) REFERENCES membership (company_id, id),
    CHECK (kind IN ('estimate', 'charge', 'waiver')),
    CHECK ((how = 'signature') = (attachment_id IS NOT NULL))
);
CREATE INDEX repairs_consent_ticket ON repairs_consent (company_id, ticket_id);
CREATE INDEX repairs_consent_attachment ON repairs_consent (company_id, attachment_id) WHERE attachment_id IS NOT NULL;
CREATE INDEX repairs_consent_by ON repairs_consent (company_id, by_id) WHERE by_id IS NOT NULL;

CREATE TABLE repairs_photo (
    company_id uuid NOT NULL,
    -- the attachment's
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    moment text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, id) REFERENCES ticket_attachment (company_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket (company_id, id),
    CHECK (moment IN ('before', 'after'))
);
CREATE INDEX repairs_photo_ticket ON repairs_photo (company_id, ticket_id);
{tenant_table("repairs_price", writes=["INSERT"])}
{tenant_table("repairs_line", writes=["INSERT"])}
{tenant_table("repairs_consent", writes=["INSERT"])}
{tenant_table("repairs_photo")}
"""


async def forwards():
    return sql_migration(ID, "repairs", DESCRIPTION, TABLES)
