"""What people type in a roll comes to one form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.exchange.normalise import (
    cell_text,
    half_width,
    mask,
    normalise_building,
    normalise_entrance,
    normalise_id_number,
    normalise_name,
    normalise_phone,
    normalise_room,
    parse_area,
    parse_date,
    valid_credit_code,
    valid_id_number,
)
from core.exchange.workbook import Cell

CELLS = st.one_of(
    st.none(),
    st.text(),
    st.text(alphabet="0123456789０１２.-—－ /()+#幢栋号楼单元室房第aAxX㎡m²年月日,", max_size=24),
    st.floats(),
    st.integers(-10, 10**18).map(float),
    st.booleans(),
    st.dates(),
)


@pytest.mark.parametrize(
    "cell", ["3幢", "3栋", "3#", "3", 3.0, "３幢", " 3 幢 ", "3号楼", "3#楼", "第3幢", "03", "3.0", "3座"]
)
def test_one_building_however_it_is_written(cell: Cell) -> None:
    assert normalise_building(cell) == "3"


@pytest.mark.parametrize(
    ("cell", "building"),
    [
        ("a座", "A"),
        ("A1栋", "A1"),
        ("1-2幢", "1-2"),
        ("观澜阁", "观澜阁"),
        ("10幢", "10"),
        ("幢", "幢"),
        (None, ""),
        ("  ", ""),
    ],
)
def test_other_buildings(cell: Cell, building: str) -> None:
    assert normalise_building(cell) == building


@pytest.mark.parametrize(
    ("cell", "entrance"),
    [
        ("2单元", "2"),
        (2.0, "2"),
        ("２", "2"),
        ("第2单元", "2"),
        ("02", "2"),
        ("甲单元", "甲"),
        ("b", "B"),
        (None, None),
        ("单元", None),
    ],
)
def test_entrances(cell: Cell, entrance: str | None) -> None:
    assert normalise_entrance(cell) == entrance


@pytest.mark.parametrize(
    ("cell", "room"),
    [
        ("1802", "1802"),
        (1802.0, "1802"),
        ("１８０２", "1802"),
        (" 1802 ", "1802"),
        ("1802.0", "1802"),
        ("1802室", "1802"),
        ("0101", "0101"),
        ("101a", "101A"),
        ("B1－02", "B1-02"),
        ("传达室", "传达室"),
        ("-", ""),
        ("", ""),
        (None, ""),
        ("长" * 41, ""),
    ],
)
def test_rooms(cell: Cell, room: str) -> None:
    assert normalise_room(cell) == room


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("13827718810", "13827718810"),
        (13827718810.0, "13827718810"),
        ("１３８２７７１８８１０", "13827718810"),
        ("138 2771 8810", "13827718810"),
        ("138-2771-8810", "13827718810"),
        ("138—2771—8810", "13827718810"),
        ("+86 138 2771 8810", "13827718810"),
        ("0086-13827718810", "13827718810"),
        ("021-56807071", "021-56807071"),
        ("02156807071", "021-56807071"),
        ("（021）56807071", "021-56807071"),
        ("021-5680 7071", "021-56807071"),
        ("021-5680-7071", "021-56807071"),
        ("0573-8221345", "0573-8221345"),
        ("0571-88221345", "0571-88221345"),
        ("+86 21 5680 7071", "021-56807071"),
        ("021-56807071-802", "021-56807071-802"),
        ("021-56807071转802", "021-56807071-802"),
        ("56807071", "56807071"),
        ("400-820-8820", "4008208820"),
        ("+852 9123 4567", "+85291234567"),
        ("1382771881", None),
        ("138277188100", None),
        ("12827718810", None),
        ("021-5680707", None),
        ("无", None),
        ("待补", None),
        ("0", None),
        ("", None),
        (None, None),
        (date(2017, 5, 3), None),
    ],
)
def test_phones(cell: Cell, phone: str | None) -> None:
    assert normalise_phone(cell) == phone


@pytest.mark.parametrize("number", ["11010519491231002X", "440308199901101512"])
def test_id_numbers_with_a_right_check_digit_are_valid(number: str) -> None:
    assert valid_id_number(number)
    assert not any(valid_id_number(number[:17] + other) for other in "0123456789X" if other != number[17])


@pytest.mark.parametrize(
    "number",
    [
        "",
        "11010519491231002x",
        "110105194912310",
        "11010519491331002X",
        "01010519491231002X",
        "１１０１０５１９４９１２３１００２X",
    ],
)
def test_other_id_numbers_are_not(number: str) -> None:
    assert not valid_id_number(number)


def test_an_id_number_is_brought_to_upper_case_and_half_width() -> None:
    assert normalise_id_number(" １１０１０５ 19491231 002x ") == "11010519491231002X"


@pytest.mark.parametrize(
    ("code", "valid"), [("91350100M000100Y43", True), ("91350100M000100Y44", False), ("I" * 18, False)]
)
def test_credit_codes(code: str, valid: bool) -> None:
    assert valid_credit_code(code) is valid


@pytest.mark.parametrize(
    ("cell", "area"),
    [
        (118.9, "118.90"),
        (89.59999999999999, "89.60"),
        ("89.6㎡", "89.60"),
        ("61.5 m2", "61.50"),
        ("61.5M²", "61.50"),
        ("61.5平方米", "61.50"),
        ("７８．４５", "78.45"),
        ("1,234.5", "1234.50"),
        ("89.605", "89.61"),
        (10_000.0, "10000.00"),
        ("0.01", "0.01"),
    ],
)
def test_areas(cell: Cell, area: str) -> None:
    assert str(parse_area(cell)) == area


@pytest.mark.parametrize(
    "cell",
    [
        0.0,
        -89.6,
        "-89.6",
        10_000.01,
        "10000.001",
        "0.004",
        "约90",
        "nan",
        "1e3",
        "1" * 5000,
        float("inf"),
        "",
        None,
        True,
        date(2017, 5, 3),
    ],
)
def test_no_areas(cell: Cell) -> None:
    assert parse_area(cell) is None


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (date(2017, 5, 3), date(2017, 5, 3)),
        (42858.0, date(2017, 5, 3)),
        ("2017.5.3", date(2017, 5, 3)),
        ("2017年5月3日", date(2017, 5, 3)),
        ("2017年 5月 3日", date(2017, 5, 3)),
        ("2017/5/3", date(2017, 5, 3)),
        ("2017-05-03", date(2017, 5, 3)),
        ("２０１７．５．３", date(2017, 5, 3)),
        ("2017-05-03 00:00:00", date(2017, 5, 3)),
        ("20170503", date(2017, 5, 3)),
        (20170503.0, date(2017, 5, 3)),
        ("2017-05", date(2017, 5, 1)),
        ("2017年5月", date(2017, 5, 1)),
        ("2017.5", date(2017, 5, 1)),
        ("2024-2-29", date(2024, 2, 29)),
    ],
)
def test_dates(cell: Cell, day: date) -> None:
    assert parse_date(cell) == day


@pytest.mark.parametrize(
    "cell",
    [
        "待定",
        "2023-2-29",
        "2017-13",
        "2017",
        "17.5.3",
        2017.1,
        101.0,
        "0217-05-03",
        "9999-01-01",
        date(9999, 1, 1),
        "",
        None,
        True,
    ],
)
def test_no_dates(cell: Cell) -> None:
    assert parse_date(cell) is None


@pytest.mark.parametrize(
    ("cell", "name"),
    [("刘 文", "刘文"), ("　刘文　", "刘文"), ("John  Smith", "John Smith"), ("刘\u200b文", "刘文"), ("﨑山", "﨑山")],
)
def test_names(cell: Cell, name: str) -> None:
    assert normalise_name(cell) == name


@pytest.mark.parametrize(("text", "masked"), [("13827718810", "138****10"), ("", "****"), ("1234567", "1****")])
def test_masked_values_keep_only_their_ends(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "normalise",
    [
        normalise_building,
        normalise_entrance,
        normalise_room,
        normalise_phone,
        normalise_id_number,
        normalise_name,
        cell_text,
    ],
)
@given(cell=CELLS)
@example(cell="3号楼号楼")
@example(cell="甲单元单元")
@example(cell="1802室室")
@example(cell="+86 86 13827718810")
def test_normalising_twice_changes_nothing(normalise: Callable[[Cell], str | None], cell: Cell) -> None:
    once = normalise(cell)
    assert normalise(once) == once


@given(CELLS)
def test_areas_and_dates_read_back_as_they_are(cell: Cell) -> None:
    area, day = parse_area(cell), parse_date(cell)
    assert area is None or (parse_area(str(area)) == area and Decimal(0) < area <= 10_000)
    assert day is None or parse_date(day) == parse_date(day.isoformat()) == day


@given(st.text())
def test_half_width_leaves_no_full_width_ascii(text: str) -> None:
    assert not any("！" <= character <= "～" or character == "\u3000" for character in half_width(text))
