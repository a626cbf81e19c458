"""The table of requests about people's data, as the migrations leave it."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Bytea, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import TenantTable


class PrivacyRequest(TenantTable, tablename="privacy_request"):
    """A request for the data of somebody, or to erase it, and what came of it. `digest` names the sealed file."""

    privacy = Privacy(
        purpose="proving that requests were answered",
        plain="digest result",
        contact="phone_sealed",
        free_text="reason",
        staff="asked_by_name",
        sealed={"phone_sealed": "id"},
    )
    kind = Text(default=None)
    subject = Text(default=None)
    subject_id = UUID(null=True, default=None)
    phone_sealed = Bytea(null=True, default=None)
    reason = Text(default=None)
    state = Text(default=None)
    result = JSONB(default=None)
    digest = Text(null=True, default=None)
    size = BigInt(null=True, default=None)
    asked_by = UUID(null=True, default=None)
    asked_by_name = Text(default=None)
    asked_at = Timestamptz(default=None)
    finished_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
