"""Household rolls as untidy as companies keep them: what is imported, what is skipped, and what each row is told."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from core.errors import Invalid
from core.exchange.headings import NAMES, Field
from core.exchange.issues import (
    BAD_AREA,
    BAD_DATE,
    BAD_ID_NUMBER,
    BAD_PHONE,
    DUPLICATE_UNIT,
    ID_NUMBER_WITHOUT_OWNER,
    NO_AREA,
    NO_BUILDING,
    NO_ROOM,
    PHONE_WITHOUT_OWNER,
    ROUNDED_ID_NUMBER,
)
from core.exchange.owners import Owner
from core.exchange.roll import Roll, parse_roll, parse_roll_async, roll_from_sheets, summary
from core.exchange.workbook import Merge, Sheet
from tests.core.exchange.workbooks import HEADINGS, Value, read_here, roll, workbook

DATA = Path(__file__).resolve().parents[2] / "data"
ID_A, ID_B = "11010519491231002X", "440308199901101512"
CREDIT_CODE = "91350100M000100Y43"


def line(
    building: Value = "3幢",
    entrance: Value = "2单元",
    room: Value = 1802,
    area: Value = 89.6,
    owner: Value = "刘文",
    phone: Value = "13827718810",
    id_number: Value = ID_A,
    move_in: Value = "2017-05",
    remark: Value = None,
) -> tuple[Value, ...]:
    """A faultless row, but for what is named."""
    return (1, building, entrance, room, area, owner, phone, id_number, move_in, remark)


def found(result: Roll) -> list[tuple[int, str, str]]:
    """Row, code and message of every issue."""
    return [(issue.row, issue.code, issue.message) for issue in (*result.errors, *result.warnings)]


def test_the_roll_of_cuihu_gives_the_expected_result() -> None:
    expected = msgspec.json.decode((DATA / "roll-cuihu.expected.json").read_bytes())
    data = (DATA / "roll-cuihu.xlsx").read_bytes()
    result = parse_roll(data)
    assert summary(result) == expected
    assert (result.sheet, result.header_row, result.other_sheets) == ("业主名册", 3, ())
    assert result.file_digest == hashlib.sha256(data).hexdigest()


async def test_parsing_off_the_event_loop_gives_the_same() -> None:
    data = workbook([HEADINGS, line()])
    assert await parse_roll_async(data) == parse_roll(data)


def test_a_row_is_read_in_full() -> None:
    (row,) = roll(line(remark=" 养犬 ")).rows
    assert (row.row, row.building, row.entrance, row.room, row.label) == (2, "3", "2", "1802", "3幢2单元1802")
    assert (row.area, row.move_in, row.remark) == (Decimal("89.60"), date(2017, 5, 1), "养犬")
    assert row.owners == (Owner("刘文", "person", ("13827718810",), ID_A),)


@pytest.mark.parametrize(
    ("building", "entrance", "label"),
    [("3#", None, "3幢1802"), ("观澜阁", "甲单元", "观澜阁甲单元1802"), ("a座", 1, "A幢1单元1802")],
)
def test_labels(building: str, entrance: Value, label: str) -> None:
    assert roll(line(building, entrance)).rows[0].label == label


@pytest.mark.parametrize(("field", "name"), [(field, name) for field, names in NAMES.items() for name in names])
def test_every_column_name_is_known(field: Field, name: str) -> None:
    names = [name if other == field else titles[0] for other, titles in NAMES.items()]
    result = roll(line()[1:], headings=names)
    assert result.rows == roll(line()).rows


@pytest.mark.parametrize(
    "name",
    [
        "建筑面积（㎡）",
        "建筑面积㎡",
        "面积(m2)",
        " 建筑 面积 ",
        "*建筑面积",
        "建筑面积：",
        "建筑面积\n(平方米)",
        "面积/㎡",
        "面积【平方米】",
    ],
)
def test_units_brackets_and_spaces_in_a_heading_do_not_matter(name: str) -> None:
    headings = [name if title.startswith("建筑面积") else title for title in HEADINGS]
    assert roll(line(), headings=headings).rows[0].area == Decimal("89.60")


def test_columns_may_come_in_any_order_and_others_stand_between() -> None:
    result = roll((89.6, "x", "1802", "y", "3栋"), headings=("面积", "户型", "室号", "朝向", "幢号"))
    (row,) = result.rows
    assert (row.label, row.area, row.owners, row.move_in, row.remark) == ("3幢1802", Decimal("89.60"), (), None, "")


def test_a_roll_without_an_area_column_has_no_areas_and_no_errors() -> None:
    (row,) = roll(("3", "1802", "刘文"), headings=("栋", "房号", "业主")).rows
    assert row.area is None


def test_headings_are_found_below_titles_on_the_visible_sheet() -> None:
    note = [["楼栋", "房号", "面积"], ["9", "901", 90]]
    title = [
        ["翠湖花园业主信息登记表"],
        [],
        ["填表人:客服中心", None, "单位:㎡"],
        ["房屋", None, None, None, None, "业主"],
    ]
    result = parse_roll(workbook(note, [*title, HEADINGS, line()], hidden=[0]))
    assert (result.sheet, result.header_row, [row.row for row in result.rows]) == ("表2", 5, [6])


def test_headings_over_two_rows_are_read_where_most_are_named() -> None:
    upper = ("楼栋", "房号", "建筑面积", "业主信息", None)
    lower = (None, None, None, "姓名", "电话")
    data = workbook([upper, lower, ("3幢", 1802, 89.6, "刘文", "13827718810")], merges=["A1:A2", "B1:B2", "C1:C2"])
    result = roll_from_sheets(read_here(data))
    assert result.header_row == 2
    assert [(row.label, row.owners) for row in result.rows] == [
        ("3幢1802", (Owner("刘文", "person", ("13827718810",)),))
    ]


def test_without_headings_the_columns_sought_are_named() -> None:
    with pytest.raises(Invalid) as refused:
        roll(("3幢", "1802"), headings=("楼栋", "户型"))
    text = str(refused.value)
    assert "楼栋/" in refused.value.params["building"] and "房号/" in refused.value.params["room"]
    assert all(name in text for name in ("楼栋", "房号", "业主姓名", "备注"))
    assert "{" not in text


def test_hidden_sheets_are_never_read() -> None:
    with pytest.raises(Invalid):
        parse_roll(workbook([["说明"]], [HEADINGS, line()], hidden=[1]))


def test_a_second_sheet_that_looks_like_a_roll_is_mentioned() -> None:
    result = parse_roll(workbook([HEADINGS, line()], [HEADINGS, line()], [["说明"]]))
    assert (result.sheet, len(result.rows), result.other_sheets) == ("表1", 1, ("表2",))


def test_an_empty_workbook_is_refused() -> None:
    with pytest.raises(Invalid):
        parse_roll(workbook([]))


@pytest.mark.parametrize(
    "row",
    [
        (),
        (None, "  ", "　"),
        (17,),
        ("1幢 小计", None, None, None, 160),
        (None, "合计", None, None, 1065),
        (None, "3幢", "小计", None, 160),
        (None, None, None, "总计：160户", 160),
        ("小 计", None, None, None, 160, None, None, None, None, "x"),
        (None, None, None, "160户", 99.0, "合计"),
        ("注：面积以房产证为准",),
        (None, "一、3幢"),
        HEADINGS,
    ],
)
def test_rows_that_hold_no_unit_are_skipped(row: tuple[Value, ...]) -> None:
    result = roll(row, line())
    assert result.skipped_rows == (2,)
    assert [row.row for row in result.rows] == [3]
    assert found(result) == []


@pytest.mark.parametrize("remark", ["费用合计", "小计"])
def test_a_unit_whose_remark_mentions_a_total_is_no_total(remark: str) -> None:
    assert len(roll(line(remark=remark)).rows) == 1


@pytest.mark.parametrize(
    ("row", "code", "message", "column", "value"),
    [
        (line(room=None), "missing_room", NO_ROOM, "房号", ""),
        (line(room=" - "), "missing_room", NO_ROOM, "房号", ""),
        (line(building=None), "missing_room", NO_BUILDING, "楼栋", ""),
        (line(area=-89.6), "bad_area", BAD_AREA, "建筑面积(㎡)", "-89.6"),
        (line(area=0), "bad_area", BAD_AREA, "建筑面积(㎡)", "0"),
        (line(area="约90"), "bad_area", BAD_AREA, "建筑面积(㎡)", "约90"),
        (line(area=10_000.5), "bad_area", BAD_AREA, "建筑面积(㎡)", "10000.5"),
        (line(area=None), "bad_area", NO_AREA, "建筑面积(㎡)", ""),
    ],
)
def test_a_row_with_an_error_is_not_imported_and_has_no_warnings(
    row: tuple[Value, ...], code: str, message: str, column: str, value: str
) -> None:
    result = roll((*row[:8], "待定", None))
    assert result.rows == result.warnings == ()
    (issue,) = result.errors
    assert (issue.row, issue.code, issue.message, issue.column, issue.value) == (2, code, message, column, value)


def test_the_first_error_of_a_row_is_named() -> None:
    assert [code for _, code, _ in found(roll(line(room=None, area=-1)))] == ["missing_room"]


def test_a_later_row_for_a_unit_already_in_the_file_is_a_duplicate_however_it_is_written() -> None:
    result = roll(line("3幢", "2单元", "1802"), line("3#", 2, 1802), line("３栋", "2", " 1802 "), line("3", "1", 1802))
    assert [row.row for row in result.rows] == [2, 5]
    assert found(result) == [(3, "duplicate_unit", DUPLICATE_UNIT), (4, "duplicate_unit", DUPLICATE_UNIT)]
    assert result.errors[1].params == {"unit": "3幢2单元1802", "first_row": 2}


def test_a_unit_whose_first_row_is_wrong_is_still_a_duplicate_later() -> None:
    assert [code for _, code, _ in found(roll(line(area=-1), line()))] == ["bad_area", "duplicate_unit"]


@pytest.mark.parametrize(
    ("row", "code", "message", "value"),
    [
        (line(phone="1382771881"), "bad_phone", BAD_PHONE, "138****81"),
        (line(phone="无"), "bad_phone", BAD_PHONE, "无****"),
        (line(id_number=ID_A[:17] + "1"), "bad_id_number", BAD_ID_NUMBER, "110****21"),
        (line(id_number="310104650111590"), "bad_id_number", BAD_ID_NUMBER, "310****90"),
        (line(id_number=CREDIT_CODE), "bad_id_number", BAD_ID_NUMBER, "913****43"),
        (line(id_number=440308199901101512.0), "bad_id_number", ROUNDED_ID_NUMBER, "440****04"),
        (line(id_number=f"{ID_A}/{ID_B}"), "bad_id_number", ID_NUMBER_WITHOUT_OWNER, "440****12"),
        (line(move_in="待定"), "bad_date", BAD_DATE, "待定"),
        (line(owner=None, id_number=None), "bad_phone", PHONE_WITHOUT_OWNER, "138****10"),
    ],
)
def test_a_row_with_a_warning_is_imported_without_that_value(
    row: tuple[Value, ...], code: str, message: str, value: str
) -> None:
    result = roll(row)
    assert result.errors == ()
    assert len(result.rows) == 1
    (issue,) = result.warnings
    assert (issue.row, issue.code, issue.message, issue.value) == (2, code, message, value)


def test_empty_cells_are_no_warnings() -> None:
    result = roll(line(entrance=None, owner="刘文", phone=None, id_number=" ", move_in=None))
    assert found(result) == []
    assert result.rows[0].owners == (Owner("刘文", "person"),)
    assert result.rows[0].move_in is None


@pytest.mark.parametrize(
    ("names", "phones", "ids", "owners"),
    [
        ("刘文、王诺", "13827718810", ID_A, [("13827718810",), ID_A, (), None]),
        ("刘文/王诺", "13827718810/021-56807071", f"{ID_A}/{ID_B}", [("13827718810",), ID_A, ("021-56807071",), ID_B]),
        ("刘文／王诺", "13827718810／13900000000；4008208820", None,
         [("13827718810", "13900000000", "4008208820"), None, (), None]),
        ("刘文、王诺", "/13827718810", f"、{ID_B}", [(), None, ("13827718810",), ID_B]),
        ("刘文", "13827718810/13900000000", ID_A, [("13827718810", "13900000000"), ID_A]),
        ("刘文", "13827718810 13900000000", ID_A, [("13827718810", "13900000000"), ID_A]),
        ("刘文", "13827718810\n138 2771 8810", ID_A, [("13827718810",), ID_A]),
        ("刘 文、", 13827718810.0, ID_A.lower(), [("13827718810",), ID_A]),
    ],
)  # fmt: skip
def test_several_owners_share_phones_and_ids(
    names: str, phones: Value, ids: str | None, owners: list[tuple[str, ...] | str | None]
) -> None:
    result = roll(line(owner=names, phone=phones, id_number=ids))
    assert found(result) == []
    assert [part for owner in result.rows[0].owners for part in (owner.phones, owner.id_number)] == owners
    assert [owner.name for owner in result.rows[0].owners] == ["刘文", "王诺"][: len(owners) // 2]


def test_a_good_phone_beside_a_bad_one_is_kept() -> None:
    result = roll(line(phone="1382771881/13900000000"))
    assert result.rows[0].owners[0].phones == ("13900000000",)
    assert [code for _, code, _ in found(result)] == ["bad_phone"]


def test_two_phone_columns_are_both_read() -> None:
    headings = ("栋", "房号", "业主", "联系电话", "手机")
    (row,) = roll(("3", "1802", "刘文", "021-56807071", "13827718810"), headings=headings).rows
    assert row.owners[0].phones == ("021-56807071", "13827718810")


@pytest.mark.parametrize(
    "name", ["明达贸易有限公司", "上海（恒信）集团", "建设银行", "翠湖社区居委会", "浦东新区教育局", "Acme Co. Ltd"]
)
def test_companies_own_units_and_may_give_a_credit_code(name: str) -> None:
    result = roll(line(owner=name, id_number=CREDIT_CODE))
    (owner,) = result.rows[0].owners
    assert (owner.kind, owner.id_number) == ("company", CREDIT_CODE)
    assert found(result) == []


@pytest.mark.parametrize("name", ["刘文", "司马嘉磊", "张天行", "阿卜杜拉·买买提", "John Smith", "Colin Frinco"])
def test_people_are_no_companies(name: str) -> None:
    assert roll(line(owner=name)).rows[0].owners[0].kind == "person"


def test_a_building_merged_over_its_units_counts_for_each_of_them() -> None:
    rows = [HEADINGS, line(room=101), line(building=None, room=102), line(building=None, entrance=None, room=103)]
    data = workbook(rows, merges=["B2:B4", "C3:C4"])
    assert [row.label for row in parse_roll(data).rows] == ["3幢2单元101", "3幢2单元102", "3幢2单元103"]


def test_an_area_merged_over_two_units_belongs_to_the_first_only() -> None:
    result = parse_roll(workbook([HEADINGS, line(room=101), line(room=102, area=None)], merges=["E2:E3"]))
    assert found(result) == [(3, "bad_area", NO_AREA)]


def test_blank_rows_inside_a_merged_building_stay_blank() -> None:
    result = parse_roll(workbook([HEADINGS, line(room=101), [None], line(None, room=102)], merges=["B2:B4"]))
    assert (result.skipped_rows, len(result.rows)) == ((3,), 2)


def test_merges_beyond_the_rows_do_no_harm() -> None:
    sheet = Sheet(
        "x",
        True,
        (("楼栋", "房号", "面积"), ("3", "101", 90.0)),
        (Merge(0, 9, 5, 9), Merge(7, 0, 9, 0), Merge(1, 0, 99, 0)),
    )
    assert len(roll_from_sheets([sheet]).rows) == 1


def test_the_summary_holds_no_personal_data() -> None:
    text = str(summary(roll(line(), line(room=1803, phone="1382771881", id_number=ID_A[:17] + "1"))))
    assert not any(secret in text for secret in ("刘文", "138", ID_A[:6]))
