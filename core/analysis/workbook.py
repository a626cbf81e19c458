"""Tables as an Excel workbook. Texts stay texts: nothing that anybody typed is ever a formula or a link (IN-6)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec
import xlsxwriter  # type: ignore[import-untyped]

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Value = str | int | float | date | None
_LONGEST = 32_767  # characters that a cell can hold
_ACTIVE = ("=", "+", "-", "@", "\t", "\r")


class Sheet(msgspec.Struct, frozen=True):
    """A sheet: its name, its headings, and its rows under them."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Value]]


def write(sheets: Sequence[Sheet], now: datetime) -> bytes:
    """The workbook, made `now`. Rows are meant to be hundreds, not hundreds of thousands."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"created": now.replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name[:31])
            page.set_landscape()
            page.set_paper(9)
            page.fit_to_pages(1, 0)
            page.repeat_rows(0)
            page.freeze_panes(1, 0)
            page.set_column(0, max(0, len(sheet.headings) - 1), 18)
            page.write_row(0, 0, [safe(heading) for heading in sheet.headings], bold)
            for line, row in enumerate(sheet.rows, 1):
                for column, value in enumerate(row):
                    if isinstance(value, date):
                        page.write_datetime(line, column, value, day)
                    elif isinstance(value, str):
                        page.write_string(line, column, safe(value), wrapped)
                    elif value is not None:
                        page.write_number(line, column, value, wrapped)
    return buffer.getvalue()


def safe(text: str) -> str:
    """Text that a spreadsheet shows and never computes, whatever it is saved as later."""
    return f"'{text}"[:_LONGEST] if text.startswith(_ACTIVE) else text[:_LONGEST]
