from __future__ import annotations

import pytest
from hypothesis import given

from core.errors import FieldError, Invalid
from core.policies.forms import OVERRIDE, RESET, FormField, Option, form_fields, parse_form
from core.policies.layers import DEFAULT, Overrides, Source, diff, resolve, validate
from core.policies.schema import Json
from tests.core.policies.samples import DESK, SITE, layer, overrides

INHERITED = DESK.default


def field(path: str, site: Overrides | None = None) -> FormField:
    fields = form_fields(DESK, resolve(DESK, [layer("site", site or {})]))
    return next(shown for shown in fields if shown.path == path)


def post(fields: tuple[FormField, ...]) -> dict[str, list[str]]:
    """What a browser sends for the form: line ends are CRLF, cells of a column share their name."""
    form: dict[str, list[str]] = {}
    for shown in fields:
        if shown.rows:
            for row in shown.rows:
                for name, values in post(row).items():
                    form.setdefault(name, []).extend(values)
        else:
            form[shown.path] = [shown.value.replace("\n", "\r\n")]
    return form


def posted(path: str, amount: str, unit: str, clock: str = "") -> dict[str, list[str]]:
    return {f"{path}.amount": [amount], f"{path}.unit": [unit], f"{path}.clock": [clock]}


def test_a_field_says_what_the_struct_says() -> None:
    assert field("name", {"name": "Front"}) == FormField(
        path="name",
        label="Desk name",
        help="As callers hear it.",
        kind="text",
        value="Front",
        source=Source("site", SITE),
        min_length=1,
        max_length=20,
        required=True,
    )
    rings = field("rings.few")
    assert (rings.label, rings.group, rings.unit, rings.minimum, rings.maximum) == ("Few", ("Rings",), "rings", 1, 20)
    assert field("extras.lift.limit").group == ("Extras", "lift")
    assert field("tone").options == (Option("warm", "Warmly"), Option("plain", "Plain"))
    assert field("greeting").placeholders == ("site", "clerk")


KINDS = [
    ("name", "text", "Desk"),
    ("nickname", "text", ""),
    ("note", "textarea", " line one\nline two "),
    ("greeting", "script", "{{site}}, {{clerk}}"),
    ("ratio", "number", "0.95"),
    ("night", "boolean", "false"),
    ("strict", "select", ""),
    ("tone", "select", "warm"),
    ("opened", "date", "2026-01-01"),
    ("answer", "duration", [["15", "minutes", "elapsed"]]),
    ("visit", "duration", [["", "none", ""]]),
    ("extras.lift.goal", "duration", [["", "general", ""]]),
    ("saturday", "shifts", "08:30-12:00"),
    ("codes", "lines", "1\n2"),
    ("moods", "choices", "warm"),
    ("steps", "rows", [["Hello", "{{site}}", "plain", "true", "", ""], ["", "", "plain", "true", "", ""]]),
    ("special", "dates", [["2026-10-01", ""], ["2026-10-10", "08:30-12:00"], ["", ""]]),
]


@pytest.mark.parametrize(("path", "kind", "value"), KINDS, ids=[path for path, _, _ in KINDS])
def test_each_kind_of_field_is_shown_in_its_way(path: str, kind: str, value: str | list[list[str]]) -> None:
    shown = field(path)
    assert shown.kind == kind
    assert (shown.value or [[cell.value for cell in row] for row in shown.rows] or "") == value


def test_a_list_of_words_offers_them_all_and_what_was_posted_besides() -> None:
    offered = (Option("warm", "Warmly"), Option("plain", "Plain"))
    assert field("moods").options == offered
    refused = form_fields(DESK, resolve(DESK, []), posted={"moods": ["loud\r\nwarm"]})
    shown = next(each for each in refused if each.path == "moods")
    assert (shown.value, shown.options) == ("loud\nwarm", (*offered, Option("loud", "Loud")))


def test_a_duration_offers_the_words_it_may_be_instead() -> None:
    units = [option.value for option in field("extras.lift.goal").rows[0][1].options]
    assert units == ["general", "minutes", "hours", "working_days", "days", "none"]
    assert [option.value for option in field("answer").rows[0][1].options] == units[1:-1]


def test_the_source_of_special_days_is_told_by_date_and_by_the_nearest_one() -> None:
    shown = field("special", {"special": {"2026-10-10": []}})
    assert shown.source == Source("site", SITE)
    assert [row[0].source for row in shown.rows[:2]] == [DEFAULT, Source("site", SITE)]


