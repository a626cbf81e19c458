"""The tables of companies' identity providers as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import UUID, Array, Boolean, Bytea, Integer, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import KeyedTable, TenantTable


class IdentityProvider(TenantTable, tablename="identity_provider"):
    """By whom a company's people are vouched for, and whether that is the only way in."""

    privacy = Privacy(
        plain="title issuer client_id scopes address_claim factors",
        secret="secret_sealed",
        sealed={"secret_sealed": "id"},
    )
    title = Text(default=None)
    issuer = Text(default=None)
    client_id = Text(default=None)
    secret_sealed = Bytea(null=True, default=None)
    scopes = Array(Text(), default=None)
    address_claim = Text(default=None)
    factors = Array(Text(), default=None)
    active = Boolean(default=None)
    only_way = Boolean(default=None)
    emergency_id = UUID(null=True, default=None)
    tried_at = Timestamptz(null=True, default=None)
    updated_at = Timestamptz(default=None)
    version = Integer(default=None)


class IdentityLink(KeyedTable, tablename="identity_link"):
    """As whom the provider knows a member."""

    privacy = Privacy(purpose="signing in", of="staff", account="issuer subject", member="member_id", whole=True)
    member_id = UUID(default=None)
    issuer = Text(default=None)
    subject = Text(default=None)
    linked_at = Timestamptz(default=None)
