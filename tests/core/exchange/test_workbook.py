"""Reading workbooks: what cells become, and that a hostile file is refused quickly and cheaply (IN-5)."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from datetime import date, time
from pathlib import Path

import msgspec
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid, LodgeError, TooLarge
from core.exchange._archive import TOO_MANY_CELLS
from core.exchange.workbook import DEFAULT, TOO_HEAVY, Limits, Merge, read_workbook, read_workbook_async
from tests.core.exchange.hostile import CORPUS
from tests.core.exchange.workbooks import archive, parts, read_here, sheet_part, workbook

ROOT = Path(__file__).resolve().parents[3]
MIB = 1024 * 1024

# Alone in its process, so that its peak memory and that of the reader it starts are those of this one file.
MEASURE = """
import json, resource, sys
from core.errors import LodgeError
from core.exchange.workbook import read_workbook
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF)
error = message = ""
try:
    read_workbook(data)
except LodgeError as refused:
    error, message = type(refused).__name__, str(refused)
own, reader = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({
    "error": error,
    "message": message,
    "own_bytes": (own.ru_maxrss - before.ru_maxrss) * 1024,
    "reader_bytes": reader.ru_maxrss * 1024,
    "seconds": own.ru_utime + own.ru_stime - before.ru_utime - before.ru_stime + reader.ru_utime + reader.ru_stime,
}))
"""


class Cost(msgspec.Struct):
    error: str
    message: str
    own_bytes: int
    reader_bytes: int
    seconds: float


def cost(data: bytes) -> Cost:
    """What reading `data` takes: processor seconds and peak memory."""
    command = [sys.executable, "-c", MEASURE]
    done = subprocess.run(command, input=data, capture_output=True, check=True, cwd=ROOT, timeout=60)
    return msgspec.json.decode(done.stdout, type=Cost)


@pytest.fixture(scope="module")
def harmless() -> Cost:
    return cost(workbook([["楼栋", "房号"]]))


@pytest.mark.parametrize("name", CORPUS)
def test_in_5_a_hostile_workbook_is_refused_within_a_second_and_64_mb(name: str, harmless: Cost) -> None:
    build, error = CORPUS[name]
    data = build()
    found = cost(data)
    assert found.error == error.__name__
    assert found.message and "{" not in found.message
    assert found.seconds < 1.0
    # The bytes themselves are there before reading starts; the reader's copy of an oversized file is cut off.
    assert found.own_bytes < 16 * MIB
    assert found.reader_bytes - harmless.reader_bytes < 64 * MIB


def test_a_harmless_workbook_passes_the_same_gate(harmless: Cost) -> None:
    assert harmless.error == ""
    assert harmless.seconds < 1.0


def test_a_workbook_at_the_limits_is_read() -> None:
    rows = [[f"房{r}-{c}" if c % 2 else r * 1.5 for c in range(10)] for r in range(DEFAULT.rows)]
    (sheet,) = read_workbook(workbook(rows))
    assert len(sheet.rows) == DEFAULT.rows
    assert sheet.rows[-1][1] == f"房{DEFAULT.rows - 1}-1"


def test_a_reader_out_of_memory_is_refused() -> None:
    with pytest.raises(TooLarge, match=TOO_HEAVY[:40]):
        read_workbook(workbook([["x" * 20] * 50] * 500), msgspec.structs.replace(DEFAULT, memory_bytes=MIB))


def test_a_reader_out_of_time_is_refused() -> None:
    with pytest.raises(TooLarge, match=TOO_HEAVY[:40]):
        read_workbook(workbook([["x"]]), msgspec.structs.replace(DEFAULT, seconds=0.001))


@pytest.mark.parametrize("beside", [False, True])
def test_in_5_what_is_packed_too_densely_is_refused(beside: bool) -> None:
    blanks = b" " * (1 << 20)
    found = parts() | {"xl/media/a.bin": blanks} if beside else parts(sheet_part(blanks.decode()))
    with pytest.raises(TooLarge):
        read_here(archive(found))
    read_here(archive(found, zipfile.ZIP_STORED))


def test_limits_are_those_of_the_call() -> None:
    with pytest.raises(TooLarge) as refused:
        read_workbook(workbook([["a", "b"], ["c", "d"]]), Limits(cells=3))
    assert refused.value.message == TOO_MANY_CELLS
    assert refused.value.params == {"limit": 3}


def test_the_reader_sees_none_of_the_servers_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    run = subprocess.run

    def watched(*args: object, **kwargs: object) -> object:
        seen.append(kwargs["env"])
        return run(*args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setenv("LODGE_SECRET", "synthetic")
    monkeypatch.setattr(subprocess, "run", watched)
    read_workbook(workbook([["a"]]))
    assert seen and all(isinstance(env, dict) and "LODGE_SECRET" not in env for env in seen)


async def test_reading_off_the_event_loop_gives_the_same() -> None:
    data = workbook([["楼栋", 3]])
    assert await read_workbook_async(data) == read_workbook(data)


def test_cells_become_plain_values() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("一")
        sheet.write_string(0, 0, " 甲 ")
        sheet.write_number(0, 1, 101)
        sheet.write_number(0, 2, 42858.52, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        sheet.write_datetime(0, 3, time(12, 30), book.add_format({"num_format": "hh:mm"}))
        sheet.write_boolean(0, 4, True)
        sheet.write_formula(0, 5, "=B1*2", None, 202)
        sheet.write_formula(0, 6, '="3"&"幢"', None, "3幢")
        sheet.write_formula(0, 7, "=1/0", None, "#DIV/0!")
        sheet.write_string(2, 8, "end")
    (found,) = read_workbook(buffer.getvalue())
    nothing = (None,) * 9
    assert found.rows[0] == (" 甲 ", 101.0, date(2017, 5, 3), "12:30:00", True, 202.0, "3幢", None, None)
    assert found.rows[1:] == (nothing, (*nothing[:-1], "end"))
    assert all(type(cell) is not int for row in found.rows for cell in row)


def test_rows_and_columns_count_from_a1_even_if_the_corner_is_empty() -> None:
    (sheet,) = read_workbook(workbook([[], [], [None, None, "x"]]))
    assert sheet.rows == ((None, None, None), (None, None, None), (None, None, "x"))


def test_hidden_sheets_are_marked_and_chart_sheets_left_out() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet("看得见").write(0, 0, 1)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=看得见!$A$1:$A$1"})
        book.add_chartsheet("图").set_chart(chart)
        book.add_worksheet("隐藏").hide()
        book.add_worksheet("深藏").very_hidden()
    found = read_workbook(buffer.getvalue())
    assert [(sheet.name, sheet.visible) for sheet in found] == [("看得见", True), ("隐藏", False), ("深藏", False)]


def test_merged_ranges_come_along_and_only_their_first_cell_has_the_value() -> None:
    (sheet,) = read_workbook(workbook([["3幢", "x"], [None, "y"]], merges=["A1:A2"]))
    assert sheet.rows == (("3幢", "x"), (None, "y"))
    assert sheet.merged == (Merge(top=0, left=0, bottom=1, right=0),)


def test_cells_without_a_reference_follow_each_other() -> None:
    data = archive(parts(sheet_part("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>")))
    (sheet,) = read_workbook(data)
    assert sheet.rows == ((1.0, 2.0), (3.0, None))


def test_parts_that_hold_no_cells_are_never_unpacked() -> None:
    picture = parts() | {
        "xl/media/a.png": b"not a picture",
        "xl/theme/theme1.xml": b"<not xml",
        "docProps/app.xml": b"<",
    }
    (sheet,) = read_workbook(archive(picture))
    assert sheet.rows == ((1.0,),)


VALID = workbook([["楼栋", "房号", "面积"], ["3幢", 101, 89.6]])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_damaged_workbook_is_read_or_refused_never_a_crash(changes: list[tuple[int, int]]) -> None:
    data = bytearray(VALID)
    for place, value in changes:
        data[place] = value
    try:
        sheets = read_here(bytes(data))
    except LodgeError as refused:
        assert isinstance(refused, Invalid | TooLarge)
    else:
        assert len(sheets) <= 1
