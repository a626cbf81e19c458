"""The table of statements by link as the migration leaves it."""

from __future__ import annotations

from piccolo.columns import UUID, Bytea, Integer, Text, Timestamptz

from core.sdk import Privacy, TenantTable


class BillingStatement(TenantTable, tablename="billing_statement"):
    """A link to what a household owes, sent to somebody of it, and how often it was read (BIL-8)."""

    privacy = Privacy(
        purpose="telling a household what it owes",
        secret="code_hash",
        staff="sent_by_name",
        party="party_id",
        whole=True,
    )
    site_id = UUID(default=None)
    unit_id = UUID(default=None)
    party_id = UUID(default=None)
    sent_at = Timestamptz(default=None)
    sent_by = UUID(null=True, default=None)
    sent_by_name = Text(default=None)
    expires_at = Timestamptz(default=None)
    codes = Integer(default=None)
    code_hash = Bytea(null=True, default=None)
    code_at = Timestamptz(null=True, default=None)
    code_until = Timestamptz(null=True, default=None)
    tries = Integer(default=None)
    looks = Integer(default=None)
    looked_at = Timestamptz(null=True, default=None)


ALL = (BillingStatement,)
