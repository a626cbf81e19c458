"""What passes between the server and the workbook reader it starts. Imports little, so that the reader starts fast."""

from __future__ import annotations

import msgspec

MIB = 1024 * 1024

# Numbers always travel as float, which leaves int free for a date as its proleptic Gregorian ordinal.
WireCell = str | bool | float | int | None


class Limits(msgspec.Struct, frozen=True):
    """How much a workbook may be and cost. A roll of 1,000 households has 0.1 MB, 0.5 MB unpacked and 11,000 cells.

    `cells` is the sum of the used rectangles of all sheets (and that of the merged ranges), `characters` the text of
    all cells together, `elements` the XML elements and attributes, `ratio` unpacked to packed size of one entry,
    `memory_bytes` what the reader may grow by after its start, `seconds` wall time.
    """

    file_bytes: int = 4 * MIB
    unpacked_bytes: int = 16 * MIB
    ratio: int = 200
    entries: int = 300
    elements: int = 1_500_000
    sheets: int = 30
    rows: int = 20_000
    columns: int = 100
    cells: int = 200_000
    characters: int = 4_000_000
    memory_bytes: int = 64 * MIB
    cpu_seconds: int = 3
    seconds: float = 10.0


class Refused(Exception):
    """The workbook is not read. `message` is an English message id saying what to do; `too_large` picks the status."""

    def __init__(self, message: str, *, too_large: bool = False, **params: int | str) -> None:
        super().__init__(message)
        self.message, self.too_large, self.params = message, too_large, params


class Refusal(msgspec.Struct, frozen=True):
    """A `Refused` on the wire."""

    message: str
    too_large: bool
    params: dict[str, int | str]


class WireSheet(msgspec.Struct, frozen=True, array_like=True):
    """A sheet on the wire. Rows and columns of `merged` (top, left, bottom, right) count from 0, bounds included."""

    name: str
    visible: bool
    rows: list[list[WireCell]]
    merged: list[tuple[int, int, int, int]]


class Reply(msgspec.Struct, frozen=True):
    """The reader's whole answer: sheets, or why there are none."""

    sheets: list[WireSheet] = []
    refusal: Refusal | None = None
