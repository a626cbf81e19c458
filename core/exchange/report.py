"""Reports as a workbook: some tables, made in memory and set out for the printer; texts stay texts (IN-6)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec

from core.exchange.cells import safe_cell
from core.exchange.sheet import LONGEST, TEXT_STAYS_TEXT

Value = str | int | float | date | None


class Table(msgspec.Struct, frozen=True):
    """A sheet of the report: its name, its headings, and its rows under them."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Value]]


def write(tables: Sequence[Table], now: datetime) -> bytes:
    """The workbook, made `now`. Rows are meant to be hundreds, not hundreds of thousands."""
    import xlsxwriter  # type: ignore[import-untyped]

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {**TEXT_STAYS_TEXT, "in_memory": True}) as book:
        book.set_properties({"created": now.replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        for table in tables:
            page = book.add_worksheet(table.name[:31])
            page.set_landscape()
            page.set_paper(9)
            page.fit_to_pages(1, 0)
            page.repeat_rows(0)
            page.freeze_panes(1, 0)
            page.set_column(0, max(0, len(table.headings) - 1), 18)
            page.write_row(0, 0, [safe_cell(heading) for heading in table.headings], bold)
            for line, row in enumerate(table.rows, 1):
                for column, value in enumerate(row):
                    if isinstance(value, date):
                        page.write_datetime(line, column, value, day)
                    elif isinstance(value, str):
                        page.write_string(line, column, safe_cell(value)[:LONGEST], wrapped)
                    elif value is not None:
                        page.write_number(line, column, value, wrapped)
    return buffer.getvalue()
