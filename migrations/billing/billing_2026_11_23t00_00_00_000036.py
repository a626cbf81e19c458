"""Fixed discounts, and offers to whoever pays months ahead (BIL-1)."""

from core.sdk import sql_migration, tenant_table

ID = "2026-11-23T00:00:00:000036"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- Who pays so many months ahead has so many free. Taken on the days from `since` to `until`; its months never change.
CREATE TABLE billing_offer (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    item_id uuid NOT NULL,
    title text NOT NULL,
    paid smallint NOT NULL CHECK (paid BETWEEN 1 AND 60),
    free smallint NOT NULL CHECK (free BETWEEN 1 AND 24),
    since date NOT NULL,
    until date,
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    CHECK (until >= since - 1),
    FOREIGN KEY (company_id, site_id, item_id) REFERENCES billing_item (company_id, site_id, id)
);
CREATE INDEX billing_offer_site ON billing_offer (company_id, site_id, id DESC);

-- Only so much of the price, or a fixed sum off a full period. What came with money names its offer and its receipt:
-- months that were paid for, then those that are free.
ALTER TABLE billing_discount ALTER factor DROP NOT NULL,
    ADD off_fen bigint CHECK (off_fen > 0),
    ADD offer_id uuid,
    ADD receipt_id uuid,
    ADD CONSTRAINT billing_discount_one CHECK ((factor IS NULL) <> (off_fen IS NULL)),
    DROP CONSTRAINT billing_discount_kind_check,
    ADD CONSTRAINT billing_discount_kind_check CHECK (kind IN ('vacancy', 'other', 'prepaid')),
    ADD CONSTRAINT billing_discount_prepaid CHECK (
        (kind = 'prepaid') = (receipt_id IS NOT NULL) AND (kind = 'prepaid') = (offer_id IS NOT NULL)
        AND (kind <> 'prepaid' OR (unit_id IS NOT NULL AND until IS NOT NULL AND factor = 0))),
    ADD FOREIGN KEY (company_id, site_id, offer_id) REFERENCES billing_offer (company_id, site_id, id),
    ADD FOREIGN KEY (company_id, site_id, receipt_id) REFERENCES billing_receipt (company_id, site_id, id);
CREATE UNIQUE INDEX billing_discount_receipt ON billing_discount (company_id, receipt_id) WHERE receipt_id IS NOT NULL;
{tenant_table("billing_offer", writes=["INSERT", "UPDATE"])}
"""


async def forwards():
    return sql_migration(ID, "billing", DESCRIPTION, TABLES)
