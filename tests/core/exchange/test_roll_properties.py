"""Any roll, written as untidily as may be, reads back as what it says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.exchange.headings import NAMES, Field
from core.exchange.owners import Owner
from core.exchange.roll import Roll, RollRow, roll_from_sheets, summary
from core.exchange.workbook import Sheet
from tests.core.exchange.workbooks import Value, read_here, workbook

FULL_WIDTH = str.maketrans("0123456789.-/", "０１２３４５６７８９．－／")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
DAYS = st.dates(date(1950, 1, 1), date(2099, 12, 31))

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
landlines = st.from_regex(r"021-[1-9][0-9]{7}|0571-[1-9][0-9]{7}", fullmatch=True)
people = st.text(alphabet="刘文胡静晨梁轩刚赵涵华欧阳", min_size=2, max_size=4)
companies = people.map(lambda name: f"{name}贸易有限公司")


@st.composite
def id_numbers(draw: st.DrawFn) -> str:
    body = f"{draw(st.integers(110000, 659999))}{draw(DAYS):%Y%m%d}{draw(st.integers(0, 999)):03}"
    rest = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11
    return body + "10X98765432"[rest]


@st.composite
def owners(draw: st.DrawFn) -> tuple[Owner, ...]:
    """As a roll can tell them apart: one phone and ID each, or all phones with the first."""
    names = draw(st.lists(people | companies, min_size=1, max_size=3, unique=True))
    phones: list[tuple[str, ...]]
    if draw(st.booleans()):
        phones = [(draw(mobiles | landlines),) for _ in names]
    else:
        shared = draw(
            st.lists(mobiles | landlines, max_size=3, unique=True).filter(lambda some: len(some) != len(names))
        )
        phones = [tuple(shared), *[()] * (len(names) - 1)]
    with_id = draw(st.integers(0, len(names)))
    return tuple(
        Owner(
            name,
            "company" if "公司" in name else "person",
            phones[place],
            draw(id_numbers()) if place < with_id else None,
        )
        for place, name in enumerate(names)
    )


@st.composite
def households(draw: st.DrawFn) -> RollRow:
    building = draw(st.integers(1, 30).map(str) | st.sampled_from(["A", "B2"]))
    entrance = draw(st.none() | st.integers(1, 4).map(str))
    room = str(draw(st.integers(101, 3304)))
    return RollRow(
        row=0,
        building=building,
        entrance=entrance,
        room=room,
        label=f"{building}幢{entrance}单元{room}" if entrance else f"{building}幢{room}",
        area=Decimal(draw(st.integers(1, 1_000_000))) / 100,
        owners=draw(owners()),
        move_in=draw(st.none() | DAYS),
        remark=draw(st.sampled_from(["", "出租", "养犬"])),
    )


@st.composite
def untidy(draw: st.DrawFn, text: str) -> Value:
    """`text` as somebody may have typed it."""
    ways: list[Value] = [text, f" {text} ", text.translate(FULL_WIDTH), f"\u3000{text}"]
    if text.isdecimal() and len(text) < 12:
        ways.append(int(text))
    return draw(st.sampled_from(ways))


@st.composite
def written(draw: st.DrawFn, household: RollRow) -> dict[Field, Value]:
    """One household's cells."""
    apart = draw(st.sampled_from(["、", "/", "／"]))
    all_phones = [phone for owner in household.owners for phone in owner.phones]
    if all_phones and draw(st.booleans()):
        all_phones = [f"{phone[:3]} {phone[3:]}" if phone.isdecimal() else phone for phone in all_phones]
    ids = "/".join(owner.id_number for owner in household.owners if owner.id_number)
    building, entrance = household.building, household.entrance
    cells: dict[Field, Value] = {
        "building": draw(untidy(building) | st.sampled_from([f"{building}幢", f"{building}栋", f"{building}#"])),
        "entrance": draw(untidy(entrance) | st.just(f"{entrance}单元")) if entrance else None,
        "room": draw(untidy(household.room) | st.just(f"{household.room}室")),
        "area": draw(
            st.just(float(household.area or 0)) | untidy(str(household.area)) | st.just(f"{household.area}㎡")
            | st.just(f"{household.area} m2")
        ),
        "owner": apart.join(owner.name for owner in household.owners),
        "phone": draw(untidy("/".join(all_phones))) if all_phones else None,
        "id_number": draw(st.sampled_from([ids, ids.lower(), f" {ids}"])) if ids else None,
        "move_in": None,
        "remark": household.remark or None,
    }  # fmt: skip
    if day := household.move_in:
        forms: list[Value] = [
            day,
            f"{day:%Y-%m-%d}",
            f"{day.year}.{day.month}.{day.day}",
            f"{day.year}年{day.month}月{day.day}日",
        ]
        if day.day == 1:
            forms.append(f"{day:%Y-%m}")
        cells["move_in"] = draw(st.sampled_from(forms))
    return cells


@st.composite
def rolls(draw: st.DrawFn) -> tuple[bytes, tuple[RollRow, ...], tuple[int, ...]]:
    """A file, the households in it and its rows that hold none."""
    homes = draw(st.lists(households(), min_size=1, max_size=6, unique_by=lambda home: home.label))
    fields = draw(st.permutations(list(NAMES)))
    rows: list[list[Value]] = [["业主名册"]] * draw(st.integers(0, 4))
    rows.append(["序号", *(draw(st.sampled_from(NAMES[field])) for field in fields)])
    expected, skipped = [], []
    for home in homes:
        if draw(st.integers(0, 4)) == 0:
            rows.append(draw(st.sampled_from([[None], ["1幢 小计", None, 160.0, None], ["合计"]])))
            skipped.append(len(rows))
        cells = draw(written(home))
        rows.append([len(rows), *(cells[field] for field in fields)])
        expected.append((len(rows), home))
    return workbook(rows), tuple(_at(row, home) for row, home in expected), tuple(skipped)


def _at(row: int, home: RollRow) -> RollRow:
    values: dict[str, Any] = {name: getattr(home, name) for name in RollRow.__struct_fields__}
    return RollRow(**(values | {"row": row}))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rolls())
def test_a_roll_reads_back_as_it_was_meant(drawn: tuple[bytes, tuple[RollRow, ...], tuple[int, ...]]) -> None:
    data, expected, skipped = drawn
    result = roll_from_sheets(read_here(data))
    assert (result.errors, result.warnings) == ((), ())
    assert result.rows == expected
    assert result.skipped_rows == skipped
    assert summary(result)["owners"] == sum(len(row.owners) for row in expected)


cells = (
    st.none()
    | st.text(max_size=12)
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.sampled_from(["3幢", "101", "合计", 89.6])
)
headings = tuple(names[0] for names in NAMES.values())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(*[cells] * len(headings)), max_size=8))
def test_every_row_is_imported_wrong_or_skipped(rows: list[tuple[str | float | bool | date | None, ...]]) -> None:
    result: Roll = roll_from_sheets([Sheet("名册", True, (headings, *rows))])
    sorted_out = [*(row.row for row in result.rows), *(issue.row for issue in result.errors), *result.skipped_rows]
    assert sorted(sorted_out) == list(range(2, len(rows) + 2))
    assert {issue.row for issue in result.warnings} <= {row.row for row in result.rows}
    assert len({row.label for row in result.rows}) == len(result.rows)
    assert all(row.building and row.room and row.area for row in result.rows)