MEANT: list[tuple[dict[str, list[str]], Json]] = [
    ({"name": [" Front "]}, {"name": "Front"}),
    ({"name": ["Desk"]}, {}),
    ({"note": ["a\r\nb"]}, {"note": "a\nb"}),
    ({"note": [" line one\r\nline two "]}, {}),
    ({"nickname": ["  "]}, {}),
    ({"ratio": ["0.5"]}, {"ratio": 0.5}),
    ({"ratio": ["nan"]}, {"ratio": "nan"}),
    ({"rings.few": ["５"]}, {"rings": {"few": 5}}),
    ({"rings.few": ["9" * 5000]}, {"rings": {"few": "9" * 5000}}),
    ({"night": ["false", "true"]}, {"night": True}),
    ({"night": ["false"]}, {}),
    ({"saturday": [""]}, {"saturday": []}),
    ({"saturday": ["8:30 – 12：00，13:30~24:00"]}, {"saturday": [["08:30", "12:00"], ["13:30", "24:00"]]}),
    ({"codes": ["1\r\n\r\n 3 "]}, {"codes": [1, 3]}),
    ({"moods": ["plain\r\nwarm"]}, {"moods": ["plain", "warm"]}),
    ({"moods": [""]}, {"moods": []}),
    (posted("answer", "2", "days", "working"), {"answer": {"amount": 2, "unit": "days", "clock": "working"}}),
    (posted("answer", "", "days"), {"answer": {"amount": "", "unit": "days", "clock": "elapsed"}}),
    (posted("visit", "", "none"), {}),
    (posted("extras.lift.goal", "", "none"), {"extras": {"lift": {"goal": None}}}),
    ({"extras.gate.limit": ["4"]}, {"extras": {"gate": {"limit": 4}}}),
    ({"steps.title": ["", ""], "steps.text": ["", ""]}, {"steps": []}),
    ({"special.date": ["2026-10-01", ""], "special.shifts": ["", ""]}, {"special": {"2026-10-10": None}}),
    (
        {"special.date": ["2026-10-01", "2026-10-10", ""], "special.shifts": ["", "08:30-12:00", "8:00-9:00"]},
        {"special": {"": [["08:00", "09:00"]]}},
    ),
    ({"unknown": ["1"], "rings.loud": ["1"], "": ["x"]}, {}),
    ({OVERRIDE: ["name"], "name": ["Desk"]}, {"name": "Desk"}),
]


@pytest.mark.parametrize(("form", "meant"), MEANT)
def test_a_posted_form_means_what_differs_from_the_inherited_value(form: dict[str, list[str]], meant: Json) -> None:
    assert parse_form(DESK, form, INHERITED) == meant


def test_what_was_overridden_stays_so_until_it_is_reset() -> None:
    current: Overrides = {"name": "Desk", "special": {"2026-10-01": []}, "ratio": 0.5, "rings": {"few": 4}}
    form = {"name": ["Desk"], "special.date": ["2026-10-01", "2026-10-10"], "special.shifts": ["", "08:30-12:00"]}
    assert parse_form(DESK, form, INHERITED, current) == current
    assert parse_form(DESK, {**form, RESET: ["ratio", "rings"]}, INHERITED, current) == {
        "name": "Desk",
        "special": {"2026-10-01": []},
    }


def test_overrides_that_no_longer_fit_go_when_the_form_is_saved() -> None:
    assert parse_form(DESK, {"tone": ["plain"]}, INHERITED, {"gone": 1, "ratio": 7, "night": True}) == {
        "night": True,
        "tone": "plain",
    }


def test_a_map_offers_entries_it_does_not_have_yet() -> None:
    fields = form_fields(DESK, resolve(DESK, []), map_keys={"extras": ("lift", "gate")})
    assert {"extras.lift.goal", "extras.gate.goal"} <= {shown.path for shown in fields}
    assert parse_form(DESK, post(fields), INHERITED) == {}


def test_a_refused_form_shows_what_was_posted_and_each_error_where_it_belongs() -> None:
    form = {
        "name": [""],
        "steps.title": ["", "Hello", ""],
        "steps.text": ["", "{{weather}}", "again"],
        "special.date": ["2026-10-02", "someday"],
        "special.shifts": ["12:00-11", ""],
        "answer.amount": ["0"],
        "answer.unit": ["hours"],
        "answer.clock": ["elapsed"],
    }
    with pytest.raises(Invalid) as caught:
        validate(DESK, parse_form(DESK, form, INHERITED))
    fields = form_fields(DESK, resolve(DESK, []), posted=form, errors=caught.value.fields)
    shown = {shown.path: shown for shown in fields}
    assert (shown["name"].value, [error.field for error in shown["name"].errors]) == ("", ["name"])
    steps = shown["steps"]
    assert [row[0].value for row in steps.rows] == ["Hello", "", ""]
    assert [[error.field for cell in row for error in cell.errors] for row in steps.rows] == [
        ["steps.0.text"],
        ["steps.1.title"],
        [],
    ]
    special = shown["special"]
    assert [[cell.value for cell in row] for row in special.rows] == [
        ["2026-10-02", "12:00-11"],
        ["someday", ""],
        ["", ""],
    ]
    assert [[error.field for cell in row for error in cell.errors] for row in special.rows] == [
        ["special.2026-10-02"],
        ["special.someday"],
        [],
    ]
    assert [cell.value for cell in shown["answer"].rows[0]] == ["0", "hours", "elapsed"]
    assert shown["answer"].errors == (FieldError("answer", "Give a whole number of at least 1 and a unit."),)


@given(overrides, overrides)
def test_a_form_posted_as_it_was_shown_changes_nothing(company: Overrides, site: Overrides) -> None:
    inherited = resolve(DESK, [layer("company", company)]).value
    resolved = resolve(DESK, [layer("company", company), layer("site", site)])
    again = parse_form(DESK, post(form_fields(DESK, resolved)), inherited, site)
    assert diff(DESK, site, again) == []


@given(overrides, overrides)
def test_a_posted_form_leads_to_the_value_it_showed(company: Overrides, site: Overrides) -> None:
    inherited = resolve(DESK, [layer("company", company)]).value
    wanted = resolve(DESK, [layer("company", company), layer("site", site)])
    fresh = parse_form(DESK, post(form_fields(DESK, wanted)), inherited)
    value = validate(DESK, fresh, inherited)
    for name in ("steps", "answer", "visit", "saturday", "special", "rings", "codes", "ratio", "night", "strict"):
        assert getattr(value, name) == getattr(wanted.value, name)
