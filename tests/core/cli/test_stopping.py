"""How a serving process ends: in order at the first signal, at once at the second, and never with a database left."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.core.cli.lodge import SECONDS, Cli, free_port, servers
from tests.support.served import wait_for_end

STREAMS = (sys.executable, "-m", "tests.core.cli.streams")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stopping")


@pytest.fixture
def process(home: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that serves `tests.core.cli.streams`, and its port."""
    port = free_port()
    with Cli(home, port).started(command=STREAMS) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process, port


@contextmanager
def opened(port: int, path: str) -> Iterator[http.client.HTTPResponse]:
    """A response whose first bytes have come."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    connection.request("GET", path)
    response = connection.getresponse()
    assert response.read(len(path)) == path.encode()
    yield response
    connection.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_streams_connections_and_database_in_order(
    process: tuple[subprocess.Popen[str], int], home: Path, number: signal.Signals
) -> None:
    serving, port = process
    with opened(port, "/live") as stream, opened(port, "/idle"):
        serving.send_signal(number)
        assert stream.read() == b""
        out, err = serving.communicate(timeout=15)
    assert (serving.returncode, out, err) == (0, "stopped\n", "")
    assert servers(home) == []


def test_many_open_screens_keep_nobody_else_out(process: tuple[subprocess.Popen[str], int]) -> None:
    _, port = process
    with ExitStack() as screens:
        for _ in range(300):
            screens.enter_context(opened(port, "/live"))
        with opened(port, "/idle"):
            pass


def test_a_second_signal_ends_at_once_what_does_not_end(process: tuple[subprocess.Popen[str], int], home: Path) -> None:
    serving, port = process
    database = servers(home)
    with opened(port, "/live") as stream, opened(port, "/stuck"):
        serving.send_signal(signal.SIGINT)
        assert stream.read() == b""  # the first has been heard
        serving.send_signal(signal.SIGINT)
        assert serving.wait(5) == 130
    for process in database:
        wait_for_end(process)


def test_a_killed_process_leaves_no_database_behind(process: tuple[subprocess.Popen[str], int], home: Path) -> None:
    serving, _ = process
    database = servers(home)
    assert database
    serving.kill()
    serving.wait(SECONDS)
    for process in database:
        wait_for_end(process)


def test_a_request_that_never_ends_delays_the_end_by_seconds_only(
    process: tuple[subprocess.Popen[str], int],
) -> None:
    serving, port = process
    with opened(port, "/stuck"):
        serving.send_signal(signal.SIGTERM)
        out, err = serving.communicate(timeout=15)
    assert (serving.returncode, out) == (0, "stopped\n")
    assert "requests did not end in time" in err
