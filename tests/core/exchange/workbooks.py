"""Workbooks for the tests of this folder: proper ones by XlsxWriter, hostile ones part by part."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date

import xlsxwriter

from core.exchange._reader import answer
from core.exchange.roll import Roll, roll_from_sheets
from core.exchange.workbook import DEFAULT, Limits, Sheet, sheets_of

Value = str | float | int | bool | date | None

HEADINGS = ("序号", "楼栋", "单元", "房号", "建筑面积(㎡)", "业主姓名", "联系电话", "身份证号", "入伙日期", "备注")

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def workbook(*sheets: Sequence[Sequence[Value]], hidden: Sequence[int] = (), merges: Sequence[str] = ()) -> bytes:
    """A workbook of the rows of each sheet; `merges` are ranges of the first sheet, their values already in place."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, rows in enumerate(sheets):
            sheet = book.add_worksheet(f"表{number + 1}")
            if number in hidden:
                sheet.hide()
            elif all(earlier in hidden for earlier in range(number)):
                sheet.activate()  # Excel opens on it, and the sheet it opens on cannot be hidden
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(r, c, value, day)
                    elif isinstance(value, bool):
                        sheet.write_boolean(r, c, value)
                    elif isinstance(value, str):
                        sheet.write_string(r, c, value)
                    elif value is not None:
                        sheet.write_number(r, c, value)
            if number == 0:
                for cells in merges:
                    sheet.merge_range(cells, "")
                    first = cells.partition(":")[0]
                    row, column = int(first[1:]) - 1, ord(first[0]) - ord("A")
                    sheet.write(row, column, rows[row][column])
    return buffer.getvalue()


def read_here(data: bytes, limits: Limits = DEFAULT) -> tuple[Sheet, ...]:
    """`read_workbook` without the process around it."""
    return sheets_of(answer(data, limits))


def roll(*rows: Sequence[Value], headings: Sequence[Value] = HEADINGS) -> Roll:
    """The roll of `rows` below `headings`."""
    return roll_from_sheets((Sheet(name="名册", visible=True, rows=_rectangle((headings, *rows))),))


def _rectangle(rows: Sequence[Sequence[Value]]) -> tuple[tuple[str | float | bool | date | None, ...], ...]:
    width = max(map(len, rows))
    return tuple(
        tuple(float(cell) if type(cell) is int else cell for cell in (*row, *(None,) * (width - len(row))))
        for row in rows
    )


def sheet_part(content: str = "", *, before: str = "", after: str = "", prolog: str = "") -> bytes:
    """A worksheet part; `content` goes into its sheetData."""
    return f"{prolog}<worksheet {_MAIN}>{before}<sheetData>{content}</sheetData>{after}</worksheet>".encode()


def parts(sheet: bytes | None = None, *, sheets: int = 1, shared: bytes | None = None) -> dict[str, bytes]:
    """The parts of a minimal workbook whose `sheets` sheets all show the one worksheet part."""
    listed = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="r1"/>' for n in range(1, sheets + 1))
    relations = f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    if shared is not None:
        relations += f'<Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    found = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/></Types>'.encode(),
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'.encode(),
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'.encode()
        ),
        "xl/worksheets/sheet1.xml": sheet_part('<row r="1"><c r="A1"><v>1</v></c></row>') if sheet is None else sheet,
    }
    return found if shared is None else found | {"xl/sharedStrings.xml": shared}


def archive(content: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """`content` as a ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as target:
        for name, data in content.items():
            target.writestr(name, data)
    return buffer.getvalue()


def shared_part(*texts: str) -> bytes:
    """A shared strings part."""
    return f"<sst {_MAIN}>{''.join(f'<si><t>{text}</t></si>' for text in texts)}</sst>".encode()
