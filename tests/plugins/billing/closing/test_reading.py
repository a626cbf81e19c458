"""Statements as banks give them out, and what of them cannot be taken (BIL-4)."""

from __future__ import annotations

import io
from datetime import date

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from core.sdk import Invalid
from plugins.billing.closing.bank.reading import Line, read

CSV = """中国工商银行,活期明细
账号,1234
交易日期,交易流水号,借方金额,贷方金额(元),余额,对方户名,摘要,附言
2026-11-20,A001,,"1,200.50",1200.50,王芳,转账,3-1-1802物业费
20261121,A002,15.00,,1185.50,工商银行,手续费,
2026/11/22 09:31:02,A003,0.00,300,1485.50,李雷,,车位费
合计,,15.00,1500.50,,,,
"""
LINES = [
    Line("A001", date(2026, 11, 20), 120_050, "王芳", "转账 3-1-1802物业费"),
    Line("A002", date(2026, 11, 21), -1_500, "工商银行", "手续费"),
    Line("A003", date(2026, 11, 22), 30_000, "李雷", "车位费"),
]


@pytest.mark.parametrize("data", [CSV.encode(), b"\xef\xbb\xbf" + CSV.encode(), CSV.encode("gb18030")])
async def test_text_is_read_in_either_encoding(data: bytes) -> None:
    statement = await read("statement.csv", data)

    assert [line for _, line in statement.lines] == LINES
    assert [mistake.row for mistake in statement.mistakes] == [7]


async def test_tabs_do_as_commas_do() -> None:
    text = "日期\t流水号\t收入\n2026-11-20\tA1\t5\n"
    assert [line.amount_fen for _, line in (await read("x.txt", text.encode())).lines] == [500]


async def test_a_workbook_is_read_wherever_the_headings_stand() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet("说明").write(0, 0, "本页无数据")
        sheet = book.add_worksheet("明细")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(2, 1, ["记账日期", "流水号", "收入", "支出", "对方户名", "摘要"])
        sheet.write_datetime(3, 1, date(2026, 11, 20), day)
        sheet.write_row(3, 2, ["A001", 1200.5, None, "王芳", "转账 3-1-1802物业费"])
        sheet.write_datetime(4, 1, date(2026, 11, 21), day)
        sheet.write_row(4, 2, [12345678901234567890.0, 10])
    statement = await read("对账单.xlsx", buffer.getvalue())

    assert statement.lines == [(4, LINES[0])]
    assert [(m.row, "rounded" in m.message) for m in statement.mistakes] == [(5, True)]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("2026-11-20,A1,abc,", "amount"),
        ("2026-11-20,A1,1.005,", "amount"),
        ("2026-11-20,A1,5,5", "same"),
        ("2026-13-40,A1,5,", "date"),
        (",A1,5,", "date"),
        ("2026-11-20,,5,", "missing"),
        (f"2026-11-20,{'9' * 81},5,", "long"),
        ("2026-11-20,A1,1e30,", "amount"),
        ("2026-11-20,A1,NaN,", "amount"),
    ],
)
async def test_a_row_that_cannot_be_taken_is_told_with_its_number(row: str, word: str) -> None:
    statement = await read("x.csv", f"日期,流水号,收入,支出\n{row}\n2026-11-20,B1,7,\n".encode())

    assert [(mistake.row, word in mistake.message) for mistake in statement.mistakes] == [(2, True)]
    assert [line.amount_fen for _, line in statement.lines] == [700]


@pytest.mark.parametrize("data", [b"", b"a,b,c\n1,2,3\n", b"\xff\xfe\x00\x01", b"PK\x03\x04 no workbook", b"a\0b"])
async def test_what_is_no_statement_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        await read("x.csv", data)


async def test_blank_rows_are_no_lines() -> None:
    statement = await read("x.csv", "日期,流水号,收入\n,,\n\n2026-11-20,,\n".encode())
    assert (statement.lines, statement.mistakes) == ([], [])
