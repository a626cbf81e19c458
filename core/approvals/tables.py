"""The table of approvals as the migrations leave it."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import TenantTable


class Approval(TenantTable, tablename="approval"):
    """Something that counts once a second person has agreed to it."""

    privacy = Privacy(
        purpose="a second look",
        plain="kind subject permission",
        free_text="payload reason decision",
        staff="asked_by_name decided_by_name",
    )
    site_id = UUID(default=None)
    kind = Text(default=None)
    subject = Text(default=None)
    permission = Text(default=None)
    payload = JSONB(default=None)
    reason = Text(default=None)
    concerns_id = UUID(null=True, default=None)
    state = Text(default=None)
    asked_by = UUID(default=None)
    asked_by_name = Text(default=None)
    asked_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    decided_by = UUID(null=True, default=None)
    decided_by_name = Text(default=None)
    decided_at = Timestamptz(null=True, default=None)
    decision = Text(default=None)
