"""What the words typed into the unit lookup are taken to mean."""

from __future__ import annotations

import pytest

from core.estate.lookup import Query, read_query


def unit(building: str, entrance: str | None, room: str) -> Query:
    return Query(building=building, entrance=entrance, room=room)


MEANINGS = {
    "3幢2单元18": unit("3", "2", "18"),
    "3幢2单元1802室": unit("3", "2", "1802"),
    "3-2-1802": unit("3", "2", "1802"),
    "３－２－１８０２": unit("3", "2", "1802"),
    "3—2—1802": unit("3", "2", "1802"),
    "03栋 02门 1802": unit("3", "2", "1802"),
    "3号楼2单元": unit("3", "2", ""),
    "3#1802": unit("3", None, "1802"),
    "3幢1802": unit("3", None, "1802"),
    "3-1802": unit("3", None, "1802"),
    "3幢": unit("3", None, ""),
    "a座1201": unit("A", None, "1201"),
    "1802": Query(label="1802", any_room="1802", tail="1802"),
    "1802室": Query(label="1802室", any_room="1802", name="1802室"),
    "18": Query(label="18", any_room="18"),
    "王丽": Query(label="王丽", name="王丽"),
    " 王 丽华 ": Query(label="王丽华", name="王丽华"),
    "Acme Ltd": Query(label="ACMELTD", any_room="ACMELTD", name="Acme Ltd"),
    "138 1762 6207": Query(label="13817626207", any_room="13817626207", phone="13817626207"),
    "+86 138-1762-6207": Query(label="+86138-1762-6207", name="+86 138-1762-6207", phone="13817626207"),
    "1381762": Query(label="1381762", any_room="1381762", phone="1381762"),
    "02156807071": Query(label="02156807071", any_room="02156807071", phone="021-56807071"),
    "021-5680": Query(building="21", room="5680", phone="021-5680"),
    "6207": Query(label="6207", any_room="6207", tail="6207"),
}


@pytest.mark.parametrize(("text", "query"), MEANINGS.items())
def test_a_text_is_read_as_every_thing_it_can_mean(text: str, query: Query) -> None:
    assert read_query(text) == query


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "\0", "\ud800"])
def test_nothing_typed_means_nothing(text: str) -> None:
    assert read_query(text) is None


def test_a_text_without_end_is_cut() -> None:
    query = read_query("王" * 1_000_000)
    assert query is not None
    assert query.name == "王" * 100
