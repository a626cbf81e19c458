"""The safety catalogue as docs/safety.md lists it, the tests that carry its ids, and what a run found, as a table."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from core.settings import ROOT
from tests.support.catalogue import Measured, all_measured

DOCUMENT: Final = ROOT / "docs" / "safety.md"
PRINTED: Final = ROOT / "test-results" / "catalogue.md"
_FAMILIES: Final = "ti|az|au|in|ou|ss|up|se|pi|mo|cc|jb|fa|lo|ob"
_CARRIES: Final = re.compile(rf"test((?:_(?:{_FAMILIES})_\d+)+)_")
_ROW: Final = re.compile(r"\| ([A-Z]{2}-\d+) \| (.+?) \| (.+?) \| (.+?) \|")


class Row(msgspec.Struct, frozen=True):
    """An id of the catalogue: what is tried, what counts as passed, and the files whose tests carry the id."""

    id: str
    what: str
    mark: str
    files: frozenset[str]


def rows() -> list[Row]:
    """The catalogue in the order of the document."""
    found = map(_ROW.fullmatch, DOCUMENT.read_text().splitlines())
    return [Row(row[1], row[2], row[3], frozenset(re.findall(r"`([^`]+)`", row[4]))) for row in found if row]


def ids_in(name: str) -> list[str]:
    """The ids that a test's name carries: TI-3 and TI-10 of `test_ti_3_ti_10_…`."""
    carried = _CARRIES.match(name)
    return [f"{kind}-{n}".upper() for kind, n in re.findall(r"([a-z]{2})_(\d+)", carried[1])] if carried else []


def carried(folder: Path = ROOT / "tests") -> dict[str, set[str]]:
    """Of each id that a test's name carries, the files with such tests, below `tests/`."""
    found: dict[str, set[str]] = {}
    for file in folder.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for id in ids_in(node.name):
                    found.setdefault(id, set()).add(str(file.relative_to(folder)))
    return found


def table(outcomes: Mapping[str, Iterable[str]]) -> str:
    """Markdown: of each id what was measured, by this run or before, the mark, and how this run's tests ended.

    `outcomes` are those of each test's name, such as `passed`.
    """
    ended: dict[str, list[str]] = {}
    for name, ends in outcomes.items():
        for id in ids_in(name):
            ended.setdefault(id, []).extend(ends)
    figures: dict[str, list[Measured]] = {}
    for each in all_measured():
        figures.setdefault(each.id, []).append(each)
    lines = ["| id | tried, or measured | passes with | this run |", "|---|---|---|---|"]
    for row in rows():
        texts = "; ".join(each.text for each in figures.get(row.id, ())) or row.what
        lines.append(f"| {row.id} | {texts} | {row.mark} | {_told(ended.get(row.id, []))} |")
    return "\n".join(lines)


def _told(ends: list[str]) -> str:
    wrong = [end for end in ends if end != "passed"]
    if wrong:
        return f"FAILED, {len(wrong)} of {len(ends)}"
    return f"passed, {len(ends)} {'test' if len(ends) == 1 else 'tests'}" if ends else "not run"
