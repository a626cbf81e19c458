"""The `lodge` command as a user runs it: another process, with an environment of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

SECONDS = 60  # more than anything takes on a busy machine
COMMAND = (sys.executable, "-c", "from core.cli.main import main; main(prog_name='lodge')")


class Result(msgspec.Struct, frozen=True):
    code: int
    out: str
    err: str


class Cli(msgspec.Struct, frozen=True):
    """`lodge` on one home folder and port; without plugins, so that only what is tested here can fail."""

    home: Path
    port: int

    def environment(self, **settings: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LODGE_")}
        own = {"LODGE_HOME": str(self.home), "LODGE_PORT": str(self.port), "LODGE_PLUGINS": ""}
        return kept | own | {"PYTHONUNBUFFERED": "1", **settings}

    def __call__(self, *arguments: str | Path, stdin: bytes = b"", **settings: str) -> Result:
        """Run to the end."""
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            env=self.environment(**settings),
            timeout=SECONDS,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    @contextlib.contextmanager
    def started(self, *arguments: str, command: Sequence[str] = COMMAND) -> Iterator[subprocess.Popen[str]]:
        """A process that runs until it is told to stop, from the first line it prints on."""
        with subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(),
        ) as process:
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(SECONDS)
                process.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def servers(home: Path) -> list[int]:
    """The PostgreSQL processes on the home's data, known by their working directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == home / "postgres" / "data":
                found.append(int(process.name))
    return found
