"""Workbooks that people fill in, read row by row under headings in either language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.sdk import Cell, Invalid, cell_text, read_workbook

_LOOKED_AT: Final = 20  # rows in which the headings are looked for
MOST: Final = 5000


async def rows_of(data: bytes, columns: Mapping[str, tuple[str, ...]]) -> list[tuple[int, dict[str, Cell]]]:
    """The rows below the first line that holds a heading for each of the columns, with their numbers in the sheet;
    empty ones left out. Raises Invalid without such a line, or TooLarge."""
    for sheet in await read_workbook(data):
        for number, line in enumerate(sheet.rows[:_LOOKED_AT]):
            texts = [cell_text(cell).lower() for cell in line]
            places = {
                name: next((texts.index(h.lower()) for h in headings if h.lower() in texts), None)
                for name, headings in columns.items()
            }
            if None in places.values():
                continue
            found = [
                (row_number, {name: row[place] for name, place in places.items() if place is not None})
                for row_number, row in enumerate(sheet.rows[number + 1 :], number + 2)
                if any(cell_text(cell) for cell in row)
            ]
            if len(found) > MOST:
                raise Invalid.field("file", "The sheet has more than {n} rows: split it.", n=MOST)
            return found
    wanted = "、".join(headings[0] for headings in columns.values())
    raise Invalid.field("file", "No sheet has these headings: {headings}.", headings=wanted)
