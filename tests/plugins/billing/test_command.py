"""`lodge billing`, and how plugins add commands."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from core.cli.main import main
from core.cli.modules import GROUP, Commands

FILE = Path(__file__).parent / "cases.json"
CASES = json.loads(FILE.read_bytes())


def test_worked_examples_come_out_as_their_expectations_from_a_file_and_from_standard_input() -> None:
    expected = [{"name": case["name"], "result": case["expect"]} for case in CASES]

    assert json.loads(CliRunner().invoke(main, ["billing", "explain", str(FILE), "--json"]).stdout) == expected
    one = CliRunner().invoke(main, ["billing", "explain", "-", "--json"], input=json.dumps(CASES[3]))
    assert json.loads(one.stdout) == expected[3:4]


def test_a_case_is_told_to_people_and_a_wrong_one_refused_in_a_line() -> None:
    told = CliRunner().invoke(main, ["billing", "explain", "-"], input=json.dumps(CASES[0]))
    assert told.stdout.splitlines()[:2] == ["a whole month by area", "  2026-03-01 to 2026-03-31: 2.35 × 89.6 × 1 × 1"]

    refused = CliRunner().invoke(main, ["billing", "explain", "-"], input='{"name": "x", "kind": "share"}')
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("Error: case 1 'x': ")


def test_amounts_are_computed_without_the_platform() -> None:
    program = f"""
import sys
from core.cli.main import main
main(["billing", "explain", {str(FILE)!r}], standalone_mode=False)
sys.exit(", ".join({{"litestar", "asyncpg", "piccolo", "structlog", "core.sdk"}} & set(sys.modules)) or 0)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@click.command()
def greet() -> None:
    """Say hello."""
    click.echo("hello")


def test_commands_of_plugins_are_found_and_a_broken_one_leaves_the_others_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = {
        "greeter": f"{__name__}:greet",
        "gone": "nowhere:command",
        "own": f"{__name__}:greet",
        "odd": "json:dumps",
    }
    found = EntryPoints(EntryPoint(name, value, GROUP) for name, value in points.items())
    monkeypatch.setattr("core.cli.modules.metadata.entry_points", found.select)
    lodge = Commands(commands={"own": click.Command("own", help="Lodge.", callback=lambda: click.echo("Lodge's"))})

    def call(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(lodge, words)
        return result.exit_code, result.output

    assert call("greeter") == (0, "hello\n")
    assert call("own") == (0, "Lodge's\n")
    assert call("gone", "--now", "x") == (
        2,
        "lodge: the commands of plugin 'gone' cannot be loaded: ModuleNotFoundError: No module named 'nowhere'\n",
    )
    assert call("odd") == (2, "lodge: the commands of plugin 'odd' cannot be loaded: it is no click command\n")
    code, listed = call("--help")
    assert code == 0
    assert all(f"\n  {name}  " in listed for name in points)
    assert call("nobody")[0] == 2
