from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import FieldError, Invalid
from core.policies.layers import (
    DEFAULT,
    Change,
    Overrides,
    Source,
    diff,
    reset_leaf,
    resolve,
    set_leaf,
    validate,
)
from core.policies.schema import Json, dotted, leaves, to_json
from core.policies.values import Duration
from tests.core.policies.samples import COMPANY, DESK, SITE, Extra, layer, overrides


def test_the_site_overrides_the_company_and_the_company_the_default() -> None:
    company = layer("company", {"name": "Company", "ratio": 0.5, "rings": {"few": 4}})
    resolved = resolve(DESK, [company, layer("site", {"name": "Site", "rings": {"many": 9}})])
    value = resolved.value
    assert (value.name, value.ratio, value.rings.few, value.rings.many, value.night) == ("Site", 0.5, 4, 9, False)
    told = {path: resolved.provenance[path] for path in ("name", "ratio", "rings.few", "rings.many", "night")}
    assert told == {
        "name": Source("site", SITE),
        "ratio": Source("company", COMPANY),
        "rings.few": Source("company", COMPANY),
        "rings.many": Source("site", SITE),
        "night": DEFAULT,
    }


def test_a_duration_is_overridden_as_a_whole() -> None:
    resolved = resolve(DESK, [layer("site", {"answer": {"amount": 2, "unit": "hours"}})])
    assert resolved.value.answer == Duration(2, "hours", "elapsed")
    assert resolved.provenance["answer"] == Source("site", SITE)


def test_a_map_merges_by_key_and_null_takes_an_inherited_key_out() -> None:
    changed: Overrides = {"special": {"2026-10-01": None, "2026-10-02": []}, "extras": {"gate": {"limit": 1}}}
    resolved = resolve(DESK, [layer("site", changed)])
    assert resolved.value.special == {date(2026, 10, 2): (), date(2026, 10, 10): (("08:30", "12:00"),)}
    assert resolved.value.extras == {"lift": Extra(2), "gate": Extra(1)}
    assert "special.2026-10-01" not in resolved.provenance
    assert resolved.provenance["extras.gate.limit"] == Source("site", SITE)
    assert resolved.provenance["extras.gate.goal"] == DEFAULT


STALE: list[tuple[Overrides, str]] = [
    ({"removed_long_ago": 1}, "removed_long_ago"),
    ({"rings": {"loud": 1}}, "rings.loud"),
    ({"rings": 5}, "rings"),
    ({"rings": {"few": 99}}, "rings.few"),
    ({"rings": {"few": 10}}, "rings.few"),
    ({"ratio": "much"}, "ratio"),
    ({"answer": {"amount": 0, "unit": "hours"}}, "answer"),
    ({"saturday": [["08:30"]]}, "saturday"),
    ({"steps": [{"title": ""}]}, "steps"),
    ({"special": {"someday": []}}, "special.someday"),
    ({"extras": {"a.b": {"limit": 1}}}, "extras.a.b.limit"),
    ({"name": 10**40}, "name"),
]


@pytest.mark.parametrize(("stale", "path"), STALE, ids=[path for _, path in STALE])
def test_a_stored_override_that_no_longer_fits_is_ignored_and_reported(stale: Overrides, path: str) -> None:
    resolved = resolve(DESK, [layer("company", {"night": True}), layer("site", {**stale, "tone": "plain"})])
    assert resolved.value == msgspec.structs.replace(DESK.default, night=True, tone="plain")
    assert [(problem.source, problem.path) for problem in resolved.problems] == [(Source("site", SITE), path)]


def test_what_is_ignored_says_why_layer_by_layer() -> None:
    company = layer("company", {"gone": 1, "rings": {"few": 99}})
    resolved = resolve(DESK, [company, layer("site", {"rings": {"few": 10}, "ratio": 2})])
    told = [(each.source.scope, each.path, each.message.format(**each.params)) for each in resolved.problems]
    assert told == [
        ("company", "gone", "There is no such setting. Take it out."),
        ("company", "rings.few", "Give a whole number from 1 to 20."),
        ("site", "ratio", "Give a number from 0 to 1."),
        ("site", "rings.few", "Give at least 10."),
    ]


def test_without_any_layer_all_comes_from_the_default() -> None:
    resolved = resolve(DESK, [])
    assert resolved.value == DESK.default
    assert resolved.provenance == {dotted(path): DEFAULT for path, _, _ in leaves(DESK.shape, to_json(DESK.default))}


def test_a_contradiction_costs_the_upper_layer_only_what_it_says_of_that_object() -> None:
    company = layer("company", {"rings": {"many": 4}})
    resolved = resolve(DESK, [company, layer("site", {"rings": {"few": 5}, "name": "Site"})])
    assert (resolved.value.name, resolved.value.rings.few, resolved.value.rings.many) == ("Site", 3, 4)
    assert [problem.path for problem in resolved.problems] == ["rings.few"]


