"""Reads a household roll (业主名册) from a workbook: units with their owners, and what is wrong in which row. Pure:
writes nothing, knows no database."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TypedDict

import msgspec

from core.exchange.headings import Field, Headings, find_headings, is_heading
from core.exchange.issues import (
    BAD_AREA,
    BAD_DATE,
    DUPLICATE_UNIT,
    NO_AREA,
    NO_BUILDING,
    NO_ROOM,
    Code,
    Flaw,
    RowIssue,
)
from core.exchange.normalise import (
    cell_text,
    normalise_building,
    normalise_entrance,
    normalise_room,
    parse_area,
    parse_date,
)
from core.exchange.owners import Owner, read_owners
from core.exchange.workbook import Cell, Sheet, read_workbook

__all__ = ["Owner", "Roll", "RollRow", "RowIssue", "parse_roll", "parse_roll_async", "roll_from_sheets", "summary"]

_TOTAL = re.compile(r".{0,20}(?:小计|合计|总计|共计)(?:户数|[0-9]+户?|[:(].*)?")
_SPACE = re.compile(r"\s+")
_NUMBERED = re.compile(r"[0-9A-Z-]+")
_UNIT: tuple[Field, ...] = ("building", "entrance", "room")


class RollRow(msgspec.Struct, frozen=True):
    """One unit to import. `row` as the spreadsheet counts; `area` in m², None only where the roll has no such column;
    `owners` is empty where the roll names none."""

    row: int
    building: str
    entrance: str | None
    room: str
    label: str
    area: Decimal | None
    owners: tuple[Owner, ...]
    move_in: date | None
    remark: str


class Roll(msgspec.Struct, frozen=True):
    """A roll as read. Every row below the headings is in exactly one of `rows`, `errors` and `skipped_rows`; `warnings`
    are about rows that are imported. `header_row` as the spreadsheet counts; `other_sheets` look like rolls too, but
    were not read; `file_digest` is the SHA-256 of the file, in hex."""

    rows: tuple[RollRow, ...]
    skipped_rows: tuple[int, ...]
    errors: tuple[RowIssue, ...]
    warnings: tuple[RowIssue, ...]
    sheet: str
    header_row: int
    other_sheets: tuple[str, ...]
    file_digest: str


class IssueSummary(TypedDict):
    """Where and what, without personal data."""

    row: int
    code: Code


class Summary(TypedDict):
    """The counts a preview shows; area in m²."""

    imported_units: int
    skipped_rows: list[int]
    errors: list[IssueSummary]
    warnings: list[IssueSummary]
    owners: int
    phones: int
    with_id_number: int
    total_area_m2: float


class _Unit(msgspec.Struct, frozen=True):
    building: str
    entrance: str | None
    room: str

    @property
    def label(self) -> str:
        building = f"{self.building}幢" if _NUMBERED.fullmatch(self.building) else self.building
        return f"{building}{self.entrance}单元{self.room}" if self.entrance else f"{building}{self.room}"


class _Line:
    """One row below the headings, its cells by field."""

    def __init__(self, headings: Headings, index: int) -> None:
        self.row = index + 1
        self.written = headings.sheet.rows[index]
        self._headings = headings
        self._index = index

    def all(self, field: Field) -> list[Cell]:
        """The cells of every column of `field`."""
        # Only what names the unit is taken from a merge above: an area merged over two units belongs to neither.
        source = self._headings.rows[self._index] if field in _UNIT else self.written
        return [source[column] for column in self._headings.columns.get(field, ())]

    def first(self, field: Field) -> Cell:
        """The first filled cell of `field`."""
        return next((cell for cell in self.all(field) if cell_text(cell)), None)

    def has(self, field: Field) -> bool:
        return field in self._headings.columns

    def unit(self) -> _Unit:
        return _Unit(
            building=normalise_building(self.first("building")),
            entrance=normalise_entrance(self.first("entrance")),
            room=normalise_room(self.first("room")),
        )

    def holds_no_unit(self) -> bool:
        """Whether it is blank, a note of one cell, a total, or the headings once more."""
        columns = self._headings.columns
        filled = [column for column, cell in enumerate(self.written) if cell_text(cell)]
        if not any(column in columns[field] for field in columns for column in filled):
            return True
        if len(filled) == 1 and not cell_text(self.first("room")):
            return True
        return is_heading(self.written, columns) or self._is_total()

    def _is_total(self) -> bool:
        if any(_is_total(cell) for field in _UNIT for cell in self.all(field)):
            return True
        names_unit = cell_text(self.first("building")) and cell_text(self.first("room"))
        return not names_unit and any(map(_is_total, self.written))

    def issue(self, flaw: Flaw) -> RowIssue:
        column = self._headings.title(flaw.field)
        return RowIssue(self.row, flaw.code, column, flaw.value, flaw.message, flaw.params)


def parse_roll(data: bytes) -> Roll:
    """The roll in the .xlsx `data`. Blocks while the workbook is read; raises as `read_workbook` and
    `roll_from_sheets` do."""
    return roll_from_sheets(read_workbook(data), file_digest=hashlib.sha256(data).hexdigest())


async def parse_roll_async(data: bytes) -> Roll:
    """`parse_roll` off the event loop."""
    return await asyncio.to_thread(parse_roll, data)


def roll_from_sheets(sheets: Sequence[Sheet], *, file_digest: str = "") -> Roll:
    """The roll on the first visible sheet that has a heading row. Raises `Invalid` if none has.

    A row with an error is not imported and has no warnings; its first error is named, in the order missing room, bad
    area, duplicate unit. A unit counts as already in the file even if its earlier row has another error: which of the
    two rows is right is not ours to guess. An empty area is an error, for no fee can be computed without one.
    """
    headings = find_headings(sheets)
    rows: list[RollRow] = []
    skipped: list[int] = []
    errors: list[RowIssue] = []
    warnings: list[RowIssue] = []
    first_rows: dict[_Unit, int] = {}
    for line in (_Line(headings, index) for index in range(headings.row + 1, len(headings.rows))):
        if line.holds_no_unit():
            skipped.append(line.row)
            continue
        unit = line.unit()
        error = next(_errors(line, unit, first_rows), None)
        if error is not None:
            errors.append(line.issue(error))
            continue
        row, flaws = _read(line, unit)
        rows.append(row)
        warnings.extend(map(line.issue, flaws))
    return Roll(
        rows=tuple(rows),
        skipped_rows=tuple(skipped),
        errors=tuple(errors),
        warnings=tuple(warnings),
        sheet=headings.sheet.name,
        header_row=headings.row + 1,
        other_sheets=headings.other_sheets,
        file_digest=file_digest,
    )


def summary(roll: Roll) -> Summary:
    """The counts of a preview, without personal data."""
    owners = [owner for row in roll.rows for owner in row.owners]
    return Summary(
        imported_units=len(roll.rows),
        skipped_rows=list(roll.skipped_rows),
        errors=[IssueSummary(row=issue.row, code=issue.code) for issue in roll.errors],
        warnings=[IssueSummary(row=issue.row, code=issue.code) for issue in roll.warnings],
        owners=len(owners),
        phones=sum(len(owner.phones) for owner in owners),
        with_id_number=sum(owner.id_number is not None for owner in owners),
        total_area_m2=float(sum((row.area for row in roll.rows if row.area is not None), Decimal(0))),
    )


def _errors(line: _Line, unit: _Unit, first_rows: dict[_Unit, int]) -> Iterator[Flaw]:
    if not unit.room:
        yield Flaw("room", "missing_room", NO_ROOM)
    elif not unit.building:
        yield Flaw("building", "missing_room", NO_BUILDING)
    else:
        first_row = first_rows.setdefault(unit, line.row)
        area = line.first("area")
        if line.has("area") and parse_area(area) is None:
            value = cell_text(area)
            yield Flaw("area", "bad_area", BAD_AREA if value else NO_AREA, value)
        if first_row != line.row:
            params: dict[str, int | str] = {"unit": unit.label, "first_row": first_row}
            yield Flaw("room", "duplicate_unit", DUPLICATE_UNIT, unit.label, params)


def _read(line: _Line, unit: _Unit) -> tuple[RollRow, list[Flaw]]:
    owners, owner_flaws = read_owners(line.first("owner"), line.all("phone"), line.first("id_number"))
    flaws = list(owner_flaws)
    written_date = line.first("move_in")
    move_in = parse_date(written_date)
    if move_in is None and written_date is not None:
        flaws.append(Flaw("move_in", "bad_date", BAD_DATE, cell_text(written_date)))
    row = RollRow(
        row=line.row,
        building=unit.building,
        entrance=unit.entrance,
        room=unit.room,
        label=unit.label,
        area=parse_area(line.first("area")),
        owners=owners,
        move_in=move_in,
        remark=cell_text(line.first("remark")),
    )
    return row, flaws


def _is_total(cell: Cell) -> bool:
    return isinstance(cell, str) and _TOTAL.fullmatch(_SPACE.sub("", cell_text(cell))) is not None
