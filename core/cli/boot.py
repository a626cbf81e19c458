"""From settings to a running platform: the database started or joined, migrated, connected."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from urllib.parse import urlsplit

import asyncpg
import msgspec

from core.db.connect import RoleDsns, connect_admin, prepare
from core.db.embedded import EmbeddedPostgres, PostgresUnavailable
from core.db.migrate import MigrationApp
from core.hooks.manager import PluginHost
from core.platform import Platform
from core.settings import ROOT, BadSetting, Settings
from core.work import Clock, system_clock

DATABASE = "lodge"
_SILENCE = 2.0  # seconds without a word before we say what we wait for
_CLOSING = 3.0  # seconds for connections to end by themselves
_LOOK = 0.25  # seconds between looks whether our database server lives

Progress = Callable[[str], None]


class Running(msgspec.Struct, frozen=True):
    """A started platform and how each role connects to its database."""

    platform: Platform
    dsns: RoleDsns


@contextlib.asynccontextmanager
async def running(
    settings: Settings, progress: Progress = lambda _: None, *, clock: Clock = system_clock
) -> AsyncIterator[Running]:
    """A platform that serves; stopped, with the database if it is ours, at the end.

    `progress` gets a line for what may take more than two seconds. Raises PostgresUnavailable, DatabaseUnavailable,
    and PluginRefused if the settings are strict.
    """
    async with migrated(settings, progress) as (host, dsns):
        platform = Platform(settings, dsns, host, clock)
        await platform.start()
        try:
            yield Running(platform, dsns)
        finally:
            platform.live.closing.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(platform.stop(), _CLOSING)


@contextlib.asynccontextmanager
async def migrated(
    settings: Settings, progress: Progress = lambda _: None
) -> AsyncIterator[tuple[PluginHost, RoleDsns]]:
    """The installed plugins and a database of the schema that they and this version need."""
    host = PluginHost.load(settings.plugins, strict=settings.strict)
    async with server(settings, progress) as admin_dsn:
        with _patience(progress, "waiting for the database ..."):
            dsns = await prepare(admin_dsn, settings.secret, migration_apps(host), progress)
        yield host, dsns


@contextlib.asynccontextmanager
async def server(settings: Settings, progress: Progress = lambda _: None) -> AsyncIterator[str]:
    """An administrator's connection string to Lodge's database.

    Without LODGE_DATABASE_URL it is the embedded server of `settings.home`: started, or joined where another process
    runs it, and stopped at the end if it is ours.
    """
    if settings.database_url is not None:
        _check_port(settings.database_url)
        yield settings.database_url
        return
    embedded = EmbeddedPostgres(settings.home / "postgres")
    ending = asyncio.Event()
    try:
        await asyncio.to_thread(embedded.start, progress=progress)
        keeper = asyncio.create_task(_keep_running(embedded, ending, progress), name="database keeper")
        try:
            await _create_database(embedded.dsn(embedded.superuser, "postgres"))
            yield embedded.dsn(embedded.superuser, DATABASE)
        finally:
            ending.set()
            await keeper
    finally:
        await asyncio.to_thread(embedded.stop)


def migration_apps(host: PluginHost) -> tuple[MigrationApp, ...]:
    """Core's migrations, then those of the plugins."""
    plugins = ((plugin.id, plugin.manifest.migrations) for plugin in host.plugins)
    return (
        MigrationApp("core", ROOT / "migrations" / "core"),
        *(MigrationApp(id, folder) for id, folder in plugins if folder is not None),
    )


async def _keep_running(embedded: EmbeddedPostgres, ending: asyncio.Event, progress: Progress) -> None:
    """Start our server again whenever it has died (FA-2); until it is back, requests are answered 503."""
    told = ""
    while not ending.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), _LOOK)
        if ending.is_set() or not (embedded.died or told):
            continue
        try:
            if not told:
                progress("The database died. Starting it again ...")
            await asyncio.to_thread(embedded.start)
            told = ""
            progress("The database is back.")
        except PostgresUnavailable as error:  # a full disk, say: it may pass
            if str(error) != told:
                progress(told := str(error))


def _check_port(url: str) -> None:
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise BadSetting("LODGE_DATABASE_URL has a wrong port; it must be a number up to 65535") from None


async def _create_database(dsn: str) -> None:
    admin = await connect_admin(dsn)
    try:
        if not await admin.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", DATABASE):
            # another starter may be faster
            with contextlib.suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
                await admin.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await admin.close()


@contextlib.contextmanager
def _patience(progress: Progress, line: str) -> Iterator[None]:
    """Say that line if the block takes long."""
    timer = asyncio.get_running_loop().call_later(_SILENCE, progress, line)
    try:
        yield
    finally:
        timer.cancel()
