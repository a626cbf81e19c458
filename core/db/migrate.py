"""Runs the Piccolo migrations of core and of every plugin, all in one transaction under one advisory lock."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType

import asyncpg
import msgspec
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

from core.db.engine import Database

LOCK = 0x10D6E + 1
_YIELD = "SET LOCAL lock_timeout = '300ms'"  # less than after which PostgreSQL looks for deadlocks
_PAUSES = (0.2, 0.5, 1.0, 2.0, *[3.0] * 36)  # seconds: about two minutes in all

_CREATE = """CREATE TABLE IF NOT EXISTS migration (
    app_name text NOT NULL, name text NOT NULL, ran_on timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (app_name, name))"""


class MigrationApp(msgspec.Struct, frozen=True):
    """A folder of migrations. `name` is `core` or the plugin's id; files are `<name>_<timestamp>.py`."""

    name: str
    folder: Path


def sql_migration(migration_id: str, app_name: str, description: str, *statements: str) -> MigrationManager:
    """A Piccolo migration written as SQL: what Piccolo cannot declare (composite keys, policies) reads best so."""
    manager = MigrationManager(migration_id=migration_id, app_name=app_name, description=description)

    async def run() -> None:
        engine = engine_finder()
        if not isinstance(engine, Database):
            raise RuntimeError("migrations run inside the runner's transaction")
        connection = await engine.present().open()
        for statement in statements:
            await connection.execute(statement)

    manager.add_raw(run)
    return manager


async def migrate(
    owner: Database, apps: Sequence[MigrationApp], progress: Callable[[str], None] = lambda _: None
) -> list[str]:
    """Bring the schema up to date as `lodge_owner`; the names of the migrations that ran. All of them or none.

    The version before may go on serving: what waits for a table that requests use gives way and begins again, so that
    they neither queue behind it nor lose a deadlock to it (FA-8).
    """
    with _piccolo_finds(owner):
        for pause in _PAUSES:
            try:
                return await _migrate(owner, apps, progress)
            except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
                progress("the tables are in use; trying again ...")
                await asyncio.sleep(pause)
        return await _migrate(owner, apps, progress)


async def _migrate(owner: Database, apps: Sequence[MigrationApp], progress: Callable[[str], None]) -> list[str]:
    ran: list[str] = []
    async with owner.begin(None) as uow:
        await uow.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        await uow.execute(_YIELD)
        await uow.execute(_CREATE)
        done = set(await uow.fetch(lambda app, name: (app, name), "SELECT app_name, name FROM migration"))
        for app in apps:
            for file in sorted(app.folder.glob(f"{app.name}_*.py")):
                if (app.name, file.stem) in done:
                    continue
                progress(f"migrating {app.name}: {file.stem}")
                manager: MigrationManager = await _load(file).forwards()
                manager.wrap_in_transaction = False  # all migrations share the runner's transaction
                with redirect_stdout(io.StringIO()):  # Piccolo prints each step
                    await manager.run()
                await uow.execute("INSERT INTO migration (app_name, name) VALUES ($1, $2)", app.name, file.stem)
                ran.append(file.stem)
    return ran


@contextmanager
def _piccolo_finds(owner: Database) -> Iterator[None]:
    """Piccolo's migration manager asks the module `piccolo_conf` for the engine; ours is made at run time."""
    module = ModuleType("piccolo_conf")
    module.DB = owner  # type: ignore[attr-defined]
    sys.modules["piccolo_conf"] = module
    try:
        yield
    finally:
        del sys.modules["piccolo_conf"]


def _load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"lodge_migrations.{file.stem}", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load migration {file}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
