"""A serving process gives back what it no longer needs."""

from __future__ import annotations

import subprocess
import sys

_GROWN = """
import asyncio
from pathlib import Path

from core.auth.passwords import hashed
from core.cli.memory import return_large_blocks, settle


def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def sign_in():
    for _ in range(3):
        await hashed("a password of somebody")


return_large_blocks()
settle()
before = held()
asyncio.run(sign_in())
print(held() - before)
"""


def test_what_a_hash_took_goes_back_to_the_system() -> None:
    """A hash takes 19 MiB for a moment."""
    printed = subprocess.run([sys.executable, "-c", _GROWN], capture_output=True, text=True, check=True).stdout

    assert int(printed) < 10 << 20
