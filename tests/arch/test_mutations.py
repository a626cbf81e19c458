"""Guards that `make test-safety` takes away stand where its list says, and the tests that miss them are there."""

from __future__ import annotations

import ast
from functools import cache

from core.settings import ROOT
from tests.support.mutations import Mutation, listed


@cache
def source(file: str) -> str:
    return (ROOT / file).read_text()


def wrong(mutation: Mutation) -> str | None:
    """What is wrong with it, if anything."""
    try:
        ast.parse(mutation.applied(source(mutation.file)))
    except ValueError as error:
        return f"{error}: say where the guard stands now"
    for test in mutation.red:
        file, _, name = test.partition("[")[0].partition("::")
        if f"def {name}(" not in source(file):
            return f"{test} is gone: say which test misses the guard now"
    return None


def test_every_guard_is_where_the_list_says_and_so_is_its_test() -> None:
    assert {guard: told for guard, mutation in listed().items() if (told := wrong(mutation))} == {}
