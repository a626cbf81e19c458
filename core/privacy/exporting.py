"""Somebody's data as a ZIP: JSON for programs, a workbook to read, and the files (PI-4)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from core.exchange import report
from core.privacy.finding import Row

_CELL = 2000  # characters


class Sent(msgspec.Struct, frozen=True):
    """A text message that went to somebody."""

    at: datetime
    text: str


def archive(whose: str, found: Mapping[str, Sequence[Row]], files: Mapping[str, bytes], now: datetime) -> bytes:
    """The ZIP. `found` are rows by table, `files` contents by the name they get."""
    told = {"whose": whose, "made_at": now, "tables": found}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("data.json", msgspec.json.format(msgspec.json.encode(told), indent=1))
        target.writestr("data.xlsx", report.write([_table(name, rows) for name, rows in found.items()] or [_NONE], now))
        for name, content in files.items():
            target.writestr(f"files/{name}", content)
    return buffer.getvalue()


_NONE = report.Table("-", ["-"], [])


def _table(name: str, rows: Sequence[Row]) -> report.Table:
    """A sheet with the columns that any of the rows has something in."""
    columns = list(dict.fromkeys(column for row in rows for column, value in row.items() if value not in (None, "")))
    return report.Table(name, columns, [[_cell(row.get(column)) for column in columns] for row in rows])


def _cell(value: Any) -> str | int | float | None:
    if value is None or isinstance(value, str | int | float):
        return value[:_CELL] if isinstance(value, str) else value
    return msgspec.json.encode(value).decode()[:_CELL]
