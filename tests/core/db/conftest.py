"""The superuser's view of the database, beside the roles that Lodge works as."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tests.support.lodge import Databases, Lodge


@pytest.fixture(scope="module")
async def admin(lodge: Lodge, databases: Databases) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(databases.admin_dsn(lodge.dsns))
    yield connection
    await connection.close()
