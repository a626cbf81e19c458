"""The meters of a month as a workbook: written, filled in by whoever reads them, and read back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import msgspec

from core.sdk import Cell, Invalid, ReportTable, View, cell_text, msgid, parse_date
from plugins.billing.headed import headed_rows
from plugins.billing.meters.model import MANY, Meter, MeterReading, MonthReading

_HEADINGS: Final = (
    msgid("Unit"),
    msgid("Fee item"),
    msgid("Meter number"),
    msgid("Where it is"),
    msgid("Read before on"),
    msgid("Read before"),
    msgid("Read on"),
    msgid("Reading"),
    msgid("Used"),
)
# what may stand above a column that is read, besides the headings of our own workbook
_COLUMNS: Final = {
    "unit": ("房屋", "房号", "unit"),
    "item": ("收费项目", "fee item"),
    "number": ("表号", "meter number"),
    "day": ("本次抄表日期", "抄表日期", "read on"),
    "value": ("本次读数", "读数", "reading"),
}
_NEEDED: Final = ("unit", "item", "value")
_VALUE: Final = msgspec.json.Decoder(MeterReading)


class Row(msgspec.Struct, frozen=True):
    """A row as it was read. `problem` (with `params`) says why it names no reading; its `column` is where."""

    row: int
    unit: str
    item: str
    number: str
    text: str
    reading: MeterReading | None
    column: str = ""
    problem: str = ""
    params: dict[str, str] = {}


class Read(msgspec.Struct, frozen=True):
    """The rows that have a reading, and how many have none yet."""

    rows: list[Row]
    empty: int


def table(view: View, rows: Iterable[MonthReading]) -> ReportTable:
    """The sheet that `read` takes back, in the reader's language."""
    return ReportTable(
        view.say(msgid("Meter readings")),
        [view.say(heading) for heading in _HEADINGS],
        [
            (
                row.meter.unit,
                row.meter.item,
                row.meter.number,
                row.meter.label,
                row.previous_day,
                _number(row.previous),
                row.day,
                _number(row.value),
                _number(row.used),
            )
            for row in rows
        ],
    )


async def read(data: bytes, meters: Sequence[Meter], day: date) -> Read:
    """The readings of a workbook; a row without a day is of that one. Raises Invalid for a workbook without the
    headings or with too many rows, or TooLarge."""
    numbered: dict[str, list[Meter]] = {}
    placed: dict[tuple[str, str], list[Meter]] = {}
    for meter in meters:
        if meter.number:
            numbered.setdefault(meter.number, []).append(meter)
        placed.setdefault((meter.unit, meter.item), []).append(meter)
    rows, empty = [], 0
    for number, cells in await headed_rows(data, _COLUMNS, _NEEDED):
        if not cell_text(cells["value"]):
            empty += 1
            continue
        texts = {name: cell_text(cell) for name, cell in cells.items()} | {"value": _text(cells["value"])}
        found = numbered.get(texts["number"]) or placed.get((texts["unit"], texts["item"]), [])
        rows.append(_row(number, texts, found, cells.get("day"), day))
    if len(rows) > MANY:
        raise Invalid.field("file", "The sheet has more than {n} readings: split it.", n=MANY)
    if not rows:
        raise Invalid.field("file", "There is no reading in this workbook yet: fill in the column of readings.")
    return Read(rows, empty)


def _row(number: int, texts: dict[str, str], found: Sequence[Meter], cell: Cell, day: date) -> Row:
    told = number, texts["unit"], texts["item"], texts["number"], texts["value"]
    if len(found) != 1:
        problem = (
            msgid("More than one meter fits: give its number.") if found else msgid("There is no such meter here.")
        )
        return Row(*told, None, "unit", problem)
    on = parse_date(cell) if cell_text(cell) else day
    if on is None:
        return Row(*told, None, "day", msgid("This is no day, such as 2026-11-25."))
    try:
        reading = MeterReading(meter_id=found[0].id, day=on, value=texts["value"])
        return Row(*told, _VALUE.decode(msgspec.json.encode(reading)))
    except msgspec.ValidationError:
        return Row(*told, None, "value", msgid("This is no reading, such as 1234.5."))


def _text(cell: Cell) -> str:
    """A reading as it was meant: a spreadsheet computes 0.3 as 0.30000000000000004."""
    if isinstance(cell, float) and abs(cell) < 10**11 and abs(round(cell, 3) - cell) < 1e-6:
        return f"{cell:.3f}".rstrip("0").rstrip(".")
    return cell_text(cell)


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)
