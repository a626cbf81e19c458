"""When a pool is at rest, and what is in it then."""

from __future__ import annotations

import asyncio
from typing import Any

from core.db.engine import Database


async def settled(database: Database) -> None:
    """Wait until no connection is in use: giving one back may outlive the task that was cancelled, and where
    PostgreSQL was asked to cancel a statement that it had not begun yet, so does that."""
    async with asyncio.timeout(60):
        while database.in_use:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.005)


async def everything(database: Database) -> list[Any]:
    """All its connections; what was only read on them is at an end."""
    await asyncio.sleep(0.1)
    connections = [await database.acquire() for _ in range(database.max_size)]
    assert not any(unfinished for _, unfinished in connections)
    return [connection for connection, _ in connections]
