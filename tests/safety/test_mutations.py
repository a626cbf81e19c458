"""The gate of gates: a guard that is taken away turns the tests red that are there for it.

Each mutation is made in a copy of Lodge; its tests pass without it and fail with it.
"""

from __future__ import annotations

import ast
import os
import random
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Queue

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
def copies(tmp_path_factory: pytest.TempPathFactory) -> Queue[Copy]:
    """One for each processor."""
    found: Queue[Copy] = Queue()
    for _ in range(os.cpu_count() or 1):
        found.put(Copy(tmp_path_factory.mktemp("mutated") / "lodge"))
    return found


@pytest.fixture(scope="module")
def runs(copies: Queue[Copy], request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Run]]]:
    """What the tests of each guard that is asked for come to without it; a run for each processor at a time."""

    def run(mutation: Mutation) -> Run:
        copy = copies.get()
        try:
            with copy.without(mutation):
                return copy.run(mutation.red)
        finally:
            copies.put(copy)

    items = [item for item in request.session.items if isinstance(item, pytest.Function) and hasattr(item, "callspec")]
    chosen = {item.callspec.params.get("guard") for item in items}
    with ThreadPoolExecutor(copies.qsize()) as pool:
        yield {guard: pool.submit(run, MUTATIONS[guard]) for guard in MUTATIONS if guard in chosen}
        pool.shutdown(cancel_futures=True)


@pytest.mark.timeout(3600)
def test_with_every_guard_these_tests_pass(copies: Queue[Copy]) -> None:
    copy = copies.get()
    run = copy.run(sorted({test for mutation in MUTATIONS.values() for test in mutation.red}), seconds=3500)
    copies.put(copy)
    assert run.status == 0, run.output


@pytest.mark.timeout(3600)  # waits for its turn too
@pytest.mark.parametrize("guard", MUTATIONS)
def test_without_the_guard_its_tests_fail(guard: str, runs: dict[str, Future[Run]]) -> None:
    run = runs[guard].result()
    assert run.status == 1, run.output  # of another status nothing was tried
    assert {test.partition("[")[0] for test in MUTATIONS[guard].red} - run.failed == set(), run.output
