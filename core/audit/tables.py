"""The table of the audit log as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import TenantTable


class AuditEntry(TenantTable, tablename="audit_entry"):
    """Who changed what; append-only."""

    privacy = Privacy(
        plain="actor_kind action subject_type subject_id changes request_id",
        staff="actor_name",
    )
    at = Timestamptz(default=None)
    actor_kind = Text(default=None)
    actor_id = UUID(null=True, default=None)
    actor_name = Text(default=None)
    site_id = UUID(null=True, default=None)
    action = Text(default=None)
    subject_type = Text(default=None)
    subject_id = Text(default=None)
    changes = JSONB(default=None)
    request_id = Text(default=None)
