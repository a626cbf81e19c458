"""What the command does without a database, and what it says when there is none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.cli.lodge import Cli

CASES = Path(__file__).parents[1] / "sla" / "cases.json"


@pytest.fixture
def nowhere(tmp_path: Path) -> Cli:
    """The command on a home that does not exist."""
    return Cli(tmp_path / "home", 1)


def test_a_worked_example_comes_out_as_its_expectation_from_a_file_and_from_standard_input(nowhere: Cli) -> None:
    expected = [{"name": case["name"], "result": case["expect"]} for case in json.loads(CASES.read_bytes())]
    assert json.loads(nowhere("sla", "explain", CASES, "--json").out) == expected
    assert json.loads(nowhere("sla", "explain", "-", "--json", stdin=CASES.read_bytes()).out) == expected
    assert not nowhere.home.exists()


def test_a_worked_example_is_told_to_people_too(nowhere: Cli) -> None:
    case = json.loads(CASES.read_bytes())[0]
    told = nowhere("sla", "explain", "-", stdin=json.dumps(case).encode())
    assert told.out.splitlines() == [case["name"], "  arrival: met, used 1680, due_at 2026-11-21T18:40:00Z"]


@pytest.mark.parametrize("command", [["--help"], ["sla", "explain", "--help"], ["sla", "explain", str(CASES)]])
def test_what_needs_no_database_imports_none(command: list[str]) -> None:
    program = f"""
import sys
from core.cli.main import main
main({command!r}, standalone_mode=False)
heavy = {{"litestar", "asyncpg", "piccolo", "granian", "structlog"}} & set(sys.modules)
sys.exit(", ".join(heavy) or 0)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_roll_is_read_without_writing_anything(nowhere: Cli, roll: Path) -> None:
    read = nowhere("import", "roll", roll, "--dry-run", "--json")
    assert json.loads(read.out) == json.loads(roll.with_name("roll-cuihu.expected.json").read_text())
    assert (read.code, read.err) == (0, "")
    assert not nowhere.home.exists()


def test_a_roll_is_told_row_by_row_to_people(nowhere: Cli, roll: Path) -> None:
    lines = nowhere("import", "roll", roll, "--dry-run").out.splitlines()
    assert lines[0].startswith("row 24: error: ")
    assert lines[-1] == (
        "1065 units of 109329.07 m², 1130 owners, 1031 telephone numbers; 10 rows with errors are left out"
    )


REFUSED: dict[str, tuple[list[str], dict[str, str], int, str]] = {
    "a file that is no roll": (
        ["import", "roll", __file__, "--dry-run"],
        {},
        1,
        "lodge: This is not an Excel workbook.",
    ),
    "a case that is no JSON": (["sla", "explain", __file__], {}, 2, "lodge: not JSON: "),
    "an address nobody answers at": (
        ["sites"],
        {"LODGE_DATABASE_URL": "postgresql://lodge:geheim@127.0.0.1:1/lodge"},
        2,
        "lodge: no PostgreSQL answers at 127.0.0.1:1/lodge; check LODGE_DATABASE_URL",
    ),
    "an address with a wrong port": (
        ["serve", "--demo"],
        {"LODGE_DATABASE_URL": "postgresql://lodge:geheim@127.0.0.1:port/lodge", "LODGE_PORT": "1234"},
        2,
        "lodge: LODGE_DATABASE_URL has a wrong port; it must be a number up to 65535",
    ),
    "an address that is none": (
        ["worker"],
        {"LODGE_DATABASE_URL": "mysql://lodge:geheim@127.0.0.1/lodge"},
        2,
        "lodge: LODGE_DATABASE_URL must look like postgresql://",
    ),
    "a setting": (["migrate"], {"LODGE_PORT": "http"}, 2, "lodge: LODGE_PORT must be a whole number"),
    "a host of others": (["serve"], {"LODGE_HOST": "192.0.2.1", "LODGE_PORT": "8700"}, 2, "lodge: cannot listen at "),
    "a pack": (["tenants", "apply", __file__], {}, 2, f"lodge: {__file__}: is not TOML"),
    "a plugin that is not installed": (
        ["migrate"],
        {"LODGE_PLUGINS": "nobody", "LODGE_STRICT": "1"},
        2,
        "lodge: plugin 'nobody' refused (installed)",
    ),
}


@pytest.mark.parametrize(("command", "settings", "code", "line"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_told_in_one_line(
    nowhere: Cli, command: list[str], settings: dict[str, str], code: int, line: str
) -> None:
    refused = nowhere(*command, **settings)
    assert refused.code == code
    assert refused.out == ""
    assert "geheim" not in refused.err
    assert refused.err.startswith(line)
    assert refused.err.count("\n") == 1


def test_a_roll_needs_a_site(nowhere: Cli, roll: Path) -> None:
    refused = nowhere("import", "roll", roll)
    assert refused.code == 2
    assert "--site SLUG" in refused.err
