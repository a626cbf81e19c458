"""A platform as it serves, on a database of its own, with companies made for a test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import msgspec

from core.auth.passwords import hash_password
from core.auth.permissions import ROLES
from core.db.connect import RoleDsns, prepare
from core.db.engine import Database
from core.db.ids import company_id_of, new_id
from core.db.migrate import MigrationApp
from core.db.roles import APP, DISPATCH
from core.hooks.manager import PluginHost
from core.platform import Platform
from core.settings import ROOT, Settings
from core.tenancy.context import Actor, TenantContext
from core.tenancy.directory import Site
from core.work import Clock, Work

SECRET = b"the secret of one run of the tests"  # role passwords follow from it, and roles are a server's
PASSWORD = "correct horse battery staple"  # of everybody who works here
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)  # a Monday, ten in the morning in Shanghai
_PASSWORD_HASH = hash_password(PASSWORD)


class SettableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        """By a duration as `timedelta` takes it: `advance(hours=2)`."""
        self.now += timedelta(**duration)


class Databases:
    """Databases of one test server: empty ones, and copies of one that was migrated once."""

    def __init__(self, admin_dsn: str, apps: tuple[MigrationApp, ...]) -> None:
        self._admin_dsn = admin_dsn
        self._apps = apps
        self._numbers: Iterator[int] = count(1)
        self._migrated: str | None = None

    async def empty(self, template: str = "template1") -> str:
        """A new database; the superuser's DSN."""
        name = f"lodge_test_{next(self._numbers)}"
        admin = await asyncpg.connect(self._admin_dsn)
        try:
            await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        finally:
            await admin.close()
        return self._dsn(name)

    async def migrated(self) -> RoleDsns:
        """A new database of the present schema. Role settings and grants of a database are not copied, so made anew."""
        if self._migrated is None:
            dsn = await self.empty()
            await prepare(dsn, SECRET, self._apps)
            self._migrated = urlsplit(dsn).path.removeprefix("/")
        return await prepare(await self.empty(self._migrated), SECRET, self._apps)

    async def drop(self, dsns: RoleDsns) -> None:
        """Make room again."""
        admin = await asyncpg.connect(self._admin_dsn)
        try:
            await admin.execute(f'DROP DATABASE "{urlsplit(dsns.owner).path.removeprefix("/")}" WITH (FORCE)')
        finally:
            await admin.close()

    def admin_dsn(self, dsns: RoleDsns) -> str:
        """The superuser's way into a database of ours."""
        return self._dsn(urlsplit(dsns.owner).path.removeprefix("/"))

    def _dsn(self, database: str) -> str:
        return urlunsplit(urlsplit(self._admin_dsn)._replace(path=f"/{database}"))


def migration_apps(host: PluginHost) -> tuple[MigrationApp, ...]:
    """Core's migrations and those of the plugins."""
    plugins = ((plugin.id, plugin.manifest.migrations) for plugin in host.plugins)
    return (
        MigrationApp("core", ROOT / "migrations" / "core"),
        *(MigrationApp(id, folder) for id, folder in plugins if folder is not None),
    )


class Staff(msgspec.Struct, frozen=True):
    """Somebody who works for a company, in one role. The password is PASSWORD."""

    membership_id: UUID
    person_id: UUID
    login: str
    name: str
    role: str


class House(msgspec.Struct, frozen=True):
    """A company with its sites, one member of staff of each role for all of them, and an administrator of each alone.

    All names in it begin with its slug, which no other company's data has.
    """

    company_id: UUID
    slug: str
    sites: tuple[Site, ...]
    staff: dict[str, Staff]
    local: tuple[Staff, ...]


