"""docs/safety.md lists what the tests try, and the tests try what it lists."""

from __future__ import annotations

import re

from core.settings import ROOT
from tests.support.table import carried, ids_in, rows, table


def test_what_the_catalogue_lists_is_tried_and_what_is_tried_it_lists() -> None:
    """A test whose name carries an id is of a row of docs/safety.md, and a row names files that have such tests."""
    listed, tried = {row.id: row.files for row in rows()}, carried()

    assert sorted(listed) == sorted(tried)
    assert {id: files - tried[id] for id, files in listed.items() if not files or files - tried[id]} == {}


def test_an_id_is_listed_once_and_has_a_mark() -> None:
    ids = [row.id for row in rows()]

    assert len(ids) == len(set(ids))
    assert all(row.what and row.mark for row in rows())


def test_what_security_names_is_in_the_catalogue() -> None:
    named = set(re.findall(r"\b[A-Z]{2}-\d+\b", (ROOT / "SECURITY.md").read_text()))

    assert named - {row.id for row in rows()} == set()


def test_a_name_carries_its_ids_and_a_table_says_how_they_ended() -> None:
    assert ids_in("test_ti_3_ti_10_paths_of_others") == ["TI-3", "TI-10"]
    assert ids_in("test_in_time_for_two_of_them") == []

    told = table({"test_ti_1_nothing_breaks_the_rule[a]": ["passed"], "test_az_4_more_than_one_has": ["failed"]})
    assert re.search(r"^\| TI-1 .*\| passed, 1 test \|$", told, re.MULTILINE)
    assert re.search(r"^\| AZ-4 .*\| FAILED, 1 of 1 \|$", told, re.MULTILINE)
    assert re.search(r"^\| IN-1 .*\| not run \|$", told, re.MULTILINE)
