"""Guards taken away one at a time: what `tests/safety/mutations` lists, and a copy of Lodge in which that is done."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from core.settings import ROOT

FOLDER: Final = ROOT / "tests/safety/mutations"
SECONDS: Final = 600.0  # that the tests of one mutation may take; on a quiet machine they take one
_COPIED: Final = ("core", "plugins", "tenants", "migrations", "tests", "docs", "pyproject.toml", "README.md")
_NOT_COPIED: Final = shutil.ignore_patterns("node_modules", ".hypothesis", "*.log")
_OPTIONS: Final = (  # in the place of the project's: what is loaded for browsers and properties is half of a small run
    *("-o", "addopts=-ra", "-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin", "-p", "pytest_timeout"),
    *("-q", "--tb=short"),
)
_FAILED: Final = re.compile(r"^FAILED ([^\s\[]+)", re.MULTILINE)


class Mutation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A guard that is taken away: in `file`, `old` becomes `new`. Each test of `red` has to fail then, with some of its
    parameters."""

    file: str
    old: str
    new: str
    red: list[str]

    def applied(self, source: str) -> str:
        """The source without the guard. Raises ValueError where it does not stand there once."""
        if source.count(self.old) != 1:
            raise ValueError(f"{self.file} has {source.count(self.old)} times: {self.old}")
        return source.replace(self.old, self.new)


def listed() -> dict[str, Mutation]:
    """All of them by the guard that they take away. Raises ValidationError, ValueError for one that is there twice."""
    found: dict[str, Mutation] = {}
    for file in sorted(FOLDER.glob("*.toml")):
        for guard, fields in tomllib.loads(file.read_text()).items():
            if guard in found:
                raise ValueError(f"{file.name}: {guard} is listed already")
            found[guard] = msgspec.convert(fields, Mutation)
    return found


class Run(msgspec.Struct, frozen=True):
    """How tests ended: pytest's exit status, those that failed (without their parameters), and what it printed."""

    status: int
    failed: frozenset[str]
    output: str


class Copy:
    """Lodge and its tests in a folder of their own, which are run there in processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=_NOT_COPIED)
            else:
                shutil.copy2(source, folder / name)

    @contextmanager
    def without(self, mutation: Mutation) -> Iterator[None]:
        """The copy with the mutation, for the block."""
        file = self.folder / mutation.file
        source, stat = file.read_text(), file.stat()
        file.write_text(mutation.applied(source))
        try:
            yield
        finally:
            file.write_text(source)
            os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # what was compiled of it fits again

    def run(self, tests: Iterable[str], seconds: float = SECONDS) -> Run:
        """Run tests there. Raises TimeoutExpired."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LODGE_", "PYTEST_"))}
        own = {
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",  # of a source without its guard nothing stays behind
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *_OPTIONS, *tests],
            cwd=self.folder,
            env={**kept, **own},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        output = done.stdout + done.stderr
        return Run(done.returncode, frozenset(_FAILED.findall(output)), output)
