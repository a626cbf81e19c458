"""What all tests share: one PostgreSQL server a run, migrated once, and a platform that serves on it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from core.hooks.manager import PluginHost
from core.platform import Platform
from core.settings import ROOT
from tests.support.leaks import watched_logs
from tests.support.lodge import NOW, Databases, House, Lodge, SettableClock, lodge_on, migration_apps
from tests.support.postgres import test_server as server
from tests.support.record import on_record
from tests.support.table import PRINTED, table
from tests.support.web import Web, web_on
from tests.world import World, build

# No test is a matter of how busy the machine is.
settings.register_profile("lodge", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lodge")
# Takes an hour and is asked for by name: `make test-safety`.
collect_ignore = [] if "LODGE_TEST_SAFETY" in os.environ else ["safety"]
PLUGINS: tuple[str, ...] | None = (
    "billing",
    "complaints",
    "reception",
    "repairs",
    "returnvisits",
)  # None: all installed


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--catalogue", action="store_true", help="print what was found for each id of docs/safety.md")


def pytest_configure(config: pytest.Config) -> None:
    """Playwright empties the folder of its results when a run begins; what was measured lies beside it."""
    config.option.output = str(PRINTED.parent / "browser")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The safety catalogue, with what this run found, also kept beside the figures."""
    if not config.getoption("catalogue"):
        return
    outcomes: dict[str, list[str]] = {}
    for end in ("passed", "failed", "error"):
        for report in terminalreporter.getreports(end):
            outcomes.setdefault(report.nodeid.partition("::")[2], []).append(end)
    text = table(outcomes)
    PRINTED.parent.mkdir(exist_ok=True)
    PRINTED.write_text(text + "\n")
    terminalreporter.write_sep("=", "the safety catalogue (docs/safety.md)")
    terminalreporter.write_line(text)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright's synchronous interface holds the main thread's event loop until the run ends.

    For the same reason they talk to servers in processes of their own.
    """
    items.sort(key=lambda item: "browser" in item.path.relative_to(ROOT / "tests").parts)


@pytest.fixture(scope="session", autouse=True)
def on_the_record() -> Iterator[None]:
    """Whatever a request changes, in any test, is on record (OB-2)."""
    with on_record():
        yield


@pytest.fixture(scope="session", autouse=True)
def unheard() -> Iterator[None]:
    """What servers log in any test tells nothing of anybody (SE-1)."""
    with watched_logs():
        yield


@pytest.fixture(scope="session")
def host() -> PluginHost:
    """The plugins; one that fails any check fails the run."""
    return PluginHost.load(PLUGINS, strict=True)


@pytest.fixture(scope="session")
def databases(host: PluginHost) -> Iterator[Databases]:
    """The server of the run: new databases, empty or migrated, for tests that need one alone."""
    with server() as admin_dsn:
        yield Databases(admin_dsn, migration_apps(host))


@pytest.fixture(scope="session")
def shared_clock() -> SettableClock:
    return SettableClock()


@pytest.fixture(scope="session")
async def lodge(
    databases: Databases, host: PluginHost, shared_clock: SettableClock, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Lodge]:
    """The platform all tests share. Each works in a house of its own, as no other company is its business."""
    home = tmp_path_factory.mktemp("lodge")
    async with lodge_on(await databases.migrated(), host, shared_clock, home) as lodge:
        yield lodge


@pytest.fixture(scope="session")
def platform(lodge: Lodge) -> Platform:
    return lodge.platform


@pytest.fixture(scope="session")
async def serving(platform: Platform) -> AsyncIterator[Web]:
    """The shared platform over HTTP, for fixtures that outlive a test; they close what they open."""
    async with web_on(platform) as web:
        yield web


@pytest.fixture
async def web(serving: Web) -> AsyncIterator[Web]:
    """The shared platform over HTTP. Both ends of a connection lie in this process: a test's go with it."""
    async with serving.visit() as web:
        yield web


@pytest.fixture
def clock(shared_clock: SettableClock, lodge: Lodge) -> Iterator[SettableClock]:
    """The shared platform's clock, for tests that move it; set back after, with every cache emptied."""
    yield shared_clock
    shared_clock.now = NOW
    lodge.forget()


@pytest.fixture
async def house(lodge: Lodge) -> House:
    """A new company with two sites and staff of every role."""
    return await lodge.house(sites=2)


@pytest.fixture(scope="session")
async def world(lodge: Lodge, databases: Databases) -> World:
    """Two companies with recognisable rows in every table. Tests leave it as it is."""
    return await build(lodge, databases.admin_dsn(lodge.dsns))


@pytest.fixture
async def lone_lodge(
    databases: Databases, host: PluginHost, clock: SettableClock, tmp_path: Path
) -> AsyncIterator[Lodge]:
    """A platform on a database of its own, for tests that look across companies, as timers and delivery do."""
    dsns = await databases.migrated()
    async with lodge_on(dsns, host, clock, tmp_path) as lodge:
        yield lodge
    await databases.drop(dsns)
