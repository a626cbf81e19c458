"""What tests of the safety catalogue measured, kept in test-results/catalogue.json for whoever prints the table."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

import msgspec

from core.settings import ROOT

FILE: Final = ROOT / "test-results" / "catalogue.json"


class Measured(msgspec.Struct, frozen=True):
    """What a test found for an id of the catalogue; `text` says it in words, `figures` are its numbers."""

    id: str
    test: str
    text: str
    figures: dict[str, float]


def measured(id: str, text: str, **figures: float) -> None:
    """Keep what the running test measured, in place of what it measured the last time. Seconds, unless named else."""
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
    found = Measured(id, test, text, figures)
    FILE.parent.mkdir(exist_ok=True)
    with FILE.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        others = [each for each in all_measured() if (each.id, each.test) != (id, test)]
        kept = sorted([*others, found], key=lambda each: (each.id, each.test))
        FILE.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n")
    print(f"{id}: {text}")


def all_measured(file: Path = FILE) -> list[Measured]:
    """Everything that was measured so far, by id."""
    return msgspec.json.decode(file.read_bytes(), type=list[Measured]) if file.exists() else []


def times(name: str, count: int) -> int:
    """How often to do it: what the catalogue says, or fewer by LODGE_TEST_<name> for a short run."""
    return int(os.environ.get(f"LODGE_TEST_{name}", count))


def mark(seconds: float) -> float:
    """A mark that holds on a machine of our own; LODGE_TEST_SLACK times that where others use it too."""
    return seconds * float(os.environ.get("LODGE_TEST_SLACK", 1))
