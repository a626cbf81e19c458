"""The worked examples, and what the definitions say at the edges. In cases.json nothing is ours."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from plugins.billing.amounts.number import exact, plain
from plugins.billing.explain import explain_case, tell_case

CASES = json.loads((Path(__file__).parent / "cases.json").read_bytes())
MONTH: dict[str, Any] = CASES[0]
METER: dict[str, Any] = next(case for case in CASES if case["kind"] == "meter")
SHARE: dict[str, Any] = next(case for case in CASES if case["kind"] == "share")
LATE: dict[str, Any] = next(case for case in CASES if case["kind"] == "damages")


def said(case: dict[str, Any], **changed: Any) -> Any:
    """What a case comes to with some of it changed; `a__b` is b within a."""
    case = json.loads(json.dumps(case))
    for path, value in changed.items():
        *into, last = path.split("__")
        place = case
        for step in into:
            place = place[step]
        place[last] = value
    return explain_case(json.dumps(case))[0]["result"]


def rounded(unit: str, mode: str, price: str) -> int:
    fen: int = said(
        MONTH,
        item__rounding={"unit": unit, "mode": mode},
        item__prices=[{"from": "2020-01-01", "value": price}],
        subject__quantity=[{"from": "2020-01-01", "value": "1"}],
    )["amount_fen"]
    return fen


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_worked_example_comes_out_as_its_expectation(case: dict[str, Any]) -> None:
    assert explain_case(json.dumps(case)) == [{"name": case["name"], "result": case["expect"]}]


ROUNDED = {
    ("fen", "half_up", "1.005"): 101,
    ("fen", "half_up", "-1.005"): -101,
    ("fen", "half_up", "1.0049"): 100,
    ("fen", "up", "1.0001"): 101,
    ("fen", "up", "-1.0001"): -101,
    ("fen", "up", "1.01"): 101,
    ("fen", "down", "1.0199"): 101,
    ("fen", "down", "-1.0199"): -101,
    ("jiao", "half_up", "1.25"): 130,
    ("jiao", "down", "1.29"): 120,
    ("yuan", "up", "1.01"): 200,
    ("yuan", "half_up", "-0.5"): -100,
}


@pytest.mark.parametrize(("unit", "mode", "price"), ROUNDED)
def test_an_amount_is_rounded_once_away_from_or_towards_zero(unit: str, mode: str, price: str) -> None:
    assert rounded(unit, mode, price) == ROUNDED[unit, mode, price]


CHARGED: dict[str, tuple[dict[str, Any], Any]] = {
    "thirty days of March at 30-day months are one month": (
        {"item__prorate": "thirty", "service__from": "2026-03-02"},
        {"amount_fen": 21056, "parts": [{"from": "2026-03-02", "to": "2026-03-31", "fraction": "1"}]},
    ),
    "a touched month counts in full, whatever is cut in it": (
        {"item__prorate": "whole", "service__from": "2026-03-30", "discounts": [
            {"from": "2026-03-31", "to": None, "factor": "0"}]},
        {"amount_fen": 10528, "parts": [
            {"from": "2026-03-30", "to": "2026-03-30", "fraction": "1/2"},
            {"from": "2026-03-31", "to": "2026-03-31", "fraction": "1/2"}]},
    ),
    "what was entered again and did not change cuts nothing": (
        {"item__prices": [{"from": "2026-03-16", "value": "2.350"}, {"from": "2020-01-01", "value": "2.35"}]},
        MONTH["expect"],
    ),
    "the price is missed first": (
        {"item__prices": [], "subject__quantity": []}, {"error": "missing_price"}),
    "the area is missed on the first day alone": (
        {"subject__quantity": [{"from": "2026-03-02", "value": "89.60"}]}, {"error": "missing_quantity"}),
    "who paid before the price was set is asked for none": (
        {"item__prices": [{"from": "2026-03-05", "value": "2.35"}], "service": {"from": None, "to": "2026-02-28"}},
        {"amount_fen": 0, "parts": []},
    ),
    "a discount on the last day there is": (
        {"discounts": [{"from": "2026-03-01", "to": "9999-12-31", "factor": "0.5"}]},
        {"amount_fen": 10528, "parts": MONTH["expect"]["parts"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHARGED)
def test_a_charge_at_the_edges(name: str) -> None:
    changed, expected = CHARGED[name]
    assert said(MONTH, **changed) == expected


METERED: dict[str, tuple[dict[str, Any], Any]] = {
    "the end of a tier is still of it": (
        {"readings": {"previous": "0", "current": "180"}}, {"used": "180", "amount_fen": 52200}),
    "tenths count": (
        {"readings": {"previous": "0.5", "current": "180.7"}}, {"used": "180.2", "amount_fen": 52277}),
    "nothing used": (
        {"readings": {"previous": "5", "current": "5.0"}}, {"used": "0", "amount_fen": 0}),
    "exactly half of the dial is still believed": (
        {"readings": {"previous": "99999", "current": "49999"}, "tiers": [{"up_to": None, "price": "1"}]},
        {"used": "50000", "amount_fen": 5000000}),
    "a unit more is not": (
        {"readings": {"previous": "99999", "current": "50000"}}, {"error": "implausible"}),
    "a meter of five digits never showed this": (
        {"readings": {"previous": "100010", "current": "3"}}, {"error": "implausible"}),
    "a meter that does not turn over went back": (
        {"readings": {"previous": "99950", "current": "30"}, "digits": None}, {"error": "reading_went_back"}),
    "neither the old nor the new meter turns over": (
        {"readings": {"previous": "99950", "current": "30"}, "replaced": {"old_final": "10", "new_initial": "0"}},
        {"error": "reading_went_back"}),
    "the new meter went back": (
        {"replaced": {"old_final": "1201", "new_initial": "1501"}}, {"error": "reading_went_back"}),
}  # fmt: skip


@pytest.mark.parametrize("name", METERED)
def test_a_meter_at_the_edges(name: str) -> None:
    changed, expected = METERED[name]
    assert said(METER, **changed) == expected


def test_equal_remainders_go_by_the_text_of_the_id_and_something_given_back_is_the_mirror_image() -> None:
    weights = [{"id": id, "weight": "1"} for id in ("2", "10", "甲", "Z")]
    weights.append({"id": "0", "weight": "0"})

    assert said(SHARE, weights=weights, total_fen=102)["shares"] == {"2": 26, "10": 26, "甲": 25, "Z": 25, "0": 0}
    assert said(SHARE, weights=weights, total_fen=-102)["shares"] == {"2": -26, "10": -26, "甲": -25, "Z": -25, "0": 0}
    assert said(SHARE, weights=[{"id": "0", "weight": "0"}], total_fen=0) == {"error": "no_weights"}
    assert said(SHARE, weights=[]) == {"error": "no_weights"}


DAMAGES: dict[str, tuple[dict[str, Any], int]] = {
    "on the last day of grace nothing accrues": ({"until": "2026-02-15"}, 0),
    "the day after it all days since the due date do": ({"until": "2026-02-16"}, 1029),  # 16 × 128640 × 0.0005
    "or only those after the grace": ({"until": "2026-02-16", "from_due": False}, 64),
    "paid up on the day after the grace: the days before are owed": (
        {"payments": [{"on": "2026-02-16", "fen": 200000}], "until": "2026-12-31"}, 965),  # 15 × 128640 × 0.0005
    "paid before it was due": ({"payments": [{"on": "2026-01-01", "fen": 60000}]}, 1544),  # 45 × 68640 × 0.0005
    "exclusions overlap, and count once": (
        {"excluded": [{"from": None, "to": "2026-02-10"}, {"from": "2026-02-05", "to": "2026-03-16"}]}, 34),
    "no cap": ({"cap": None, "payments": [], "until": "2046-01-31"}, 469858),  # 7305 days: more than the principal
    "the cap is rounded down": ({"principal_fen": 33, "payments": [], "cap": "0.5", "until": "2046-01-31"}, 16),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_damages_at_the_edges(name: str) -> None:
    changed, expected = DAMAGES[name]
    assert said(LATE, **changed)["damages_fen"] == expected


WRONG: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a float": (MONTH, {"item__prices": [{"from": "2020-01-01", "value": 2.35}]}, r"decimal in quotes .*\$\.item\.pri"),
    "an exponent": (MONTH, {"item__prices": [{"from": "2020-01-01", "value": "1e999999999"}]}, "not a decimal number"),
    "not a number": (MONTH, {"discounts": [{"from": None, "to": None, "factor": "NaN"}]}, "not a decimal number"),
    "digits of another script": (MONTH, {"subject__quantity": [{"from": "2020-01-01", "value": "１"}]}, "not a dec"),
    "an unknown field": (MONTH, {"item__price": "2"}, "unknown field `price`"),
    "an unknown kind": (MONTH, {"kind": "gift"}, "gift"),
    "two prices from a day": (
        MONTH, {"item__prices": [{"from": "2020-01-01", "value": "1"}] * 2}, "two values"),
    "a period that never ends": (MONTH, {"period__to": None}, "open"),
    "tiers that fall": (
        METER, {"tiers": [{"up_to": up_to, "price": "1"} for up_to in ("9", "8", None)]}, "rise"),
    "tiers that end": (METER, {"tiers": [{"up_to": "9", "price": "1"}]}, "must be open"),
    "no tiers": (METER, {"tiers": []}, "must be open"),
    "a share below nothing": (SHARE, {"weights": [{"id": "a", "weight": "-1"}]}, "no less than 0"),
    "who shares twice": (SHARE, {"weights": [{"id": "a", "weight": "1"}] * 2}, "twice"),
    "a payment below nothing": (LATE, {"payments": [{"on": "2026-02-01", "fen": -1}]}, r"\$\.payments\[0\]\.fen"),
    "more billed than charges": (CASES[-1], {"billed_fen": [1]}, "each of the charges"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_makes_no_sense_is_refused_with_the_case_and_the_place(name: str) -> None:
    case, changed, told = WRONG[name]
    with pytest.raises(ValueError, match=told) as refused:
        said(case, **changed)
    assert str(refused.value).startswith(f"case 1 {case['name']!r}: ")


TOLD = {
    "moved in on the 10th": ["2026-03-10 to 2026-03-31: 2.35 × 89.6 × 1 × 22/31", "amount: 149.43"],
    "no price yet: an error, not nought": ["error missing_price: there is no price yet for a day that is charged"],
    "tiers": ["used: 300", "180 × 2.9", "80 × 3.85", "40 × 5.83", "amount: 1,063.20"],
    "100 yuan over three equal households": ["1-101: 33.34", "1-102: 33.33", "1-103: 33.33"],
    "late by 45 days, part paid": [
        "2026-02-01 to 2026-02-27: 27 days × 1,286.40 × 0.0005",
        "2026-02-28 to 2026-03-17: 18 days × 686.40 × 0.0005",
        "damages: 23.54",
        "open: 686.40",
    ],
    "twelve months billed at 120 m² instead of 100": [*["1,500.00 - 1,800.00 = -300.00"] * 12, "total: -3,600.00"],
}


@pytest.mark.parametrize("name", TOLD)
def test_people_are_told_how_an_amount_came_about(name: str) -> None:
    case = next(case for case in CASES if case["name"] == name)
    assert [*tell_case(json.dumps(case))] == [name, *(f"  {line}" for line in TOLD[name])]


DECIMALS = {"0": "0", "-0.50": "-0.5", "300": "300", "0012.3400": "12.34", "0.001": "0.001", "-100": "-100"}


@pytest.mark.parametrize("text", DECIMALS)
def test_a_decimal_is_written_without_trailing_zeros_and_exactly(text: str) -> None:
    assert plain(exact(text)) == DECIMALS[text]
    assert plain(Fraction(1, 3)) == "1/3"
