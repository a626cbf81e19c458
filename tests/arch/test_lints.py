"""The house's own rules hold in core and plugins; every exemption is needed, and every rule finds what it is for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from core.settings import ROOT
from tests.arch.lints import LINTS

LONGEST = 400  # lines; a file past 300 is about to be split by noun
# Where a rule does not hold, and why. A folder ends in a slash.
EXEMPT: dict[str, dict[str, str]] = {
    "sql_put_together": {
        "core/db/": "roles and policies take identifiers, which no parameter can be",
        "core/estate/households_repository.py": "functions that only make the module's constants",
        "core/tickets/queue.py": "conditions from a table of the module, values as parameters",
    },
    "clock_read": {"core/work.py": "the one clock"},
    "context_read": {
        "core/db/": "Piccolo's engine and migrations get their transaction so",
    },
    "transaction_ended": {
        "core/db/": "the unit of work itself",
        "core/web/edge.py": "opened the request's work",
        "core/work.py": "the one way to hold nothing while somebody outside is asked",
    },
    "environment_read": {
        "core/settings.py": "the one place",
    },
}
# Code that each rule must object to, and code that it must let be.
SAMPLES = {
    "sql_put_together": (
        ["def f(x): return f'SELECT a FROM t WHERE b = {x}'", "def f(x): return 'DELETE FROM t WHERE a = ' + x",
         "def f(x): return 'UPDATE t SET a = %s' % x", "def f(x): return 'INSERT INTO t VALUES ({})'.format(x)"],
        ["A = 'a, b'\nB = f'SELECT {A} FROM t'", "def f(x): return f'select one of {x}'"],
    ),
    "constant_sql_of_others": (
        ["import m\nA = f'SELECT {m.columns} FROM t'", "from m import n\nA = f'SELECT {n()} FROM t'"],
        ["C = 'a, b'\nA = f'SELECT {C} FROM t'", "C = 'a,b'\nA = f'''SELECT {[c for c in C.split()]} FROM t'''"],
    ),
    "clock_read": (
        ["import datetime\ndatetime.datetime.now()", "from datetime import date\ndate.today()",
         "import time\ntime.time()"],
        ["import time\ntime.monotonic()", "work.now", "site.today(now)"],
    ),
    "error_swallowed": (
        ["try: f()\nexcept Exception: pass", "try: f()\nexcept: ...",
         "import contextlib\nwith contextlib.suppress(Exception): f()",
         "for x in y:\n try: f()\n except (ValueError, Exception): continue"],
        ["try: f()\nexcept ValueError: pass", "try: f()\nexcept Exception as e: log(e)",
         "try: f()\nexcept Exception: raise"],
    ),
    "context_read": (
        ["import contextvars\nV = contextvars.ContextVar('v')", "from contextvars import ContextVar",
         "self.db.current.get()", "db.present()"],
        ["work.uow", "in_force.current"],
    ),
    "transaction_ended": (
        ["async def f(uow): await uow.commit()", "async def f(uow): await uow.rollback()"],
        ["work.committed"],
    ),
    "leaves_the_transaction": (
        ["T.select().batch()", "T.select().run_sync()", "T.select().run(node='read')"],
        ["T.select()", "batch(rows)"],
    ),
    "environment_read": (["import os\nos.environ['HOME']", "import os\nos.getenv('HOME')"], ["os.getpid()"]),
    "log_misnamed": (["log.error('lost', event=e.type)"], ["log.error('lost', type=e.type)", "work.emit(event=e)"]),
}  # fmt: skip


def sources() -> list[Path]:
    return sorted(
        file
        for package in ("core", "plugins", "tenants")
        for file in (ROOT / package).rglob("*.py")
        if "node_modules" not in file.parts
    )


def offences(rule: str) -> dict[str, list[int]]:
    """By file, the lines that break the rule."""
    found = {
        str(file.relative_to(ROOT)): sorted(set(LINTS[rule](ast.parse(file.read_text(), str(file)))))
        for file in sources()
    }
    return {file: lines for file, lines in found.items() if lines}


@pytest.mark.parametrize("rule", LINTS)
def test_the_rule_holds(rule: str) -> None:
    exempt = EXEMPT.get(rule, {})

    assert {f: lines for f, lines in offences(rule).items() if not f.startswith(tuple(exempt))} == {}, LINTS[
        rule
    ].__doc__


@pytest.mark.parametrize(("rule", "place"), [(rule, place) for rule, places in EXEMPT.items() for place in places])
def test_every_exemption_is_needed_still(rule: str, place: str) -> None:
    assert any(file.startswith(place) for file in offences(rule))


@pytest.mark.parametrize("rule", LINTS)
def test_the_rule_finds_what_it_is_for(rule: str) -> None:
    bad, good = SAMPLES[rule]

    assert [code for code in bad if not list(LINTS[rule](ast.parse(code)))] == []
    assert [code for code in good if list(LINTS[rule](ast.parse(code)))] == []


def test_no_file_is_too_long_to_read() -> None:
    long = {str(f.relative_to(ROOT)): n for f in sources() if (n := len(f.read_text().splitlines())) > LONGEST}

    assert long == {}


def test_every_module_says_what_it_is_responsible_for() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in sources()
        if file.read_text().strip() and not ast.get_docstring(ast.parse(file.read_text()))
    ]

    assert silent == []


def test_core_does_not_import_the_plugin_authors_testkit() -> None:
    importing = [
        str(file.relative_to(ROOT))
        for file in sources()
        if "core.testkit" in file.read_text() and "testkit" not in file.parts
    ]

    assert importing == []
