"""Notifications, webhooks, providers, deliveries; how far a ticket has gone up."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000008"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- TKT-6: whom the ticket has gone up to, and when its last step up was taken; earlier steps are done with for good.
ALTER TABLE ticket ADD escalation smallint NOT NULL DEFAULT 0 CHECK (escalation BETWEEN 0 AND 4);
ALTER TABLE ticket ADD escalated_at timestamptz;

-- How a person wants to be told. The addresses are sealed: a dump gives away no telephone number.
CREATE TABLE notify_preference (
    company_id uuid NOT NULL,
    member_id uuid NOT NULL,
    contacts_sealed bytea,
    settings jsonb NOT NULL,
    version integer NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, member_id),
    FOREIGN KEY (company_id, member_id) REFERENCES membership (company_id, id) ON DELETE CASCADE
);
-- A company's addresses for events. The secret is shown once.
CREATE TABLE webhook (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    url text NOT NULL,
    description text NOT NULL,
    event_types text[] NOT NULL,
    site_ids uuid[] NOT NULL,
    secret_sealed bytea NOT NULL,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id) REFERENCES company (company_id) ON DELETE CASCADE
);
-- Chat groups and the text message service of a company; `settings_sealed` holds its tokens.
CREATE TABLE notify_provider (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    scheme text NOT NULL CHECK (scheme IN ('wecom', 'dingtalk', 'feishu', 'twilio')),
    kinds text[] NOT NULL,
    site_ids uuid[] NOT NULL,
    settings_sealed bytea NOT NULL,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id) REFERENCES company (company_id) ON DELETE CASCADE
);
-- A message on its way: to a person (e-mail, sms), a group (chat) or a webhook. Its id is what receivers know it by.
CREATE TABLE notify_delivery (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid,
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'chat', 'webhook')),
    kind text NOT NULL,
    event_id uuid,
    member_id uuid,
    webhook_id uuid,
    provider_id uuid,
    payload text,
    digest_at timestamptz,
    state text NOT NULL CHECK (state IN ('waiting', 'sent', 'dropped', 'parked')),
    attempts integer NOT NULL,
    created_at timestamptz NOT NULL,
    last_at timestamptz,
    last_status integer,
    last_error text,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, member_id, site_id, digest_at),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, member_id) REFERENCES membership (company_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, webhook_id) REFERENCES webhook (company_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, provider_id) REFERENCES notify_provider (company_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX notify_delivery_once ON notify_delivery
    (company_id, event_id, channel, webhook_id, provider_id, member_id) NULLS NOT DISTINCT WHERE event_id IS NOT NULL;
CREATE INDEX notify_delivery_log ON notify_delivery (company_id, created_at DESC, id DESC);
-- What is to be sent when: ids and an instant. Taking a message up moves its instant on, so that a second worker leaves
-- it alone and a killed one's comes back.
CREATE TABLE notify_due (
    company_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, delivery_id),
    FOREIGN KEY (company_id, delivery_id) REFERENCES notify_delivery (company_id, id) ON DELETE CASCADE
);
CREATE INDEX notify_due_next ON notify_due (company_id, due_at);
-- What a person is told, kept whether anything is sent or not.
CREATE TABLE notification (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    member_id uuid NOT NULL,
    kind text NOT NULL,
    severity text NOT NULL,
    ticket_id uuid NOT NULL,
    params jsonb NOT NULL,
    event_id uuid NOT NULL,
    digest_id uuid,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, member_id, event_id),
    FOREIGN KEY (company_id, member_id) REFERENCES membership (company_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket (company_id, id) ON DELETE CASCADE
);
CREATE INDEX notification_inbox ON notification (company_id, member_id, id DESC);
CREATE INDEX notification_unread ON notification (company_id, member_id) WHERE read_at IS NULL;
CREATE INDEX notification_digest ON notification (company_id, digest_id) WHERE digest_id IS NOT NULL;
{tenant_table("notify_preference")}
{tenant_table("webhook")}
{tenant_table("notify_provider")}
{tenant_table("notify_delivery")}
{tenant_table("notify_due", dispatch=["SELECT", "UPDATE"])}
{tenant_table("notification")}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
