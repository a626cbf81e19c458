"""Confirmed addresses, secrets that are succeeded, scheduled jobs that remember their slot, the outbox in turns."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000017"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- JB-5: events are taken company by company, each company's oldest first.
CREATE INDEX outbox_turn ON outbox (company_id, available_at, id) WHERE dead_at IS NULL;
DROP INDEX outbox_available;

-- The secret before this one signs too until its receiver knows the new one.
ALTER TABLE webhook ADD former_sealed bytea;
ALTER TABLE webhook ADD former_until timestamptz;
ALTER TABLE webhook ADD CHECK ((former_sealed IS NULL) = (former_until IS NULL));
CREATE INDEX notify_delivery_webhook ON notify_delivery (company_id, webhook_id, created_at DESC, id DESC)
    WHERE webhook_id IS NOT NULL;
CREATE INDEX notify_delivery_provider ON notify_delivery (company_id, provider_id, created_at DESC, id DESC)
    WHERE provider_id IS NOT NULL;

-- An address waiting for its owner's answer. What is answered with is derived from the message's id and the address and
-- stands nowhere; without a message there is nothing to answer. The counts outlive it: they keep strangers from mail.
CREATE TABLE notify_confirmation (
    company_id uuid NOT NULL,
    member_id uuid NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    delivery_id uuid,
    expires_at timestamptz NOT NULL,
    guesses smallint NOT NULL,
    sends smallint NOT NULL,
    sends_since timestamptz NOT NULL,
    sent_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, member_id, channel),
    FOREIGN KEY (company_id, member_id) REFERENCES membership (company_id, id) ON DELETE CASCADE
);
{tenant_table("notify_confirmation")}

-- The last slot of each scheduled job that was queued, for every company at once.
CREATE TABLE job_slot (name text PRIMARY KEY, slot timestamptz NOT NULL);
GRANT SELECT, INSERT, UPDATE ON job_slot TO lodge_dispatch;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
