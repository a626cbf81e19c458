"""The process that reads one workbook under limits: bytes on stdin, `Limits` as its argument, a `Reply` on stdout."""

from __future__ import annotations

import resource
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from core.exchange._archive import DAMAGED, TOO_MANY_CELLS, TOO_MUCH_TEXT, repack
from core.exchange._protocol import Limits, Refusal, Refused, Reply, WireCell, WireSheet

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> None:
    """Reads stdin, writes the reply. Dies without one when it outgrows its limits."""
    limits = msgspec.json.decode(sys.argv[1], type=Limits)
    _confine(limits)
    reply = answer(sys.stdin.buffer.read(limits.file_bytes + 1), limits)
    sys.stdout.buffer.write(msgspec.msgpack.encode(reply))


def answer(data: bytes, limits: Limits) -> Reply:
    """The sheets of the workbook `data`, or the refusal."""
    try:
        return Reply(sheets=list(_sheets(data, limits)))
    except Refused as refused:
        return Reply(refusal=Refusal(refused.message, refused.too_large, refused.params))
    except CalamineError:
        return Reply(refusal=Refusal(DAMAGED, False, {}))
    except BaseException as fault:
        # A panic in the parser's Rust code; its class cannot be imported and is no Exception.
        if type(fault).__module__ != "pyo3_runtime":
            raise
        return Reply(refusal=Refusal(DAMAGED, False, {}))


def _confine(limits: Limits) -> None:
    """Lowers this process's own limits; what the interpreter already holds is not counted."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    memory = pages * resource.getpagesize() + limits.memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _sheets(data: bytes, limits: Limits) -> Iterator[WireSheet]:
    with CalamineWorkbook.from_filelike(repack(data, limits)) as workbook:
        cells = characters = 0
        for index, meta in enumerate(workbook.sheets_metadata):
            if meta.typ is not SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_index(index)
            # Again here, because several sheets can point to one checked part.
            cells += sheet.total_height * sheet.total_width
            if cells > limits.cells:
                raise Refused(TOO_MANY_CELLS, too_large=True, limit=limits.cells)
            rows = [[_wire(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
            # One long shared string can stand in every cell: only here is its text counted as often as it is used.
            characters += sum(len(cell) for row in rows for cell in row if isinstance(cell, str))
            if characters > limits.characters:
                raise Refused(TOO_MUCH_TEXT, too_large=True, limit=limits.characters)
            yield WireSheet(
                name=meta.name,
                visible=meta.visible is SheetVisibleEnum.Visible,
                rows=rows,
                merged=[(*first, *last) for first, last in sheet.merged_cell_ranges or ()],
            )


def _wire(cell: object) -> WireCell:
    if cell == "" or cell is None:
        return None
    if isinstance(cell, str | bool):
        return cell
    if isinstance(cell, int | float):
        return float(cell)
    if isinstance(cell, datetime):
        return cell.date().toordinal()
    if isinstance(cell, date):
        return cell.toordinal()
    return str(cell)


if __name__ == "__main__":
    main()
