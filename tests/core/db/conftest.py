"""A small pool, and the superuser's view of the database beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from core.db.engine import Database
from tests.core.db.pools import everything, settled
from tests.support.lodge import Databases, Lodge


@pytest.fixture
async def db(lodge: Lodge, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A pool of two connections as lodge_app, or of as many as the module's POOL. Whatever a test did, they come back
    and work."""
    database = Database(lodge.dsns.app, max_size=getattr(request.module, "POOL", 2))
    await database.connect()
    yield database
    await settled(database)
    for connection in await everything(database):
        assert not connection.is_in_transaction()
        assert await connection.fetchval("SELECT coalesce(current_setting('app.company_id', true), '')") == ""
        await database.release(connection)
    await database.close()


@pytest.fixture(scope="module")
async def admin(lodge: Lodge, databases: Databases) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(databases.admin_dsn(lodge.dsns))
    yield connection
    await connection.close()
