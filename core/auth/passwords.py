"""Password hashing with argon2id in a bounded pool, so that a rush of sign-ins does not starve the rest."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's lower bound for argon2id: 19 MiB, two passes, one lane
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argon2")
# verified for unknown logins, so that they take as long as known ones
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Encoded argon2id hash."""
    return _hasher.hash(password)


async def hashed(password: str) -> str:
    """Encoded argon2id hash, made in the pool: the others are served meanwhile."""
    return await asyncio.get_running_loop().run_in_executor(_pool, hash_password, password)


def matches(encoded: str, password: str) -> bool:
    try:
        return _hasher.verify(encoded, password)
    except (VerificationError, InvalidHashError):
        return False


async def verify_password(encoded: str | None, password: str) -> bool:
    """Whether the password fits; None (an unknown login) takes as long and is never right."""
    loop = asyncio.get_running_loop()
    fits = await loop.run_in_executor(_pool, matches, encoded or _NOBODY, password)
    return fits and encoded is not None