def test_every_wrong_leaf_is_named_at_once_with_its_mend() -> None:
    wrong: Overrides = {
        "colour": "red",
        "name": "",
        "greeting": "{{site}} {{weather}}",
        "ratio": 2,
        "tone": "rude",
        "night": 1,
        "opened": "soon",
        "answer": {"amount": 0, "unit": "hours"},
        "saturday": [["8:30", "12"]],
        "codes": [1, -1],
        "steps": [{"title": "ok"}, {"text": "no title", "volume": 3}],
        "special": {"2026-13-01": []},
        "rings": {"few": 0, "loud": True},
    }
    with pytest.raises(Invalid) as caught:
        validate(DESK, wrong)
    shown = {error.field: error.message.format(**error.params) for error in caught.value.fields}
    assert shown == {
        "colour": "There is no such setting. Take it out.",
        "name": "Give 1 to 20 characters.",
        "greeting": "Only these names can be filled in: {{site}}, {{clerk}}. Correct or take out: weather.",
        "ratio": "Give a number from 0 to 1.",
        "tone": "Choose one of: warm, plain.",
        "night": "Choose yes or no.",
        "opened": "Give a date like 2026-10-01.",
        "answer": "Give a whole number of at least 1 and a unit.",
        "saturday": "Give shifts like 08:30-12:00, 13:30-17:30.",
        "codes.1": "Give a whole number of at least 0.",
        "steps.1.title": "Fill in this field.",
        "steps.1.volume": "There is no such setting. Take it out.",
        "special.2026-13-01": "Use another name here: 2026-13-01 is not possible.",
        "rings.few": "Give a whole number from 1 to 20.",
        "rings.loud": "There is no such setting. Take it out.",
    }


def test_fields_that_contradict_each_other_are_an_error_at_the_field_the_struct_names() -> None:
    with pytest.raises(Invalid) as caught:
        validate(DESK, {"rings": {"few": 7}})
    assert caught.value.fields == (FieldError("rings.many", "Give at least {few}.", {"few": 7}),)


def test_overrides_are_validated_on_top_of_what_they_inherit() -> None:
    inherited = resolve(DESK, [layer("company", {"rings": {"many": 12}})]).value
    assert validate(DESK, {"rings": {"few": 7}}, inherited).rings.few == 7


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ({}, "rings.few", 4, {"rings": {"few": 4}}),
        ({"rings": {"many": 9}}, "rings.few", 4, {"rings": {"many": 9, "few": 4}}),
        ({"rings": 5}, "rings.few", 4, {"rings": {"few": 4}}),
        ({"visit": {"amount": 1, "unit": "days"}}, "visit", None, {"visit": None}),
    ],
)
def test_setting_a_leaf_leaves_the_rest_alone(before: Overrides, path: str, value: Json, after: Overrides) -> None:
    assert set_leaf(before, path, value) == after


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        ({"rings": {"few": 4}}, "rings.few", {}),
        ({"rings": {"few": 4, "many": 9}}, "rings.few", {"rings": {"many": 9}}),
        ({"rings": {"few": 4, "many": 9}, "name": "x"}, "rings", {"name": "x"}),
        ({"name": "x"}, "name.first", {"name": "x"}),
        ({"name": "x"}, "rings.few", {"name": "x"}),
    ],
)
def test_resetting_a_leaf_takes_it_out_and_leaves_no_empty_object(
    before: Overrides, path: str, after: Overrides
) -> None:
    assert reset_leaf(before, path) == after


def test_a_difference_is_told_by_leaf() -> None:
    half: Json = {"amount": 30, "unit": "minutes"}
    hour: Json = {"amount": 1, "unit": "hours"}
    old: Overrides = {"answer": half, "rings": {"few": 4}, "special": {"2026-10-01": None}, "gone": 1}
    new: Overrides = {"answer": hour, "rings": {"few": 4, "many": 9}, "visit": None}
    assert diff(DESK, old, new) == [
        Change("answer", half, hour),
        Change("special.2026-10-01", None, msgspec.UNSET),
        Change("gone", 1, msgspec.UNSET),
        Change("rings.many", msgspec.UNSET, 9),
        Change("visit", msgspec.UNSET, None),
    ]


@given(overrides, overrides)
def test_provenance_covers_exactly_the_leaves_and_valid_layers_make_no_problem(
    company: Overrides, site: Overrides
) -> None:
    resolved = resolve(DESK, [layer("company", company), layer("site", site)])
    assert resolved.problems == ()
    assert set(resolved.provenance) == {dotted(path) for path, _, _ in leaves(DESK.shape, to_json(resolved.value))}


@given(overrides)
def test_applying_a_layer_twice_changes_nothing(site: Overrides) -> None:
    once = resolve(DESK, [layer("site", site)])
    assert resolve(DESK, [layer("site", site), layer("site", site)]) == once
    assert validate(DESK, site) == once.value


@given(overrides, overrides, st.data())
def test_a_leaf_that_is_reset_is_inherited_again(company: Overrides, site: Overrides, data: st.DataObject) -> None:
    inherited = resolve(DESK, [layer("company", company)])
    change = data.draw(st.sampled_from(diff(DESK, {}, site))) if site else None
    path = change.path if change else "name"
    after = resolve(DESK, [layer("company", company), layer("site", reset_leaf(site, path))])
    below = {dotted(leaf): value for leaf, _, value in leaves(DESK.shape, to_json(inherited.value))}
    now = {dotted(leaf): value for leaf, _, value in leaves(DESK.shape, to_json(after.value))}
    if path in below:
        assert now[path] == below[path]
        assert after.provenance[path] == inherited.provenance[path]
    assert path not in {change.path for change in diff(DESK, {}, reset_leaf(site, path))}


@given(overrides)
def test_resetting_all_that_differs_leaves_no_overrides(site: Overrides) -> None:
    left = site
    for change in diff(DESK, {}, site):
        left = reset_leaf(left, change.path)
    assert left == {}


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("a1水-:", max_size=5),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["few", "lift", "amount", "x.y"]), below)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*DESK.shape.fields, "gone", "a.b"]), json), overrides)
def test_no_stored_garbage_takes_a_site_down(garbage: Overrides, company: Overrides) -> None:
    good = resolve(DESK, [layer("company", company)])
    resolved = resolve(DESK, [layer("company", company), layer("site", garbage)])
    untouched = set(DESK.shape.fields) - set(garbage)
    assert all(getattr(resolved.value, name) == getattr(good.value, name) for name in untouched)
    assert {problem.source for problem in resolved.problems} <= {Source("site", SITE)}
