"""Migrations: all or nothing, once however many start at the same time, and the start refuses what is unsafe."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import asyncpg
import msgspec
import pytest

from core.db.connect import DatabaseUnavailable, connect_admin, prepare, role_dsns
from core.db.migrate import MigrationApp
from core.db.roles import TooStrong, refuse_stronger
from core.hooks.manager import PluginHost
from core.platform import Platform
from core.settings import ROOT, Settings
from tests.support.lodge import SECRET, Databases, Lodge, SettableClock

CORE = MigrationApp("core", ROOT / "migrations" / "core")
STARTER = """
import asyncio, sys
from core.db.connect import prepare
from core.db.migrate import MigrationApp
from core.settings import ROOT
asyncio.run(prepare(sys.argv[1], sys.argv[2].encode(), [MigrationApp("core", ROOT / "migrations" / "core")]))
"""
MIGRATION = '''
from core.db.migrate import sql_migration
async def forwards():
    return sql_migration("{id}", "gadget", "", """{sql}""")
'''


def gadget_app(folder: Path, *statements: str) -> MigrationApp:
    """Migrations of an app `gadget`, one a statement."""
    for n, sql in enumerate(statements, 1):
        (folder / f"gadget_{n}.py").write_text(MIGRATION.format(id=n, sql=sql))
    return MigrationApp("gadget", folder)


async def ask(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_five_starters_on_an_empty_database_all_succeed(databases: Databases) -> None:
    admin_dsn = await databases.empty()
    command = [sys.executable, "-W", "error", "-c", STARTER, admin_dsn, SECRET.decode()]

    starters = [
        await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.PIPE) for _ in range(5)
    ]
    said = [(await starter.communicate())[1].decode() for starter in starters]

    assert said == [""] * 5
    assert [starter.returncode for starter in starters] == [0] * 5
    names = await ask(admin_dsn, "SELECT array_agg(name ORDER BY name) FROM lodge.migration")
    assert names == sorted(file.stem for file in CORE.folder.glob("core_*.py"))


async def test_a_failing_migration_leaves_nothing(databases: Databases, tmp_path: Path) -> None:
    admin_dsn = await databases.empty()
    app = gadget_app(tmp_path, "CREATE TABLE gadget (id uuid PRIMARY KEY)", "SELECT 1 / 0")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await prepare(admin_dsn, SECRET, [CORE, app])

    assert await ask(admin_dsn, "SELECT count(*) FROM pg_class WHERE relnamespace = 'lodge'::regnamespace") == 0

    gadget_app(tmp_path, "CREATE TABLE gadget (id uuid PRIMARY KEY)", "SELECT 1")
    await prepare(admin_dsn, SECRET, [CORE, app])
    assert await ask(admin_dsn, "SELECT count(*) FROM lodge.gadget") == 0


async def test_a_migration_runs_once(databases: Databases, tmp_path: Path) -> None:
    admin_dsn = await databases.empty()
    ran: list[str] = []
    app = gadget_app(tmp_path, "CREATE TABLE gadget (id uuid PRIMARY KEY)")

    for _ in range(2):
        await prepare(admin_dsn, SECRET, [CORE, app], ran.append)

    assert [line for line in ran if "gadget" in line] == ["migrating gadget: gadget_1"]


async def test_each_role_connects_as_itself_and_only_lodge_app_may_serve(databases: Databases, lodge: Lodge) -> None:
    for dsn, fit in ((lodge.dsns.app, True), (lodge.dsns.owner, False), (databases.admin_dsn(lodge.dsns), False)):
        connection = await asyncpg.connect(dsn)
        try:
            if fit:
                await refuse_stronger(connection)
            else:
                with pytest.raises(TooStrong, match="lodge_app"):
                    await refuse_stronger(connection)
        finally:
            await connection.close()


async def test_lodge_does_not_start_as_a_role_that_row_level_security_does_not_bind(
    databases: Databases, host: PluginHost, clock: SettableClock, tmp_path: Path
) -> None:
    dsns = await databases.migrated()
    strong = msgspec.structs.replace(dsns, app=dsns.owner)
    platform = Platform(Settings(home=tmp_path, secret=SECRET, strict=True), strong, host, clock)
    try:
        with pytest.raises(TooStrong, match="lodge_app"):
            await platform.start()
    finally:
        await platform.db.close()


@pytest.mark.parametrize(
    ("dsn", "said"),
    [
        ("postgresql://nobody@127.0.0.1:1/lodge", "no PostgreSQL answers at 127.0.0.1:1/lodge"),
        ("{missing}", "does not exist; create it first"),
    ],
)
async def test_a_database_that_cannot_be_used_is_named_in_one_line_without_password(
    dsn: str, said: str, databases: Databases, lodge: Lodge
) -> None:
    missing = databases.admin_dsn(lodge.dsns).replace("lodge_test_", "nowhere_")

    with pytest.raises(DatabaseUnavailable, match=said) as caught:
        await connect_admin(dsn.replace("{missing}", missing))

    assert "\n" not in str(caught.value)


def test_passwords_of_roles_follow_from_the_secret() -> None:
    place = "@db.example:5432/lodge?sslmode=require"
    admin = f"postgresql://admin:pw{place}"

    dsns = role_dsns(admin, SECRET)

    assert dsns.app.startswith("postgresql://lodge_app:") and dsns.app.endswith(
        "@db.example:5432/lodge?sslmode=require"
    )
    assert len({dsns.app, dsns.owner, dsns.dispatch, role_dsns(admin, b"x" * 32).app}) == 4
    assert "pw" not in dsns.app
