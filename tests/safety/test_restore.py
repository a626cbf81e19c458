"""FA-9: the restore drill of docs/backup.md: base backup and log, to their end and to a moment; one company."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from core.db.embedded import EmbeddedPostgres
from core.db.programs import Account, Programs
from deploy.restore_company import restore
from tests.core.cli.lodge import Cli, free_port
from tests.faults.test_restart import TICKETS, WRONG, clerk_of, reached, writing
from tests.support.catalogue import mark, measured
from tests.support.served import SECONDS, Served

RPO, RTO = 300.0, 1800.0  # seconds
OWN = {"LODGE_PLUGINS": "", "LODGE_RATE_CLIENT": "0"}
ROWS = """
SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM {} t
WHERE company_id = (SELECT company_id FROM company WHERE slug = $1)
"""


def program(name: str) -> str:
    """One of the programs that come with the embedded server."""
    return str(Programs.for_account(Account.for_data(Path("/")), lambda _: None).bin / name)


@contextmanager
def log_kept(dsn: str, archive: Path) -> Iterator[None]:
    """The server's log comes to the archive as it is written."""
    archive.mkdir()
    command = [program("pg_receivewal"), "-D", str(archive), "--synchronous", "--no-password", "-d", dsn]
    receiving = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        receiving.send_signal(signal.SIGINT)
        receiving.wait(SECONDS)


async def restored(base: Path, archive: Path, home: Path, until: str | None) -> None:
    """A home below which the database is as it was then (None: at the end of the archive), ready to be served."""
    data = home / "postgres" / "data"
    shutil.copytree(base, data)
    shutil.copytree(archive, data / "archive")
    for partial in (data / "archive").glob("*.partial"):
        partial.rename(partial.with_suffix(""))
    settings = ["restore_command = 'cp archive/%f %p'", "recovery_target_action = 'promote'"]
    settings += [f"recovery_target_time = '{until}'"] if until else []
    with (data / "postgresql.auto.conf").open("a") as file:
        file.write("\n".join(settings) + "\n")
    (data / "recovery.signal").touch()
    account = Account.for_data(home)
    for path in (data, *data.rglob("*")):
        os.chown(path, *account)
    data.chmod(0o700)
    with EmbeddedPostgres(home / "postgres") as server:
        db = await asyncpg.connect(server.dsn(server.superuser, "lodge"))
        async with asyncio.timeout(RTO):
            while await db.fetchval("SELECT pg_is_in_recovery()"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await db.close()
        await asyncio.to_thread(server.stop)


async def of_company(db: asyncpg.Connection, slug: str) -> dict[str, str | None]:
    """What each of its tables holds, in short."""
    tables = await db.fetch(
        "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'lodge' "
        "AND column_name = 'company_id' AND table_name IN (SELECT tablename FROM pg_tables)"
    )
    return {table: await db.fetchval(ROWS.format(table), slug) for (table,) in tables}


@pytest.mark.timeout(3600)
async def test_fa_9_what_was_lost_comes_back_whole_or_for_one_company_alone(tmp_path: Path) -> None:
    server, archive, base = Served(tmp_path / "home", **OWN), tmp_path / "archive", tmp_path / "base"
    server.start()
    killed = False
    try:
        with log_kept(server.admin_dsn, archive):
            backup = [program("pg_basebackup"), "-D", str(base), "-c", "fast", "-d", server.admin_dsn]
            await asyncio.to_thread(subprocess.run, backup, check=True)
            async with writing(server, until_gone=True) as writers:
                db = await asyncpg.connect(server.admin_dsn, server_settings={"search_path": "lodge"})
                point, then = (
                    str(await db.fetchval("SELECT clock_timestamp()")),
                    await db.fetchval("SELECT array_agg(id::text) FROM ticket"),
                )
                await db.close()
                await reached(writers, len(writers.created) + 60)
                await asyncio.to_thread(server.kill)
                killed = True
    finally:
        if not killed:
            server.stop()

    began = time.monotonic()
    whole = tmp_path / "whole"
    await restored(base, archive, whole, None)
    shutil.copy(server.home / "secret", whole / "secret")
    back = Served(whole, **OWN)
    await asyncio.to_thread(back.start)
    try:
        await asyncio.to_thread(back.wait_until_ready)
        rto = time.monotonic() - began
        live = await asyncpg.connect(back.admin_dsn, server_settings={"search_path": "lodge"})
        kept = set(await live.fetchval("SELECT array_agg(id::text) FROM ticket"))
        lost = [id for id in writers.created if id not in kept]
        # a ticket's id begins with the millisecond that it was made in
        made = [int(id.replace("-", "")[:12], 16) / 1000 for id in writers.created]
        rpo = max(made) - min((made[n] for n, id in enumerate(writers.created) if id in lost), default=max(made))

        # one company alone: somebody has emptied its texts, everybody else goes on
        aside = tmp_path / "aside"
        await restored(base, archive, aside, point)
        before = await of_company(live, "yunfan")
        await live.execute(
            "UPDATE ticket SET description = '' WHERE site_id = (SELECT id FROM site WHERE slug = 'cuihu')"
        )
        with EmbeddedPostgres(aside / "postgres") as other:
            alone = time.monotonic()
            found = await restore("linli", other.dsn(other.superuser, "lodge"), back.admin_dsn)
            alone = time.monotonic() - alone
            there = await asyncpg.connect(other.dsn(other.superuser, "lodge"), server_settings={"search_path": "lodge"})
            wanted = await of_company(there, "linli")
            await there.close()
            await asyncio.to_thread(other.stop)
        assert found.rows["ticket"] >= len(then)
        assert await of_company(live, "yunfan") == before
        differing = {table for table, rows in (await of_company(live, "linli")).items() if rows != wanted[table]}
        assert "ticket" not in differing
        assert {what: count for what, sql in WRONG.items() if (count := await live.fetchval(sql))} == {}
        await live.close()
        async with clerk_of(back) as client:
            assert (await client.get(TICKETS)).status_code == 200
        await asyncio.to_thread(shutil.rmtree, whole / "audit", ignore_errors=True)
        verified = await asyncio.to_thread(Cli(whole, free_port()), "audit", "verify")
        assert verified.code == 0, verified.out + verified.err
    finally:
        assert back.stop() == 0
    measured(
        "FA-9",
        f"restored in {rto:.0f} s with {len(lost)} of {len(writers.created):,} lost (the last {rpo:.1f} s), "
        f"one company alone in {alone:.1f} s; counters, timelines and audit chains verify",
        rto=rto,
        rpo=rpo,
        alone=alone,
        lost=len(lost),
        acknowledged=len(writers.created),
    )
    assert rpo <= RPO
    assert rto <= mark(RTO)
