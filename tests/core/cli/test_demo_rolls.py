"""The rolls of demo sites: units from patterns, the same made-up people each time, and a home for whom stories name."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from core.cli.demo.roll import Block, Roll, expanded, others, unit_name
from core.cli.demo.story import Story, read_story
from core.cli.tenants import DEMO
from core.tenancy.packs.read import tables_of

STORIES = sorted(DEMO.glob("demo/*.toml"))
UNITS: dict[str, list[str]] = {
    "1-2单元 9-10层 01-02室": [
        *("1单元901", "1单元902", "1单元1001", "1单元1002"),
        *("2单元901", "2单元902", "2单元1001", "2单元1002"),
    ],
    "2单元 3层 01室": ["2单元301"],
    "09-10层 03室": ["0903", "1003"],
    "A-07-08室": ["A-07", "A-08"],
}


def roll(*units: str, **more: Any) -> Roll:
    block = Block(name="3幢", units=units, areas=(80.0, 95.5), handed_over=date(2020, 5, 1))
    return Roll(site="yard", by="mina", file="roll.xlsx", blocks=(block,), phone=13800013001, **more)


@pytest.mark.parametrize(("pattern", "labels"), UNITS.items(), ids=UNITS)
def test_a_pattern_is_every_unit_it_says_floors_written_as_the_first_one_is(pattern: str, labels: list[str]) -> None:
    assert [household.label for household in expanded(roll(pattern))] == [f"3幢{label}" for label in labels]


def test_owners_are_made_up_alike_each_time_and_whom_the_story_names_lives_where_it_says() -> None:
    told = roll("1单元 1-9层 01-02室", residents=("3幢1单元302 张丽华 13800010001",))
    households = expanded(told)
    assert households == expanded(told)
    assert len({household.owner for household in households}) == len(households)
    phones = [household.phone for household in households]
    assert len(set(phones)) == len(phones) and all(re.fullmatch(r"1380001\d{4}", phone) for phone in phones)
    assert [h.owner for h in households if h.phone == "13800010001"] == ["张丽华"]
    assert {h.area for h in households} == {80.0, 95.5} and min(h.moved_in for h in households) == date(2020, 5, 1)
    assert all(h.owner.endswith("有限公司") for h in expanded(replace(told, owners="firms", residents=())))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (roll("1单元"), "1单元"),
        (roll("1层 01室", residents=("3幢102 张丽华 13800010001",)), "3幢102"),
        (roll("1层 01室", others=("3幢102 租户 周磊 13800010201",)), "3幢102"),
        (roll("1层 01室", others=("3幢101 房客 周磊 13800010201",)), "房客"),
    ],
    ids=["pattern", "resident", "tenant", "role"],
)
def test_a_pattern_that_is_none_or_somebody_of_no_unit_is_refused(wrong: Roll, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        others(wrong)


@pytest.mark.parametrize(
    ("place", "unit"),
    [
        ("3幢2单元404", ("3", "2", "404")),
        ("2栋0903", ("2", "", "0903")),
        ("2幢0903室", ("2", "", "0903")),
        ("商铺 A-06", ("商铺A-06",)),
        ("星河大厦1201", ("星河大厦1201",)),
        ("  ", ()),
    ],
)
def test_a_unit_is_the_same_however_it_is_written(place: str, unit: tuple[str, ...]) -> None:
    assert unit_name(place) == unit


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_every_place_of_a_story_that_looks_like_a_unit_is_one_and_whoever_reports_from_home_lives_there(
    file: Path,
) -> None:
    story = read_story(file, {}).story
    homes = {r.site: {unit_name(h.label): {h.phone} for h in expanded(r)} for r in story.rolls}
    for roll in story.rolls:
        for other in others(roll):
            homes[roll.site][unit_name(other.unit)].add(other.phone)
    for site, place in _places(story, tables_of(file)):
        assert unit_name(place) in homes[site] or not re.search(r"\d{3,}室?$|[A-Z]-\d+$", place), (site, place)
    for matter in story.matters:
        for turn in range(len(matter.places) * len(matter.reporters)):
            phones = homes[matter.site].get(unit_name(matter.places[turn % len(matter.places)]))
            _, _, phone = matter.reporters[turn % len(matter.reporters)].partition(" ")
            assert phones is None or phone in phones, (phones, phone)


def _places(story: Story, tables: dict[str, Any]) -> list[tuple[str, str]]:
    """Where matters, visits, letters and opinions are, with the site."""
    desk = tables.get("reception", {})
    told = [(matter.site, matter.places) for matter in story.matters]
    told += [(e["site"], e.get("places", ())) for noun in ("visits", "letters", "opinions") for e in desk.get(noun, [])]
    return [(site, place) for site, places in told for place in places]
