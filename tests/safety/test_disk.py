"""FA-5: the disk is full, for files and for the database. Whoever asks is told so, and with room again all is there."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.faults.test_restart import TICKETS, check, clerk_of, looking, take_in, writing
from tests.support.catalogue import mark, measured
from tests.support.served import SECONDS, Served

DISK, SPARE = 400 << 20, 1 << 20  # bytes: the whole disk, and what is left of it when files no longer fit
HEALTHY, SOON = 15.0, 2.0  # seconds
MATTER = {"description": "地下室进水", "category": "plumbing_electric", "place": "3幢"}


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own; who may not mount one cannot fill one either (CAP_SYS_ADMIN)."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(ballast: Path, spare: int) -> None:
    """Leave no more than `spare` bytes of the disk."""
    found = os.statvfs(ballast.parent)
    with ballast.open("ab") as file:
        os.posix_fallocate(file.fileno(), file.tell(), max(1, found.f_bavail * found.f_frsize - spare))


async def send_in(client: httpx.AsyncClient, ticket_id: str) -> httpx.Response:
    """Attach a megabyte and a half of text that nobody has sent before."""
    text = (uuid4().hex * 49152).encode()
    return await client.post(f"{TICKETS}/{ticket_id}/attachments", files={"file": ("notes.txt", text, "text/plain")})


async def full(server: Served) -> None:
    """Returns when the database cannot write on: each log file that is begun takes sixteen megabytes."""
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                db = await looking(server)
                try:
                    await db.execute("SELECT pg_logical_emit_message(true, 'lodge', repeat('x', 1048576))")
                finally:
                    db.terminate()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                return


@pytest.mark.timeout(900)
async def test_fa_5_a_full_disk_is_told_and_spoils_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        server, ballast = Served(disk / "home", LODGE_PLUGINS="", LODGE_RATE_CLIENT="0"), disk / "ballast"
        server.log = tmp_path / "server.log"
        await asyncio.to_thread(server.start)
        try:
            async with clerk_of(server) as client:
                ticket_id = (await take_in(client, uuid4().hex, MATTER)).json()["id"]
                assert (await send_in(client, ticket_id)).status_code == 201
                fill(ballast, SPARE)
                refused = await send_in(client, ticket_id)
                assert refused.status_code == 503
                assert "存储空间已满" in refused.json()["detail"]
                ballast.unlink()
                assert (await send_in(client, ticket_id)).status_code == 201
                async with writing(server, until_gone=False) as writers:
                    fill(ballast, SPARE)
                    await full(server)
                    async with asyncio.timeout(SECONDS):
                        while 503 not in writers.statuses:  # noqa: ASYNC110
                            await asyncio.sleep(0.02)
                    began = time.monotonic()
                    assert (await take_in(client, uuid4().hex, MATTER)).status_code == 503
                    told = time.monotonic() - began
                    assert (await client.get("/health/live")).status_code == 200
                ballast.unlink()
                began = time.monotonic()
                await asyncio.to_thread(server.wait_until_ready)
                healthy = time.monotonic() - began
                await check(server, writers)
                kept = (await client.get(f"{TICKETS}/{ticket_id}")).json()
                assert len(kept["sections"]["attachments"]) == 2
        finally:
            assert server.stop() == 0
    assert writers.statuses <= {200, 201, 503}
    measured(
        "FA-5",
        f"disk full: told within {told:.2f} s, 0 of {len(writers.created):,} lost, "
        f"healthy {healthy:.1f} s after there was room",
        told=told,
        acknowledged=len(writers.created),
        lost=0,
        healthy=healthy,
    )
    assert told <= mark(SOON)
    assert healthy <= mark(HEALTHY)
