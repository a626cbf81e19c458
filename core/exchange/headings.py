"""Finds the heading row of a household roll: which sheet, which row, which column holds what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from core.errors import Invalid
from core.exchange.normalise import cell_text
from core.exchange.workbook import Cell, Sheet

Field = Literal["building", "entrance", "room", "area", "owner", "phone", "id_number", "move_in", "remark"]

NAMES: Mapping[Field, tuple[str, ...]] = {
    "building": ("楼栋", "幢号", "栋", "幢", "栋号", "楼栋号", "楼号", "楼幢"),
    "entrance": ("单元", "单元号"),
    "room": ("房号", "室号", "房间号", "房屋号", "室"),
    "area": ("建筑面积", "面积", "房屋面积", "产权面积"),
    "owner": ("业主姓名", "业主", "产权人", "业主名称", "产权人姓名", "姓名"),
    "phone": ("联系电话", "手机", "电话", "手机号", "手机号码", "联系方式", "联系手机", "电话号码"),
    "id_number": ("身份证号", "证件号码", "身份证号码", "身份证", "证件号"),
    "move_in": ("入伙日期", "入住日期", "交付日期", "入伙时间", "入住时间", "交付时间", "交房日期", "收楼日期"),
    "remark": ("备注", "说明"),
}
"""The column names a roll may use, without units, brackets and spaces."""

NO_HEADINGS = (
    "No heading row was found. Name the columns in one row: {building} and {room} must be there, "
    "besides at least one of {others}."
)

_FIELD_OF: Mapping[str, Field] = {name: field for field, names in NAMES.items() for name in names}
_LONGEST = 40
_DECORATION = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|\s|[*:]|[/(\[]?(㎡|m2|m²|平方米)[)\]]?$", re.IGNORECASE)


class Headings(msgspec.Struct, frozen=True):
    """Where a roll's columns are. `row` counts from 0, as do `columns`: several when two columns hold one field.
    `other_sheets` are further visible sheets with headings."""

    sheet: Sheet
    rows: tuple[tuple[Cell, ...], ...]
    row: int
    columns: dict[Field, tuple[int, ...]]
    other_sheets: tuple[str, ...] = ()

    def title(self, field: Field) -> str:
        """The heading of the first column of `field`, as the file writes it."""
        return cell_text(self.rows[self.row][self.columns[field][0]])


def find_headings(sheets: Sequence[Sheet]) -> Headings:
    """The row naming most columns on the first visible sheet that has one. Raises `Invalid` saying what was sought."""
    found = list(_candidates(sheets))
    if not found:
        wanted = {field: "/".join(names) for field, names in NAMES.items()}
        building, room = wanted.pop("building"), wanted.pop("room")
        raise Invalid(NO_HEADINGS, params={"building": building, "room": room, "others": ", ".join(wanted.values())})
    return msgspec.structs.replace(found[0], other_sheets=tuple(other.sheet.name for other in found[1:]))


def is_heading(row: Sequence[Cell], columns: Mapping[Field, tuple[int, ...]]) -> bool:
    """Whether `row` repeats the headings, as rolls made for printing do on each page."""
    return all(heading_field(row[columns[field][0]]) == field for field in ("building", "room"))


def heading_field(cell: Cell) -> Field | None:
    """The field a heading names, e.g. `area` for 建筑面积(㎡)."""
    if not isinstance(cell, str) or cell.isascii() or len(cell) > _LONGEST:
        return None
    return _FIELD_OF.get(_DECORATION.sub("", cell_text(cell)))


def _candidates(sheets: Sequence[Sheet]) -> Iterator[Headings]:
    for sheet in sheets:
        if not sheet.visible:
            continue
        rows = _spread(sheet)
        named = [_columns(row) for row in rows]
        best = max(range(len(rows)), key=lambda row: len(named[row]), default=None)
        if best is not None and len(named[best]) > 2:
            yield Headings(sheet=sheet, rows=rows, row=best, columns=named[best])


def _columns(row: Sequence[Cell]) -> dict[Field, tuple[int, ...]]:
    """The columns `row` names; nothing unless it names the unit."""
    columns: dict[Field, tuple[int, ...]] = {}
    for column, cell in enumerate(row):
        field = heading_field(cell)
        if field is not None:
            columns[field] = (*columns.get(field, ()), column)
    return columns if {"building", "room"} <= columns.keys() else {}


def _spread(sheet: Sheet) -> tuple[tuple[Cell, ...], ...]:
    """The rows with each merged value repeated down the first column of its range, as a person reads the sheet."""
    rows = [list(row) for row in sheet.rows]
    for merge in sheet.merged:
        if merge.top < len(rows) and merge.left < len(rows[merge.top]):
            for row in rows[merge.top + 1 : merge.bottom + 1]:
                row[merge.left] = rows[merge.top][merge.left]
    return tuple(map(tuple, rows))
