"""`lodge serve` in a process and a home of its own, for tests that look at it from outside or break it."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

from core.db.embedded import EmbeddedPostgres
from tests.core.cli.lodge import COMMAND, free_port, servers

SECONDS = 60  # more than anything takes on a busy machine


class Served:
    """A server of the demo companies, with their past if asked for. Its standard error is kept in `log`; `command` may
    be another version of Lodge."""

    def __init__(self, home: Path, *, past: bool = False, command: Sequence[str] = COMMAND, **settings: str) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home.with_suffix(".log")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LODGE_")}
        own = {"LODGE_HOME": str(home), "LODGE_PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        self._environment = kept | own | settings
        self._command = [*command, "serve", "--demo", *([] if past else ["--no-past"])]
        self._errors: IO[bytes] | None = None
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Returns when it takes requests."""
        self._errors = self.log.open("ab")
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=self._environment,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline().startswith("Lodge serves at "), self.said()

    def stop(self) -> int:
        """Ends it in order; its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(SECONDS)
        finally:
            self._close()

    def kill(self) -> None:
        """Ends it without a chance to tidy up; returns when its database, which follows by itself, is gone too."""
        assert self._process is not None
        databases = servers(self.home)
        self._process.kill()
        self._process.wait(SECONDS)
        self._close()
        for process in databases:
            wait_for_end(process)

    def kill_database(self) -> None:
        """Ends the PostgreSQL server alone, without a chance to tidy up; returns when no process of it is left."""
        databases = servers(self.home)
        os.kill(self.postmaster(), signal.SIGKILL)
        for process in databases:
            wait_for_end(process)

    def wait_until_ready(self) -> None:
        """Returns when it says that it can serve again."""
        deadline = time.monotonic() + SECONDS
        while httpx.get(f"{self.url}/health/ready", timeout=SECONDS).status_code != 200:
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def postmaster(self) -> int:
        """The process id of the PostgreSQL server."""
        return int((self.home / "postgres/data/postmaster.pid").read_text().partition("\n")[0])

    def memory(self) -> float:
        """What the server's process holds, in MiB."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    @property
    def admin_dsn(self) -> str:
        """How a test looks into the database beside the application."""
        return EmbeddedPostgres(self.home / "postgres").dsn("postgres", "lodge")

    def lodge(self, *args: str) -> str:
        """What another `lodge` command of this home prints."""
        done = subprocess.run(
            [*COMMAND, *args], env=self._environment, capture_output=True, text=True, timeout=SECONDS, check=True
        )
        return done.stdout

    def said(self) -> str:
        """Everything on standard error so far."""
        return self.log.read_text(errors="replace")

    def _close(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(SECONDS)
        for stream in (self._process.stdout, self._errors):
            if stream is not None:
                stream.close()


@contextmanager
def served(home: Path, *, past: bool = False, **settings: str) -> Iterator[Served]:
    """A server for the block."""
    server = Served(home, past=past, **settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def wait_for_end(process: int) -> None:
    """Returns when the process is gone; fails if it stays."""
    if sys.platform != "linux":
        raise NotImplementedError("process file descriptors are Linux's")
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        with selectors.DefaultSelector() as waiting:  # any number of files may be open by now
            waiting.register(descriptor, selectors.EVENT_READ)
            assert waiting.select(SECONDS), f"process {process} is still there"
    finally:
        os.close(descriptor)
