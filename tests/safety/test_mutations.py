"""The gate of gates: a guard that is taken away turns the tests red that are there for it.

Each mutation is made in a copy of Lodge; its tests pass without it and fail with it.
"""

from __future__ import annotations

import ast
import os
import random
import re
from collections.abc import Iterator

import pytest

from core.settings import ROOT
from tests.support.mutations import Copy, Mutation, Run, listed

SEED = os.environ.get("LODGE_TEST_SEED", "20261122")
LISTED = listed()
DRAWN = 3  # of the routes and of the tables, besides those that are listed
REVIEW = "tests/contract/test_access.py::test_az_1_every_route_is_reviewed_and_states_what_was_reviewed"
CATALOGUE = "tests/isolation/test_catalogue.py::test_ti_1_nothing_breaks_the_rule"
ROWS = "tests/isolation/test_rows.py::test_ti_2_rows_of_another_company_cannot_be_seen"
_TABLE = re.compile(r"tenant_table\(\s*\"(\w+)\"")


def routes() -> Iterator[tuple[str, str]]:
    """Every route's permission as it is written: the file, and the decorator's text up to it."""
    for file in sorted([*ROOT.glob("core/web/*/*.py"), *ROOT.glob("plugins/**/*.py")]):
        source = file.read_text()
        for node in ast.walk(ast.parse(source)):
            for decorator in getattr(node, "decorator_list", ()):
                text = ast.get_source_segment(source, decorator) or ""
                if re.search(r'permission="[\w.]+"', text) and source.count(text) == 1:
                    yield str(file.relative_to(ROOT)), text


def drawn() -> Iterator[tuple[str, Mutation]]:
    """Some of the routes, each with the permission to see tickets alone; some tables, each without its policy."""
    chance = random.Random(SEED)
    for file, text in chance.sample(list(routes()), DRAWN):
        other = "ticket.create" if '"ticket.view"' in text else "ticket.view"
        loose = re.sub(r'permission="[\w.]+"', f'permission="{other}"', text)
        yield f"permission of {text.splitlines()[0]}", Mutation(file, text, loose, [REVIEW])
    migrations = ROOT.glob("migrations/*/*.py")
    tables = sorted({table for file in migrations for table in _TABLE.findall(file.read_text())})
    for table in chance.sample(tables, DRAWN):
        without = f'    if table == "{table}":\n        sql += "DROP POLICY tenant_only ON {table};"\n    return sql\n'
        yield f"policy of {table}", Mutation("core/db/rls.py", "    return sql\n", without, [CATALOGUE, ROWS])


MUTATIONS = {**LISTED, **dict(drawn())}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("mutated") / "lodge")


@pytest.fixture(scope="module")
def whole(copy: Copy) -> Run:
    """All these tests where no guard is missing."""
    return copy.run(sorted({test for mutation in MUTATIONS.values() for test in mutation.red}), seconds=1800)


@pytest.mark.timeout(1860)
def test_with_every_guard_these_tests_pass(whole: Run) -> None:
    assert whole.status == 0, whole.output


@pytest.mark.parametrize("guard", MUTATIONS)
def test_without_the_guard_its_tests_fail(guard: str, copy: Copy) -> None:
    mutation = MUTATIONS[guard]
    with copy.without(mutation):
        run = copy.run(mutation.red)
    assert run.status == 1, run.output  # of another status nothing was tried
    assert set(mutation.red) - run.failed == set(), run.output
