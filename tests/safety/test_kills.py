"""FA-1, FA-2 at length: the server and its database killed under load, over and over, on settings as in production."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Literal

import pytest

from tests.core.cli.lodge import servers
from tests.faults.test_restart import ENOUGH, check, reached, writing
from tests.support.catalogue import mark, measured, times
from tests.support.served import Served

KILLS = times("BLOWS", 20)
HEALTHY = 15.0  # seconds until it says that it can serve


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("kills") / "home", LODGE_PLUGINS="", LODGE_RATE_CLIENT="0")
    server.start()
    yield server
    assert server.stop() == 0
    assert servers(server.home) == []
    assert "Traceback" not in server.said()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("what", ["FA-1", "FA-2"])
async def test_fa_1_fa_2_what_was_acknowledged_is_there_however_often_it_is_killed(
    server: Served, what: Literal["FA-1", "FA-2"]
) -> None:
    """FA-1 the server, which its database follows; FA-2 the database alone, which the server starts again."""
    acknowledged, longest = 0, 0.0
    for _ in range(KILLS):
        async with writing(server, until_gone=what == "FA-1") as writers:
            before = server.postmaster()
            if what == "FA-1":
                await asyncio.to_thread(server.kill)
                began = time.monotonic()
                await asyncio.to_thread(server.start)
            else:
                await asyncio.to_thread(server.kill_database)
                began = time.monotonic()
            await asyncio.to_thread(server.wait_until_ready)
            longest = max(longest, time.monotonic() - began)
            assert server.postmaster() != before
            if what == "FA-2":
                await reached(writers, len(writers.created) + ENOUGH)
        await check(server, writers)
        assert writers.statuses <= {200, 201, 503}
        acknowledged += len(writers.created)
    killed = "server and database" if what == "FA-1" else "the database"
    measured(
        what,
        f"{killed} killed {KILLS} times: 0 of {acknowledged:,} lost, healthy after {longest:.1f} s at most",
        kills=KILLS,
        acknowledged=acknowledged,
        lost=0,
        healthy=longest,
    )
    assert longest <= mark(HEALTHY)
