"""The tables of accounts' links as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, Boolean, Bytea, Integer, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import TenantTable


class Invitation(TenantTable, tablename="invitation"):
    """Somebody asked to work for the company: what they are to be, and what came of it."""

    privacy = Privacy(
        purpose="coming to work here",
        of="staff",
        plain="roles posts department",
        name="name",
        account="staff_no",
        contact="email_sealed",
        sealed={"email_sealed": "id"},
        member="membership_id",
    )
    link_id = UUID(default=None)
    name = Text(default=None)
    staff_no = Text(default=None)
    department = Text(default=None)
    roles = Array(Text(), default=None)
    all_sites = Boolean(default=None)
    site_ids = Array(UUID(), default=None)
    email_sealed = Bytea(null=True, default=None)
    invited_by = UUID(default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    mailed_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    joined_at = Timestamptz(null=True, default=None)
    membership_id = UUID(null=True, default=None)
    version = Integer(default=None)
    posts = JSONB(default="{}")


class PasswordReset(TenantTable, tablename="password_reset"):
    """A link by which a member sets a new password, once."""

    membership_id = UUID(default=None)
    issued_by = UUID(null=True, default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    used_at = Timestamptz(null=True, default=None)
