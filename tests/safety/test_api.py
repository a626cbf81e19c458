"""IN-1: the whole API as different people see it, with whatever its description lets them send and what it does not.

Nothing answers 5xx, and every answer is as described.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from core.hooks.manager import PluginHost
from tests.isolation.requests import Target, values_of
from tests.isolation.stage import Stage, staged
from tests.support.lodge import Databases, SettableClock
from tests.support.operator import api, operator

EXAMPLES = os.environ.get("LODGE_TEST_EXAMPLES", "20")  # a route and phase
# A description cannot say which cursors are ours, what a file of a kind that is taken in looks like, that 5.0 is no
# whole number and which reasons are too short: what is taken in is shown by the tests of each route.
NOT_TOLD = "positive_data_acceptance"
SETTINGS = Path(__file__).with_name("schemathesis.toml")


def with_rows(stage: Stage) -> str:
    """The settings, and of the rows that paths can name one each: of nothing that does not exist is much learned."""
    site = stage.world.a.house.sites[0]
    named: dict[str, object] = {}
    for route in stage.routes:
        if route.api and route.parameters:
            named |= next(values_of(stage, route, Target(str(site.id), stage.world.a, site)))
    named["company_id"] = stage.world.a.company_id
    lines = [f'"path.{name}" = "{value}"' for name, value in named.items()]
    return "\n".join([SETTINGS.read_text(), "[parameters]", *lines, ""])


async def bearer(stage: Stage, role: str) -> str:
    if role == "operator":
        return (await api(stage.web, await operator(stage.lodge.platform, "explorer"))).headers["authorization"]
    return (await stage.web.api(stage.world.a.house, role)).headers["authorization"]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("role", ["admin", "clerk", "technician", "nobody", "operator"])
async def test_in_1_whatever_is_sent_is_answered_as_described(
    databases: Databases, host: PluginHost, clock: SettableClock, tmp_path: Path, role: str
) -> None:
    async with staged(databases, host, clock, tmp_path / "home") as stage:
        settings = tmp_path / "schemathesis.toml"
        settings.write_text(with_rows(stage))
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run"]
        document = "/operator/schema/openapi.json" if role == "operator" else "/schema/openapi.json"
        command += [f"{stage.web.base_url}{document}", "--checks", "all", "--max-failures", "50"]
        command += [
            "--exclude-checks",
            NOT_TOLD,
            "--max-examples",
            EXAMPLES,
            "--no-color",
            "--exclude-path-regex",
            "/(auth|operator)/session$",
        ]
        if role != "nobody":
            command += ["--header", f"Authorization: {await bearer(stage, role)}"]
        await (await stage.web.anonymous()).get(document)  # made when it is first asked for
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=tmp_path)
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
