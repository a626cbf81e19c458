"""The tables of the operator's realm as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import UUID, Array, BigInt, Boolean, Bytea, Integer, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import KeyedTable, TenantTable


class Operator(TenantTable, tablename="operator"):
    """Somebody who operates the platform: password, authenticator app, and the link that sets the password."""

    privacy = Privacy(
        purpose="operating the platform",
        of="staff",
        name="name",
        account="login",
        secret="password_hash secret_sealed recovery",
        sealed={"secret_sealed": "id"},
        member="id",
    )
    login = Text(default=None)
    name = Text(default=None)
    password_hash = Text(null=True, default=None)
    link_id = UUID(null=True, default=None)
    link_until = Timestamptz(null=True, default=None)
    secret_sealed = Bytea(null=True, default=None)
    confirmed_at = Timestamptz(null=True, default=None)
    last_step = BigInt(default=None)
    recovery = Array(Bytea(), default=None)
    active = Boolean(default=None)
    created_at = Timestamptz(default=None)


class OperatorSession(TenantTable, tablename="operator_session"):
    """A sign-in of an operator on one device, with the hash of its token."""

    privacy = Privacy(
        purpose="signing in", of="staff", account="user_agent network", secret="secret_hash", member="operator_id"
    )
    operator_id = UUID(default=None)
    secret_hash = Bytea(default=None)
    created_at = Timestamptz(default=None)
    used_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    revoked_at = Timestamptz(null=True, default=None)
    user_agent = Text(default=None)
    network = Text(default=None)


class OperatorSignIn(TenantTable, tablename="operator_sign_in"):
    """A sign-in of an operator, or an attempt at one; append-only."""

    privacy = Privacy(purpose="seeing who signed in", of="staff", account="network user_agent", member="operator_id")
    operator_id = UUID(default=None)
    at = Timestamptz(default=None)
    outcome = Text(default=None)
    factor = Text(default=None)
    network = Text(default=None)
    user_agent = Text(default=None)


class OperatorAccess(TenantTable, tablename="operator_access"):
    """A grant by which an operator enters the company, present or past."""

    privacy = Privacy(
        plain="reason case_ref role",
        staff="operator_name decided_by_name",
        secret="token_hash",
    )
    operator_id = UUID(default=None)
    operator_name = Text(default=None)
    reason = Text(default=None)
    case_ref = Text(default=None)
    role = Text(default=None)
    reveal = Boolean(default=None)
    hours = Integer(default=None)
    state = Text(default=None)
    asked_at = Timestamptz(default=None)
    opened_at = Timestamptz(null=True, default=None)
    until = Timestamptz(null=True, default=None)
    decided_by = UUID(null=True, default=None)
    decided_by_name = Text(default=None)
    ended_at = Timestamptz(null=True, default=None)
    ended_by = Text(default=None)
    token_hash = Bytea(null=True, default=None)
    session_id = UUID(null=True, default=None)


class OperatorAccessDue(KeyedTable, tablename="operator_access_due"):
    """When an access ends, or a request for one lapses."""

    access_id = UUID(default=None)
    due_at = Timestamptz(default=None)
