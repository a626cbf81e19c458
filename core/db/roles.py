"""Database roles and the schema: who owns, serves, dispatches, operates. Idempotent; run by an administrator."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

OWNER, APP, DISPATCH, DEFINER = "lodge_owner", "lodge_app", "lodge_dispatch", "lodge_definer"
OPERATOR = "lodge_operator"
SCHEMA = "lodge"
BOOTSTRAP_LOCK = 0x10D6E

_ROLES = {
    OWNER: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION",
    APP: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION NOINHERIT",
    DISPATCH: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION NOINHERIT",
    # reads what the operator's console shows of every company: columns that say nothing of a person
    OPERATOR: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION NOINHERIT",
    # owns the few functions that look across tenants (sign-in); nobody can log in as it
    DEFINER: "NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION",
}
_SETTINGS = {
    OWNER: {"search_path": SCHEMA},
    APP: {"search_path": SCHEMA, "statement_timeout": "30s", "idle_in_transaction_session_timeout": "60s"},
    DISPATCH: {"search_path": SCHEMA, "idle_in_transaction_session_timeout": "60s"},
    OPERATOR: {"search_path": SCHEMA, "statement_timeout": "30s", "idle_in_transaction_session_timeout": "60s"},
}


def password_of(role: str, secret: bytes) -> str:
    """Each role's password follows from the instance's secret, so that none is stored anywhere."""
    return hmac.new(secret, f"database role {role}".encode(), hashlib.sha256).hexdigest()


async def bootstrap(admin: Any, secret: bytes) -> None:
    """Create or mend roles and schema on the administrator's asyncpg connection. Five starters at once all succeed."""
    async with admin.transaction():
        await admin.execute(f"SELECT pg_advisory_xact_lock({BOOTSTRAP_LOCK})")
        database = await admin.fetchval("SELECT quote_ident(current_database())")
        known = {row[0] for row in await admin.fetch("SELECT rolname FROM pg_roles WHERE rolname LIKE 'lodge%'")}
        for role, attributes in _ROLES.items():
            verb = "ALTER" if role in known else "CREATE"
            password = f" PASSWORD '{password_of(role, secret)}'" if attributes.startswith("LOGIN") else ""
            await admin.execute(f"{verb} ROLE {role} {attributes}{password}")
        for role, settings in _SETTINGS.items():
            for name, value in settings.items():
                await admin.execute(f"ALTER ROLE {role} IN DATABASE {database} SET {name} = '{value}'")
        # ownership can only be given by a member of the new owner; a superuser is one of every role
        await admin.execute(f"GRANT {OWNER}, {DEFINER} TO CURRENT_USER")
        await admin.execute(f"GRANT {DEFINER} TO {OWNER}")
        await admin.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA} AUTHORIZATION {OWNER}")
        await admin.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {APP}, {DISPATCH}, {OPERATOR}, {DEFINER}")
        await admin.execute(f"GRANT CREATE ON SCHEMA {SCHEMA} TO {DEFINER}")
        await admin.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
        await admin.execute(f"GRANT CONNECT ON DATABASE {database} TO {OWNER}, {APP}, {DISPATCH}, {OPERATOR}")
        await admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        await admin.execute(f"CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA {SCHEMA}")
        await admin.execute(f"CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA {SCHEMA}")


class TooStrong(RuntimeError):
    """We were about to serve as a role that row level security does not bind."""


async def refuse_stronger(connection: Any) -> None:
    """Raise TooStrong unless the connection's role is bound by row level security and owns no table of ours."""
    row = await connection.fetchrow(
        """SELECT current_user AS name, rolsuper OR rolbypassrls OR rolcreaterole AS strong,
                  EXISTS (SELECT FROM pg_class c
                          WHERE c.relnamespace = $1::regnamespace AND pg_has_role(c.relowner, 'MEMBER')) AS owner
           FROM pg_roles WHERE rolname = current_user""",
        SCHEMA,
    )
    if row["strong"] or row["owner"]:
        raise TooStrong(f"refusing to serve as {row['name']}: row level security does not bind that role; use {APP}")
