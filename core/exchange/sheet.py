"""Workbooks that we hand out: rows written one by one to disk, every text as text and nothing as a formula (IN-6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from types import TracebackType
from typing import BinaryIO, Final, Self

import msgspec

from core.exchange.cells import safe_cell

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST: Final = 32_767  # characters of a cell
# no formulas, links or numbers are made of it
TEXT_STAYS_TEXT: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

Cell = str | int | datetime | None


class Heading(msgspec.Struct, frozen=True):
    """A column's heading, and how wide it is in characters."""

    label: str
    width: int = 14


class Sheet:
    """One table of a workbook, written to `file` by the end of the block. Its methods block: call them in a thread."""

    def __init__(self, file: BinaryIO, title: str, headings: Sequence[Heading]) -> None:
        import xlsxwriter  # type: ignore[import-untyped]  # 2.4 MB that most processes never need

        self._book = xlsxwriter.Workbook(file, {**TEXT_STAYS_TEXT, "constant_memory": True})
        self._sheet = self._book.add_worksheet(title)
        self._instant = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        self._columns = len(headings)
        self.rows = 0
        bold = self._book.add_format({"bold": True, "bottom": 1})
        for n, heading in enumerate(headings):
            self._sheet.set_column(n, n, heading.width)
            self._sheet.write_string(0, n, safe_cell(heading.label), bold)
        self._sheet.freeze_panes(1, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write rows below the others. Instants must be local times without a zone, as a spreadsheet knows no other."""
        for row in rows:
            self.rows += 1
            for n, cell in enumerate(row):
                if isinstance(cell, datetime):
                    self._sheet.write_datetime(self.rows, n, cell, self._instant)
                elif isinstance(cell, int):
                    self._sheet.write_number(self.rows, n, cell)
                elif cell:
                    self._sheet.write_string(self.rows, n, safe_cell(cell)[:LONGEST])

    def close(self) -> None:
        """Finish the file."""
        self._sheet.autofilter(0, 0, self.rows, self._columns - 1)
        self._book.close()
