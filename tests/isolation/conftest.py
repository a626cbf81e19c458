"""The superuser's eyes on the shared database: what row level security hides must be counted to be proved hidden."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tests.support.lodge import Databases, Lodge


@pytest.fixture(scope="session")
async def admin(lodge: Lodge, databases: Databases) -> AsyncIterator[Any]:
    """A superuser's connection to the shared database; tests change nothing for good with it."""
    connection = await asyncpg.connect(databases.admin_dsn(lodge.dsns), server_settings={"search_path": "lodge"})
    yield connection
    await connection.close()
