"""Runs the PostgreSQL that comes with Lodge for one folder.

One process owns the server, decided by a file lock; others that start on the same folder attach to it. On Linux the
server shuts down with its owner, however that one dies.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Literal, Self
from urllib.parse import quote

from core.db.programs import Account, Folder, PostgresUnavailable, Programs, complaint

__all__ = ["EmbeddedPostgres", "PostgresUnavailable"]

DEFAULTS: Final[Mapping[str, str]] = {"shared_buffers": "256MB", "max_connections": "120", "timezone": "UTC"}
PORT: Final = 5432  # only a part of the socket's name: the server listens on no network

_POLL = 0.02  # seconds
_PATIENCE = 2.0  # seconds without a word
_LOG_BYTES = 16 << 20
_SOCKET_DIR_BYTES = 90  # a socket's path ends at 107 bytes, unix(7); the server's own name for it takes 14 of them
_PLAIN_PATH = re.compile(r"[\w./ -]+")  # to libpq and asyncpg a comma starts another host
# What a server killed a moment ago leaves: its lock file while it is a zombie, its memory until the last child ends.
_PASSING = re.compile(r"lock file .* already exists|shared memory block .* is still in use")


class EmbeddedPostgres:
    """A PostgreSQL server with its data, socket and log below `root`; `options` are server settings over DEFAULTS.

    Whoever can enter `socket_dir` (mode 0700) connects as any role without a password. It is `root/sock`; where that
    path is too long for a socket, or has a character that connection strings treat specially, it is a folder named
    after `root`'s hash in /run for root, else in /run/user/UID or the temporary folder.
    """

    superuser: Final = "postgres"

    def __init__(self, root: Path, *, options: Mapping[str, str] = {}) -> None:
        self.root = root.resolve()
        self.options = {**DEFAULTS, **options}
        self.socket_dir = _socket_dir(self.root)
        self._data = self.root / "data"
        self._log = self.root / "postgres.log"
        self._lock: IO[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def dsn(self, user: str, database: str) -> str:
        """The connection string of `user` on `database`, for asyncpg and for libpq's programs."""
        host = quote(str(self.socket_dir))
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?host={host}&port={PORT}"

    def start(
        self, timeout: float = 60, progress: Callable[[str], None] | None = None
    ) -> Literal["started", "attached"]:
        """Returns when the server takes connections: ours, or that of the process that owns `root` already.

        `timeout` is in seconds; `progress` gets a line before each step that may take a while. Blocks: call it in a
        thread from asynchronous code. Raises PostgresUnavailable.
        """
        deadline = time.monotonic() + timeout
        try:
            if not self._lock and not self._acquire(deadline):
                return "attached"
            if not self._server or self._server.poll() is not None:
                self._launch(deadline, progress or (lambda line: None))
        except OSError as error:
            self.stop()
            place = error.filename or self.root
            raise PostgresUnavailable(f"PostgreSQL cannot use {place}: {error.strerror or error}.") from error
        except BaseException:
            self.stop()
            raise
        return "started"

    def stop(self) -> None:
        """Shuts the server down if it is ours: open transactions are rolled back, what was committed is kept."""
        server, self._server = self._server, None
        lock, self._lock = self._lock, None
        try:
            if server:
                _shut_down(server)
        finally:
            if lock:
                if self.socket_dir.parent != self.root:
                    with contextlib.suppress(OSError):
                        self.socket_dir.rmdir()
                lock.close()

    def kill(self) -> None:
        """Ends our server as a crash would (SIGKILL) and stays the owner: `start` then recovers the data."""
        server, self._server = self._server, None
        if server:
            server.kill()
            server.wait()

    @property
    def died(self) -> bool:
        """Whether a server of ours has ended without being told to; `start` brings it back."""
        server = self._server
        return server is not None and server.poll() is not None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _acquire(self, deadline: float) -> bool:
        """True when we own `root` now, False when its owner's server answers."""
        self.root.mkdir(parents=True, exist_ok=True)
        lock = (self.root / "owner.lock").open("ab")
        try:
            while True:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._lock = lock
                    return True
                if self._answers():
                    return False
                if time.monotonic() > deadline:
                    raise PostgresUnavailable(
                        f"Another process owns {self.root}, but its PostgreSQL does not answer; see {self._log}."
                    )
                time.sleep(_POLL)
        finally:
            if lock is not self._lock:
                lock.close()

    def _launch(self, deadline: float, tell: Callable[[str], None]) -> None:
        programs = Programs.for_account(Account.for_data(self._data), tell)
        _make_private(self.socket_dir, programs.account)
        version = self._data / "PG_VERSION"
        if not version.exists():
            tell("Creating the database ...")
            self._create(programs)
        if (found := version.read_text().strip()) != programs.major:
            raise PostgresUnavailable(
                f"{self._data} was written by PostgreSQL {found}, but Lodge now runs {programs.major}. Carry it over "
                "with the old pg_dump, move it away to start empty, or set LODGE_DATABASE_URL to a server."
            )
        with Folder.handed_over(self._data) as data, Folder.handed_over(self.socket_dir) as sockets:
            settings = {**self.options, "listen_addresses": "", "unix_socket_directories": f'"{sockets.path}"'}
            arguments = ["-D", data.path, "-p", str(PORT)]
            for name, value in settings.items():
                arguments += ["-c", f"{name}={value}"]
            self._serve(lambda log: programs.start(log, "postgres", arguments, data, sockets), deadline, tell)

    def _create(self, programs: Programs) -> None:
        """Makes an empty cluster. It gets its name when it is complete, so that no crash leaves half of one."""
        for leftover in self.root.glob("initdb-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="initdb-", dir=self.root) as new:
            os.chown(new, *programs.account)
            with Folder.handed_over(Path(new)) as folder:
                arguments = ["-D", f"{folder.path}/data", "-U", self.superuser, "-A", "trust", "--encoding=UTF8"]
                arguments += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
                arguments += ["--no-instructions", *(["--no-sync"] if self.options.get("fsync") == "off" else [])]
                done = programs.run("initdb", arguments, folder)
            if done.returncode:
                reason = complaint(done.stderr.decode(errors="replace"))
                raise PostgresUnavailable(f"The database in {self.root} cannot be created: {reason}.")
            (Path(new) / "data").rename(self._data)

    def _serve(
        self,
        start: Callable[[IO[bytes]], subprocess.Popen[bytes]],
        deadline: float,
        tell: Callable[[str], None],
    ) -> None:
        """Starts the server until it answers, again for as long as what a killed one left stands in its way."""
        if self._log.exists() and self._log.stat().st_size > _LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))
        silent_until = time.monotonic() + _PATIENCE
        with self._log.open("ab") as log:
            while True:
                self._forget_impostors()
                said_before = log.seek(0, os.SEEK_END)
                self._server = start(log)
                while self._server.poll() is None:
                    if self._answers() and self._lock_holder(self._data / "postmaster.pid") == self._server.pid:
                        return
                    now = time.monotonic()
                    if now > deadline:
                        raise PostgresUnavailable(f"PostgreSQL in {self.root} does not answer; see {self._log}.")
                    if now > silent_until:
                        tell("Waiting for PostgreSQL, which puts its data in order ...")
                        silent_until = deadline
                    time.sleep(_POLL)
                reason = complaint(self._log.read_bytes()[said_before:].decode(errors="replace"))
                if time.monotonic() > deadline or not _PASSING.search(reason):
                    raise PostgresUnavailable(f"PostgreSQL does not start: {reason}; see {self._log}.")
                time.sleep(_POLL)

    def _forget_impostors(self) -> None:
        """Removes lock files whose process id belongs to a dead process or, after a restart of the machine, another.

        As owner of `root` we know that no server but a dying one of ours may hold them, and its working directory is
        the data. Children that outlive it are no danger: PostgreSQL finds them by the data's shared memory.
        """
        for lock in (self._data / "postmaster.pid", self.socket_dir / f".s.PGSQL.{PORT}.lock"):
            process = Path(f"/proc/{self._lock_holder(lock)}")
            if process.exists():
                try:
                    dying = (process / "cwd").readlink() == self._data
                except FileNotFoundError:  # a zombie
                    dying = False
                except PermissionError:  # another user's: PostgreSQL knows better than to believe it
                    continue
                if not dying:
                    lock.unlink(missing_ok=True)

    def _lock_holder(self, lock: Path) -> int | None:
        """The process id in a lock file of the server's."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(lock.read_text().partition("\n")[0])
        return None

    def _answers(self) -> bool:
        """Whether a session can be opened, asked by opening one: a server that recovers its data listens already."""
        parameters = f"user\0{self.superuser}\0database\0postgres\0\0".encode()
        with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
            client.settimeout(_PATIENCE)
            client.connect(str(self.socket_dir / f".s.PGSQL.{PORT}"))
            client.sendall(struct.pack("!II", len(parameters) + 8, 0x30000) + parameters)
            answer = b""
            while chunk := client.recv(4096):
                answer += chunk
                if answer.endswith(b"Z\0\0\0\5I"):  # ReadyForQuery, idle
                    client.sendall(b"X\0\0\0\4")  # Terminate
                    return True
        return False


def _socket_dir(root: Path) -> Path:
    inside = root / "sock"
    if len(os.fsencode(inside)) <= _SOCKET_DIR_BYTES and _PLAIN_PATH.fullmatch(str(inside)):
        return inside
    runtime = Path("/run") if os.geteuid() == 0 else Path(f"/run/user/{os.geteuid()}")
    if not os.access(runtime, os.W_OK):
        runtime = Path(tempfile.gettempdir())
    return runtime / f"lodge-{hashlib.sha256(os.fsencode(root)).hexdigest()[:16]}"


def _make_private(path: Path, account: Account) -> None:
    """Makes a folder only `account` may enter; refuses one that is there and not ours, as its parent may be for all."""
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid not in {os.geteuid(), account.uid}:
        raise PostgresUnavailable(f"{path} belongs to somebody else. Remove it.")
    os.chown(path, *account)
    path.chmod(0o700)


def _shut_down(server: subprocess.Popen[bytes]) -> None:
    for ending, seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):  # fast, immediate, crash
        server.send_signal(ending)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(seconds)
            return
