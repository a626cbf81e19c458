"""The tables of accounts, sessions and tokens as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Bytea, Date, Integer, Text, Timestamptz
from piccolo.table import Table

from core.db.personal import Hold, Privacy
from core.db.tables import KeyedTable, TenantTable
from core.i18n import msgid


class Person(Table, tablename="person"):
    """Who can sign in. One person may work for several companies, so this belongs to none; only sign-in sees it."""

    privacy = Privacy(
        purpose="signing in",
        of="staff",
        account="login",
        secret="password_hash",
    )
    id = UUID(primary_key=True, default=None)
    login = Text(default=None)
    password_hash = Text(default=None)
    disabled_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=None)


class Membership(TenantTable, tablename="membership"):
    """A person working for a company: staff number, roles, and the sites they may enter."""

    privacy = Privacy(
        purpose="working here",
        of="staff",
        plain="roles posts department",
        name="name",
        account="staff_no",
        member="id",
        hold=Hold(where="active", reason=msgid("the account is on: switch it off first")),
    )
    person_id = UUID(default=None)
    name = Text(default=None)
    staff_no = Text(default=None)
    department = Text(default=None)
    roles = Array(Text(), default=None)
    all_sites = Boolean(default=None)
    site_ids = Array(UUID(), default=None)
    active = Boolean(default=None)
    created_at = Timestamptz(default=None)
    version = Integer(default=None)
    erased_at = Timestamptz(null=True, default=None)
    posts = JSONB(default="{}")


class Role(TenantTable, tablename="role"):
    """A role that a company has made for itself; memberships hold its key."""

    key = Text(default=None)
    privacy = Privacy(
        plain="key title permissions",
    )
    title = Text(default=None)
    permissions = Array(Text(), default=None)
    version = Integer(default=None)


class Session(TenantTable, tablename="session"):
    """A sign-in on one device, with the hashes of its present and its previous refresh token."""

    privacy = Privacy(
        purpose="signing in",
        of="staff",
        account="user_agent network",
        secret="refresh_hash previous_hash",
        member="membership_id",
    )
    membership_id = UUID(default=None)
    refresh_hash = Bytea(default=None)
    previous_hash = Bytea(null=True, default=None)
    rotated_at = Timestamptz(default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    revoked_at = Timestamptz(null=True, default=None)
    user_agent = Text(default=None)
    network = Text(default=None)
    by_provider = Boolean(default=None)


class SecondFactor(KeyedTable, tablename="second_factor"):
    """A member's authenticator app, on once it is confirmed, and what is left of the recovery codes."""

    privacy = Privacy(
        of="staff",
        secret="secret_sealed recovery",
        member="member_id",
        sealed={"secret_sealed": "member_id"},
    )
    member_id = UUID(default=None)
    secret_sealed = Bytea(default=None)
    begun_at = Timestamptz(default=None)
    confirmed_at = Timestamptz(null=True, default=None)
    last_step = BigInt(default=None)
    recovery = Array(Bytea(), default=None)


class SignInRecord(TenantTable, tablename="sign_in_record"):
    """A sign-in of a member, or an attempt at one: from which network, with what."""

    privacy = Privacy(
        purpose="seeing who signed in", of="staff", account="network user_agent device", member="member_id"
    )
    member_id = UUID(default=None)
    at = Timestamptz(default=None)
    outcome = Text(default=None)
    factor = Text(default=None)
    network = Text(default=None)
    user_agent = Text(default=None)
    device = Bytea(null=True, default=None)
    by_provider = Boolean(default=None)


class ApiToken(TenantTable, tablename="api_token"):
    """A token for programs, with the permissions and sites it was given."""

    privacy = Privacy(
        plain="name permissions last_used_from",
        secret="secret_hash",
    )
    name = Text(default=None)
    secret_hash = Bytea(default=None)
    permissions = Array(Text(), default=None)
    all_sites = Boolean(default=None)
    site_ids = Array(UUID(), default=None)
    created_by = UUID(default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    service_account_id = UUID(null=True, default=None)
    last_used_on = Date(null=True, default=None)
    last_used_from = Text(default=None)


class ServiceAccount(TenantTable, tablename="service_account"):
    """A program that works for the company, such as the telephone exchange: what its tokens may do, and where."""

    privacy = Privacy(
        plain="name purpose permissions",
    )
    name = Text(default=None)
    purpose = Text(default=None)
    permissions = Array(Text(), default=None)
    site_ids = Array(UUID(), default=None)
    active = Boolean(default=None)
    created_by = UUID(default=None)
    created_at = Timestamptz(default=None)
    version = Integer(default=None)


class SignInFailure(Table, tablename="sign_in_failure"):
    """Wrong passwords, counted before anybody is known: by a hash of the login or the address."""

    privacy = Privacy(
        purpose="slowing down guessing",
        of="staff",
        account="key",
    )
    key = Bytea(primary_key=True, default=None)
    window_start = Timestamptz(default=None)
    failures = Integer(default=None)


class RequestCount(Table, tablename="request_count"):
    """Requests within a minute, of a session or token by its id, of an address by a hash."""

    privacy = Privacy(purpose="slowing down floods", of="staff", account="key")
    key = Bytea(primary_key=True, default=None)
    minute = Timestamptz(default=None)
    requests = Integer(default=None)
