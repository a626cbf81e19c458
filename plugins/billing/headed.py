"""The rows of a workbook that somebody filled in, below its headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from core.sdk import Cell, Invalid, cell_text, read_workbook

_LOOKED_AT: Final = 20  # rows in which the headings are looked for


async def headed_rows(
    data: bytes, columns: Mapping[str, Sequence[str]], needed: Sequence[str]
) -> list[tuple[int, dict[str, Cell]]]:
    """Each row that is not empty with its number, from 1, and its cells by column; of the first sheet that has the
    headings of those that are needed. `columns` are headings, in small letters, by name. Raises Invalid naming `file`,
    and what reading a workbook raises."""
    for sheet in await read_workbook(data):
        for number, line in enumerate(sheet.rows[:_LOOKED_AT]):
            texts = [cell_text(cell).lower() for cell in line]
            places = {
                name: next((texts.index(heading) for heading in headings if heading in texts), None)
                for name, headings in columns.items()
            }
            if any(places[name] is None for name in needed):
                continue
            return [
                (at, {name: None if place is None else row[place] for name, place in places.items()})
                for at, row in enumerate(sheet.rows[number + 1 :], number + 2)
                if any(cell_text(cell) for cell in row)
            ]
    headings = "、".join(columns[name][0] for name in needed)
    raise Invalid.field("file", "No sheet has these headings: {headings}.", headings=headings)
