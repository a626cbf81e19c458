from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.policies.scripts import GREETING_NAMES, fill, undeclared

VALUES = {"site": "翠湖花园", "clerk": "小陈", "staff_no": "0217", "caller": "王女士", "unit": "3幢1802"}


@pytest.mark.parametrize(
    ("script", "spoken"),
    [
        ("您好，{{site}}，工号 {{staff_no}} {{clerk}}为您服务。", "您好，翠湖花园，工号 0217 小陈为您服务。"),
        ("{{ site }}", "翠湖花园"),
        ("{{caller}}{{caller}}", "王女士王女士"),
        ("没有名字。", "没有名字。"),
        ("{{{site}}} {site} {{site", "{翠湖花园} {site} {{site"),
        ("", ""),
    ],
)
def test_declared_names_are_filled_in(script: str, spoken: str) -> None:
    assert fill(script, VALUES) == spoken


@pytest.mark.parametrize(
    ("script", "spoken"),
    [
        ("您好，{{no}}，工号一", "您好，工号一"),
        ("您好，{{no}}。请问", "您好。请问"),
        ("{{no}}，您好", "您好"),
        ("{{no}}{{no}}。您好", "您好"),
        ("您好。{{no}}，请问", "您好。请问"),
        ("您好，{{no}}", "您好"),
        ("您好，{{no}}\n再见", "您好\n再见"),
        ("您好\n{{no}}，再见", "您好\n再见"),
        ("王女士（{{no}}），您好", "王女士，您好"),
        ("王女士（3幢，{{no}}）您好", "王女士（3幢）您好"),
        ("您好（{{no}}）{{clerk}}", "您好小陈"),
        ("您好，{{no}}{{no}}，{{clerk}}", "您好，小陈"),
        ("您好，{{no}}{{clerk}}为您", "您好，小陈为您"),
        ("Hello, {{no}}, this is {{no}} speaking.", "Hello, this is speaking."),
        ("Hello, {{no}} speaking", "Hello, speaking"),
        ("Hello {{no}}! Welcome", "Hello! Welcome"),
        ("等等……{{no}}", "等等……"),
        ("太好了！！{{clerk}}", "太好了！！小陈"),
        ("{{no}}", ""),
    ],
)
def test_a_missing_value_takes_the_punctuation_that_set_it_off_with_it(script: str, spoken: str) -> None:
    assert fill(script, {**VALUES, "no": " "}) == spoken
    assert fill(script, VALUES) == spoken


def test_braces_in_a_value_stay_as_they_are() -> None:
    assert fill("{{caller}}您好", {"caller": "{{site}}", "site": "secret"}) == "{{site}}您好"


@pytest.mark.parametrize(
    ("script", "wrong"),
    [
        ("{{site}} {{ clerk }}", []),
        ("{{weather}} {{site}} {{weather}} {{Site}}", ["weather", "Site"]),
        ("{{site.name}} {{ }} {{a b}}", ["site.name", "", "a b"]),
        ("{{site", ["{{"]),
        ("site}} {{site}}", ["}}"]),
        ("{single} braces", []),
    ],
)
def test_names_that_are_not_declared_are_found(script: str, wrong: list[str]) -> None:
    assert undeclared(script, GREETING_NAMES) == wrong


@pytest.mark.parametrize(
    "unit", ["{", "{{", "}}", "{{a", "{{ ", "{{no}}，", "（{{no}}", "{{no}}）", "，{{no}}", "a{{no}}b", "{{site}}"]
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    started = time.process_time()
    for text in (unit * 100_000, "（" * 100_000 + unit * 50_000, unit + " " * 400_000 + unit):
        fill(text, VALUES)
        undeclared(text, GREETING_NAMES)
    assert time.process_time() - started < 5


@given(st.text("{}，。 （）a\n", max_size=40))
def test_text_without_placeholders_is_spoken_as_written(text: str) -> None:
    if "{{" not in text:
        assert fill(text, {}) == text


@given(st.lists(st.sampled_from(["，", "。", "您好", "{{no}}", "{{clerk}}", " ", "\n"]), max_size=12))
def test_filling_adds_no_doubled_pause(parts: list[str]) -> None:
    script = "".join(parts)
    if "，，" not in script.replace("{{clerk}}", ""):
        assert "，，" not in fill(script, VALUES)
