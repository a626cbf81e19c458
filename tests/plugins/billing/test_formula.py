"""The language of formulas: what it comes to, and where it says that something is wrong."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.billing.explain import explain_case, tell_case
from plugins.billing.formula import PLAIN, YUAN, FormulaError, compile_formula, unit_of
from plugins.billing.formula.compile import LONGEST

NAMES = {
    "面积": unit_of("平方米"),
    "单价": unit_of("元/平方米/月"),
    "months": unit_of("月"),
    "used": unit_of("m3"),
    "n": PLAIN,
}
VALUES = {"面积": "89.6", "单价": "2.35", "months": "3", "used": "200", "n": "0"}

WORTH = {
    "面积 * 单价 * months": "631.68",
    "面积 × 单价 × months ÷ （1 + 1）": "315.84",
    "10[yuan] - 3[yuan] - 2[yuan]": "5",
    "12[yuan] / 2 / 3": "2",
    "2[yuan] + 3 * 4[yuan]": "14",
    "-2[yuan] * -3": "6",
    "1[yuan] - -1[yuan]": "2",
    "5% * 30[元]": "1.5",
    "max(used - 180[m3], 0[m3]) * 2.9[元/立方米]": "58",
    "min(3, 2, 5) * 1[yuan]": "2",
    "(floor(2.7) + ceil(2.1) + floor(-0.5)) * 1[yuan]": "4",
    "if(n > 0, 100[yuan] / n, 7[yuan])": "7",
    "if(n >= 0 and n < 1, 1[yuan], 2[yuan])": "1",
    "if(n = 1 or n != 0, 1[yuan], 2[yuan])": "2",
    "if(n = 0 or 1 / n > 1, 1[yuan], 2[yuan])": "1",
    "if((n = 1 or n = 0) and (used <= 200[m3]), 1[yuan], 2[yuan])": "1",
    "24[yuan/year] / 12[month/year] * months": "6",
    "\n 1[yuan]\n\t+ 1[yuan] ": "2",
    "1[yuan] / 3 * 3": "1",
}


@pytest.mark.parametrize("text", WORTH)
def test_a_formula_comes_to_an_exact_amount(text: str) -> None:
    values = {name: Fraction(value) for name, value in VALUES.items()}
    assert compile_formula(text, NAMES, YUAN).value(values) == Fraction(WORTH[text])


WRONG = {
    "": "1, column 1: the formula ends here; expected: a number, a name, \"(\"",
    "1[yuan] +": "1, column 10: the formula ends here; expected: a number",
    "1[yuan]\n+ * 2": '2, column 3: "*" cannot stand here; expected: a number, a name',
    "(1[yuan]": 'column 9: the formula ends here; expected: + or -, * or /, ")"',
    "1[yuan])": 'column 8: ")" cannot stand here; expected: + or -, * or /, the end',
    "面积 单价": 'column 4: "单价" cannot stand here',
    "2 $ 3": 'column 3: "$" cannot stand here',
    "__import__('os')": 'column 1: "_" cannot stand here',
    "n.real": 'column 2: "." cannot stand here',
    "n ** 2": 'column 4: "*" cannot stand here',
    "1e9": 'column 2: "e9" cannot stand here',
    "if(n, 1[yuan], 2[yuan])": 'column 5: "," cannot stand here; expected: .*a comparison',
    "if(n < 1 < 2, 1[yuan], 2[yuan])": 'column 10: "<" cannot stand here; expected: .*and, or',
    "面积 * price": 'column 6: there is no "price"; there are: 面积, 单价',
    "sqrt(4)": 'column 1: there is no function "sqrt"; there are: min, max, floor, ceil, if',
    "max(1)": "column 1: max takes 2 to 20 values, and is given 1",
    "floor(1, 2)": "column 1: floor takes 1 value,",
    "面积 + 单价": "column 4: m2 and yuan/m2/month do not go together",
    "max(used, 0)": "column 1: m3 and 1 do not go together",
    "if(used > 0, 1[yuan], 2[yuan])": "column 9: m3 and 1 do not go together",
    "if(n > 0, 1[yuan], 2)": "column 1: yuan and 1 do not go together",
    "面积 * 单价": "column 1: the formula comes to yuan/month, and must come to yuan",
    "1[yuan/sqm]": "column 2: 'sqm' is no unit; there are: yuan, m2",
    "1[]": "column 2: '' is no unit such as",
    "1[yuan/]": "column 2: 'yuan/' is no unit such as",
    "1234567890123456789[yuan]": "column 1: '1234567890123456789' is not a decimal",
    "1[yuan] / n": "column 9: what is divided by is 0",
    "1[yuan] / (n - n)": "column 9: what is divided by is 0",
    "-" * 40 + "1[yuan]": "nested deeper than 30",
    "max(1, " * 40 + "2" + ")" * 40: "nested deeper than 30",
    "1" * 1001: "longer than 1000 characters",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_is_told_with_its_place_and_what_was_expected(text: str) -> None:
    with pytest.raises(FormulaError, match=re.escape(WRONG[text]).replace(r"\.\*", ".*")):
        compile_formula(text, NAMES, YUAN).value({"n": Fraction(0)})


def test_an_input_without_a_value_is_no_nought() -> None:
    with pytest.raises(FormulaError, match="line 1, column 1: 面积 has no value") as refused:
        compile_formula("面积 * 单价 * months", NAMES, YUAN).value({"months": Fraction(1)})
    assert (refused.value.place, refused.value.message, refused.value.params) == (
        (1, 1),
        "{name} has no value",
        {"name": "面积"},
    )


def test_no_formula_that_is_short_enough_takes_long_or_deep() -> None:
    for text in (
        "(" * 490 + "1[yuan]" + ")" * 490,
        "+".join(["1[yuan]"] * 125),
        "1[yuan]" + "*999999999999999999" * 30,
    ):
        assert compile_formula(text, {}, YUAN).value({}) > 0


def test_no_number_grows_without_bound() -> None:
    inputs = {"a": Fraction(10**18 - 1, 10**17)}
    for text in ("1[yuan]" + "*a" * 400, "1[yuan]" + "/a" * 400, "+".join(f"1[yuan]/(a+{n})" for n in range(101, 160))):
        assert len(text) <= LONGEST
        with pytest.raises(FormulaError, match="the number becomes too long") as refused:
            compile_formula(text, {"a": PLAIN}, YUAN).value(inputs)
        assert refused.value.place.column > 1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([*"+-*/()%,.<=!$ \n[]_", "if(", "and", "or", "max(", "n", "1", "2.5", "[yuan]"])))
def test_any_text_is_a_formula_or_is_told_where_it_is_none(pieces: list[str]) -> None:
    text = "".join(pieces)
    try:
        compile_formula(text, {"n": PLAIN}, YUAN).value({"n": Fraction(1, 2)})
    except FormulaError as error:
        lines = text.split("\n")
        assert error.place.column <= len(lines[error.place.line - 1]) + 1


def test_units_multiply_and_cancel() -> None:
    assert str(unit_of("元/㎡/月") * unit_of("m2") * unit_of("month")) == "yuan"
    assert unit_of("yuan*m2/m2/m2") == unit_of("元 / 平方米")
    assert [str(unit_of(text)) for text in ("1", "1/day", "kWh", "m2*month/yuan", "m2/m2")] == [
        "1", "1/day", "kwh", "m2*month/yuan", "1"]  # fmt: skip


def asked(kind: str, text: str, inputs: dict[str, Any], **more: Any) -> str:
    rounding = {"unit": "fen", "mode": "half_up"}
    formula = {"version": 3, "text": text}
    return json.dumps({"name": "x", "kind": kind, "formula": formula, "inputs": inputs, "rounding": rounding} | more)


def case(kind: str, text: str, inputs: dict[str, Any], **more: Any) -> Any:
    return explain_case(asked(kind, text, inputs, **more))[0]["result"]


def test_a_formula_comes_to_an_amount_that_is_rounded_once() -> None:
    inputs = {"cost": {"unit": "yuan", "value": "100"}, "households": {"unit": "1", "value": "3"}}

    assert case("formula", "cost / households", inputs) == {"amount_fen": 3333, "yuan": "100/3"}
    assert [*tell_case(asked("formula", "cost / households", inputs))] == [
        "x", "  formula, version 3: cost / households", "  cost: 100 yuan", "  households: 3 1", "  amount: 33.33"
    ]  # fmt: skip
    told = case("formula", "cost / (households - 3)", inputs)
    assert told["error"] == "formula"
    assert (told["line"], told["column"]) == (1, 6)


def test_a_monthly_price_by_formula_is_charged_by_the_day_like_any_price() -> None:
    """Up to 90 m² at 2 yuan, beyond at 1.5: 100 m² are 195 yuan a month, 80 m² 160."""
    text = "min(area, 90[m2]) * 2[yuan/m2/month] + max(area - 90[m2], 0[m2]) * 1.5[yuan/m2/month]"
    area = {
        "unit": "m2", "values": [{"from": "2026-03-05", "value": "100"}, {"from": "2026-03-17", "value": "80"}]
    }  # fmt: skip
    when = {"prorate": "calendar", "period": {"from": "2026-03-01", "to": "2026-03-31"}, "discounts": []}
    moved_in = when | {"service": {"from": "2026-03-10", "to": None}}

    # 195 × 7/31 + 160 × 15/31 = 3765/31 = 121.4516…
    assert case("formula_charge", text, {"area": area}, **moved_in) == {
        "amount_fen": 12145,
        "parts": [
            {"from": "2026-03-10", "to": "2026-03-16", "fraction": "7/31"},
            {"from": "2026-03-17", "to": "2026-03-31", "fraction": "15/31"},
        ],
    }
    assert [*tell_case(asked("formula_charge", text, {"area": area}, **moved_in))][2:] == [
        "  2026-03-10 to 2026-03-16: 195 × 1 × 1 × 7/31", "  2026-03-17 to 2026-03-31: 160 × 1 × 1 × 15/31",
        "  amount: 121.45",
    ]  # fmt: skip
    always = when | {"service": {"from": None, "to": None}}
    assert case("formula_charge", text, {"area": area}, **always) == {"error": "missing_quantity"}
