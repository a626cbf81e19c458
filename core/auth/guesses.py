"""How often something was tried lately, before anybody is known: counted by a hash of what was tried, or from where.

In the database, so that all processes count together. A count stands only where its transaction commits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from core.db.uow import UnitOfWork

WINDOW: Final = timedelta(minutes=15)
_COUNTED = """
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN f.window_start > $3 THEN f.failures + 1 ELSE 1 END,
    window_start = CASE WHEN f.window_start > $3 THEN f.window_start ELSE excluded.window_start END
RETURNING failures
"""
_TRIED = f"INSERT INTO sign_in_failure AS f (key, window_start, failures) VALUES ($1, $2, 1) {_COUNTED}"  # noqa: S608
_ALL_TRIED = f"""
INSERT INTO sign_in_failure AS f (key, window_start, failures) SELECT key, $2, 1 FROM unnest($1::bytea[]) key {_COUNTED}
"""  # noqa: S608
_TRIES = "SELECT coalesce(max(failures), 0) FROM sign_in_failure WHERE key = $1 AND window_start > $2"
_FORGIVEN = "UPDATE sign_in_failure SET failures = failures - 1 WHERE key = $1"


def key(kind: str, value: str) -> bytes:
    """What is counted: a login, an address, a link."""
    return hashlib.sha256(f"{kind}:{value}".encode()).digest()


async def count(uow: UnitOfWork, counted: bytes, now: datetime, window: timedelta = WINDOW) -> int:
    """Once more; how often within the window."""
    tries: int = await uow.value(_TRIED, counted, now, now - window)
    return tries


async def count_all(uow: UnitOfWork, counted: Sequence[bytes], now: datetime, window: timedelta = WINDOW) -> int:
    """Each of these once more; how often the most tried of them within the window."""
    return max(await uow.fetch(int, _ALL_TRIED, sorted(counted), now, now - window))


async def tries(uow: UnitOfWork, counted: bytes, now: datetime, window: timedelta = WINDOW) -> int:
    """How often within the window."""
    found: int = await uow.value(_TRIES, counted, now - window)
    return found


async def forgive(uow: UnitOfWork, counted: bytes) -> None:
    """That once does not count."""
    await uow.execute(_FORGIVEN, counted)
