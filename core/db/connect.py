"""From one administrator's DSN to a database that is ready: roles made, schema migrated, one DSN for each role."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
import msgspec

from core.db import roles
from core.db.engine import Database
from core.db.migrate import MigrationApp, migrate

OLDEST = 170000  # PostgreSQL 17: builtin C.UTF-8 locale, NULLS NOT DISTINCT


class DatabaseUnavailable(RuntimeError):
    """The database cannot be used; the message is one line that says why and what to do. Holds no password."""


class RoleDsns(msgspec.Struct, frozen=True):
    """How to connect as each role. Contains passwords: never logged."""

    owner: str
    app: str
    dispatch: str
    operator: str


def role_dsns(admin_dsn: str, secret: bytes) -> RoleDsns:
    """The administrator's DSN with each role's name and password put in."""
    parts = urlsplit(admin_dsn)

    def of(role: str) -> str:
        host = parts.netloc.rpartition("@")[2]
        user = f"{role}:{quote(roles.password_of(role, secret))}"
        return urlunsplit(parts._replace(netloc=f"{user}@{host}"))

    return RoleDsns(owner=of(roles.OWNER), app=of(roles.APP), dispatch=of(roles.DISPATCH), operator=of(roles.OPERATOR))


async def connect_admin(dsn: str) -> asyncpg.Connection:
    """Connect once, or raise DatabaseUnavailable with one clear line."""
    where = urlsplit(dsn)
    place = f"{where.hostname or 'local socket'}:{where.port or 5432}{where.path}"
    try:
        connection = await asyncpg.connect(dsn, timeout=10, server_settings={"application_name": "lodge-setup"})
    except (OSError, TimeoutError):
        raise DatabaseUnavailable(f"no PostgreSQL answers at {place}; check LODGE_DATABASE_URL") from None
    except asyncpg.InvalidCatalogNameError:
        raise DatabaseUnavailable(f"the database of {place} does not exist; create it first") from None
    except asyncpg.InvalidAuthorizationSpecificationError:
        raise DatabaseUnavailable(f"user or password is wrong for {place}; check LODGE_DATABASE_URL") from None
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise DatabaseUnavailable(f"PostgreSQL at {place} refuses: {str(error).splitlines()[0]}") from None
    if int(await connection.fetchval("SHOW server_version_num")) < OLDEST:
        version = await connection.fetchval("SHOW server_version")
        await connection.close()
        raise DatabaseUnavailable(f"PostgreSQL at {place} is version {version}; Lodge needs 17 or newer")
    return connection


async def prepare(
    admin_dsn: str, secret: bytes, apps: Sequence[MigrationApp], progress: Callable[[str], None] = lambda _: None
) -> RoleDsns:
    """Make roles and schema what this version needs. Raises DatabaseUnavailable. Safe to run by many at once."""
    admin = await connect_admin(admin_dsn)
    try:
        await roles.bootstrap(admin, secret)
    except asyncpg.InsufficientPrivilegeError as error:
        raise DatabaseUnavailable(
            f"the user of LODGE_DATABASE_URL may not create roles and schema ({error}); use an administrator"
        ) from None
    finally:
        await admin.close()
    dsns = role_dsns(admin_dsn, secret)
    owner = Database(dsns.owner, max_size=1)
    await owner.connect()
    try:
        await migrate(owner, apps, progress)
    finally:
        await owner.close()
    return dsns
