"""One home folder for all tests of the command, with a server that serves its demo companies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.cli.lodge import Cli, free_port


@pytest.fixture(scope="session")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The command on a home that the tests share."""
    return Cli(tmp_path_factory.mktemp("home"), free_port())


@pytest.fixture(scope="session")
def greeting(cli: Cli) -> Iterator[list[str]]:
    """What `lodge serve --demo` says once it is ready; it serves to the end of the run."""
    with cli.started("serve", "--demo", "--no-past") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        while not lines[-1].startswith("云帆物业服务  yexin"):
            assert lines[-1], process.stderr and process.stderr.read()
            lines.append(process.stdout.readline())
        yield lines


@pytest.fixture
def roll(request: pytest.FixtureRequest) -> Path:
    return request.config.rootpath / "tests" / "data" / "roll-cuihu.xlsx"