class Lodge:
    """A started platform and the owner's connection, with which tests make what no request can make."""

    def __init__(self, platform: Platform, owner: Database, dsns: RoleDsns) -> None:
        self.platform = platform
        self.owner = owner
        self.dsns = dsns
        self._numbers = count(1)

    async def house(self, slug: str | None = None, *, sites: int = 1, plugins: Iterable[str] = ()) -> House:
        """A new company, with `plugins` subscribed and switched on at every site."""
        slug = slug or f"house-{next(self._numbers)}"
        company_id = company_id_of(slug)
        made = tuple(
            Site(new_id(), f"{slug}-{n}", f"{slug} site {n}", "residential", "Asia/Shanghai", f"021-5555 {slug}")
            for n in range(1, sites + 1)
        )
        staff = {
            role: Staff(new_id(), new_id(), f"{role}.{slug}", f"{slug} {title}", role) for role, title in ROLES.items()
        }
        local = tuple(
            Staff(new_id(), new_id(), f"admin.{site.slug}", f"{site.slug} administrator", "admin") for site in made
        )
        everybody: list[tuple[Staff, bool, list[UUID]]] = [(s, True, []) for s in staff.values()]
        everybody += [(s, False, [site.id]) for s, site in zip(local, made, strict=True)]
        async with self.owner.begin(company_id) as uow:
            await uow.execute("INSERT INTO company (company_id, slug, name) VALUES ($1, $2, $2)", company_id, slug)
            await uow.execute_many(
                "INSERT INTO site (company_id, id, slug, name, kind, timezone, telephone) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                [(company_id, *msgspec.structs.astuple(site)) for site in made],
            )
            await uow.execute_many(
                "INSERT INTO person (id, login, password_hash) VALUES ($1, $2, $3)",
                [(s.person_id, s.login, _PASSWORD_HASH) for s, _, _ in everybody],
            )
            await uow.execute_many(
                "INSERT INTO membership (company_id, id, person_id, name, staff_no, department, roles, all_sites, "
                "site_ids) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                [
                    (company_id, s.membership_id, s.person_id, s.name, f"{slug}-{n:03}", slug, [s.role], all_sites, ids)
                    for n, (s, all_sites, ids) in enumerate(everybody, 1)
                ],
            )
            for plugin in plugins:
                await uow.execute_many(
                    "INSERT INTO subscription (company_id, id, site_id, plugin, starts_on) VALUES ($1, $2, $3, $4, $5)",
                    [(company_id, new_id(), site.id, plugin, date(2020, 1, 1)) for site in made],
                )
                await uow.execute_many(
                    "INSERT INTO plugin_switch (company_id, site_id, plugin, enabled) VALUES ($1, $2, $3, true)",
                    [(company_id, site.id, plugin) for site in made],
                )
        self.platform.directory.forget(company_id)
        await self.platform.directory.company(company_id)
        return House(company_id, slug, made, staff, local)

    def ctx(self, house: House, role: str, *sites: Site) -> TenantContext:
        """The house's member of staff of that role, at these sites (default: all)."""
        someone = house.staff[role]
        return TenantContext(
            house.company_id,
            frozenset(site.id for site in sites or house.sites),
            Actor("person", someone.membership_id, someone.name),
            self.platform.permissions.of_roles([role]),
        )

    def work(
        self, house: House, role: str = "clerk", *sites: Site, read_only: bool = False
    ) -> AbstractAsyncContextManager[Work]:
        """Work of that member of staff, in a unit of work of its own."""
        return self.platform.work(self.ctx(house, role, *sites), read_only=read_only)

    def forget(self) -> None:
        """Empty every cache, as after news was missed."""
        self.platform.directory.forget(None)
        self.platform.principals.forget(None)
        self.platform.policies.forget(None)


@asynccontextmanager
async def lodge_on(dsns: RoleDsns, host: PluginHost, clock: Clock, home: Path, **settings: Any) -> AsyncIterator[Lodge]:
    """A started platform on that database, connected as the roles that row level security binds, and no others."""
    platform = Platform(Settings(home=home, secret=SECRET, strict=True, **settings), dsns, host, clock)
    owner = Database(dsns.owner, max_size=1)
    await platform.start()  # refuses to serve as anything stronger
    try:
        for database, role in ((platform.db, APP), (platform.dispatch, DISPATCH)):
            async with database.begin(None, read_only=True) as uow:
                assert await uow.value("SELECT session_user || ' ' || current_user") == f"{role} {role}"
        await owner.connect()
        yield Lodge(platform, owner, dsns)
    finally:
        await owner.close()
        await platform.stop()
