"""Exported text never becomes a formula (IN-6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exchange.cells import safe_cell


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://127.0.0.1")',
        "+8613800000000",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\u00a0=1",
        "＝1+1",
        "＋1",
    ],
)
def test_in_6_text_a_spreadsheet_could_run_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "刘文", "021-56807071", "a=b", "3幢2单元1802", "'=1", " 101 "])
def test_other_text_stays(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text())
def test_in_6_nothing_starts_a_formula_and_a_second_pass_changes_nothing(text: str) -> None:
    safe = safe_cell(text)
    assert not safe.lstrip().startswith(("=", "+", "-", "@"))
    assert not safe.startswith(("\t", "\r", "\n"))
    assert safe_cell(safe) == safe
    assert safe in (text, f"'{text}")
