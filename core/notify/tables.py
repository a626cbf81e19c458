"""The tables of outgoing messages as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, Boolean, Bytea, Integer, SmallInt, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import KeyedTable, TenantTable


class NotifyPreference(KeyedTable, tablename="notify_preference"):
    """How a person wants to be told, with sealed addresses."""

    privacy = Privacy(
        purpose="telling colleagues as they wish",
        of="staff",
        plain="settings",
        contact="contacts_sealed",
        sealed={"contacts_sealed": "member_id"},
        member="member_id",
    )
    member_id = UUID(default=None)
    contacts_sealed = Bytea(null=True, default=None)
    settings = JSONB(default=None)
    version = Integer(default=None)
    updated_at = Timestamptz(default=None)


class Webhook(TenantTable, tablename="webhook"):
    """An address that a company's events are posted to."""

    privacy = Privacy(
        plain="url description event_types",
        secret="secret_sealed former_sealed",
        sealed={"secret_sealed": "id", "former_sealed": "id"},
    )
    url = Text(default=None)
    description = Text(default=None)
    event_types = Array(Text(), default=None)
    site_ids = Array(UUID(), default=None)
    secret_sealed = Bytea(default=None)
    active = Boolean(default=None)
    created_at = Timestamptz(default=None)
    version = Integer(default=None)
    former_sealed = Bytea(null=True, default=None)
    former_until = Timestamptz(null=True, default=None)


class NotifyProvider(TenantTable, tablename="notify_provider"):
    """A chat group or the text message service of a company, with sealed tokens."""

    privacy = Privacy(
        plain="name kinds",
        secret="settings_sealed",
        sealed={"settings_sealed": "id"},
    )
    name = Text(default=None)
    scheme = Text(default=None)
    kinds = Array(Text(), default=None)
    site_ids = Array(UUID(), default=None)
    settings_sealed = Bytea(default=None)
    active = Boolean(default=None)
    created_at = Timestamptz(default=None)
    version = Integer(default=None)


class NotifyDelivery(TenantTable, tablename="notify_delivery"):
    """A message on its way, and what became of it."""

    privacy = Privacy(
        purpose="telling people",
        plain="kind",
        free_text="payload last_error",
        member="member_id",
    )
    site_id = UUID(null=True, default=None)
    channel = Text(default=None)
    kind = Text(default=None)
    event_id = UUID(null=True, default=None)
    member_id = UUID(null=True, default=None)
    webhook_id = UUID(null=True, default=None)
    provider_id = UUID(null=True, default=None)
    payload = Text(null=True, default=None)
    digest_at = Timestamptz(null=True, default=None)
    state = Text(default=None)
    attempts = Integer(default=None)
    created_at = Timestamptz(default=None)
    last_at = Timestamptz(null=True, default=None)
    last_status = Integer(null=True, default=None)
    last_error = Text(null=True, default=None)


class NotifyDue(KeyedTable, tablename="notify_due"):
    """When a message is to be taken up next: ids and an instant."""

    delivery_id = UUID(default=None)
    due_at = Timestamptz(default=None)


class NotifyConfirmation(KeyedTable, tablename="notify_confirmation"):
    """An address that waits to be confirmed, and how often that was asked for."""

    privacy = Privacy(
        of="staff",
        member="member_id",
    )
    member_id = UUID(default=None)
    channel = Text(default=None)
    delivery_id = UUID(null=True, default=None)
    expires_at = Timestamptz(default=None)
    guesses = SmallInt(default=None)
    sends = SmallInt(default=None)
    sends_since = Timestamptz(default=None)
    sent_at = Timestamptz(default=None)


class Notification(TenantTable, tablename="notification"):
    """What a person is told, about a ticket or of a module's own; then `params` hold the page that it leads to."""

    privacy = Privacy(
        purpose="telling colleagues",
        of="staff",
        plain="kind severity",
        free_text="params",
        member="member_id",
    )
    site_id = UUID(default=None)
    member_id = UUID(default=None)
    kind = Text(default=None)
    severity = Text(default=None)
    ticket_id = UUID(null=True, default=None)
    params = JSONB(default=None)
    event_id = UUID(default=None)
    digest_id = UUID(null=True, default=None)
    created_at = Timestamptz(default=None)
    read_at = Timestamptz(null=True, default=None)
