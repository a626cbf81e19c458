"""Opens an .xlsx archive without trusting it: checks every part while unpacking it, and packs only what was checked
into a fresh archive. Whatever parses that later sees what was checked here, whichever way it reads ZIP headers."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pyexpat import ExpatError, ParserCreate

from core.exchange._protocol import Limits, Refused

NOT_A_WORKBOOK = "This is not an Excel workbook. Save the file as .xlsx and upload that."
PROTECTED = "This is an old .xls or a password-protected workbook. Save it as .xlsx without a password."
DAMAGED = "The workbook is damaged. Open it in Excel, save it again as .xlsx and upload that."
FOREIGN_XML = "The workbook contains a document type or entities, which Excel never writes. Save it again in Excel."
TOO_BIG_FILE = "The file is larger than {megabytes} MB. Split it."
TOO_BIG_INSIDE = "The workbook is too large when unpacked. Remove pictures and unused sheets, or split it."
TOO_MANY_PARTS = "The workbook has too many parts. Copy the cells into a new workbook and upload that."
TOO_MANY_SHEETS = "The workbook has more than {limit} sheets. Keep only the sheets to be read."
TOO_FAR = "A sheet reaches beyond row {rows} or column {columns}. Delete the empty rows and columns, or split it."
TOO_MUCH_TEXT = "The cells hold more than {limit} characters of text. Shorten them, or split the workbook."
TOO_MANY_CELLS = "The workbook has more than {limit} cells. Delete what is not needed, or split it."

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CENTRAL_ENTRY = b"PK\x01\x02"
_CHUNK = 64 * 1024
_DEEPEST = 64  # elements in each other; Excel needs about ten
_LONGEST_TOKEN = 2 * _CHUNK  # a tag with its attributes, or a comment: parsers hold it in memory as a whole
_RATIO_FROM_BYTES = 256 * 1024  # a few hundred bytes of padding compress as well as a bomb does
# The parts cells are read from; pictures, themes, macros and attachments are never unpacked.
_WANTED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/_rels/workbook\.xml\.rels|xl/(workbook|sharedStrings|styles)\.xml"
    r"|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


def repack(data: bytes, limits: Limits) -> io.BytesIO:
    """A fresh archive of the checked parts of `data`. Raises `Refused`."""
    if len(data) > limits.file_bytes:
        raise Refused(TOO_BIG_FILE, too_large=True, megabytes=limits.file_bytes // (1024 * 1024))
    if data.startswith(_OLE_MAGIC):
        raise Refused(PROTECTED)
    if not data.startswith(b"PK\x03\x04"):
        raise Refused(NOT_A_WORKBOOK)
    # Counted in the raw bytes: the entry count in the end record is the sender's claim.
    if data.count(_CENTRAL_ENTRY) > limits.entries:
        raise Refused(TOO_MANY_PARTS, too_large=True)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _copy(archive, _checked_directory(archive, limits), limits)
    except (zipfile.BadZipFile, zlib.error, ExpatError, EOFError, NotImplementedError, OSError, ValueError) as broken:
        raise Refused(DAMAGED) from broken


def _checked_directory(archive: zipfile.ZipFile, limits: Limits) -> list[zipfile.ZipInfo]:
    """The wanted entries, once what the central directory says of all of them is acceptable."""
    entries = archive.infolist()
    names = {entry.filename.lower() for entry in entries}
    if len(names) < len(entries):
        raise Refused(DAMAGED)
    if "xl/workbook.xml" not in names:
        raise Refused(NOT_A_WORKBOOK)
    for entry in entries:
        name = entry.filename
        if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
            raise Refused(DAMAGED)
        if entry.flag_bits & 0x1:
            raise Refused(PROTECTED)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused(DAMAGED)
        if entry.file_size > max(_RATIO_FROM_BYTES, limits.ratio * entry.compress_size):
            raise Refused(TOO_BIG_INSIDE, too_large=True)
    if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        raise Refused(TOO_BIG_INSIDE, too_large=True)
    return [entry for entry in entries if _WANTED.fullmatch(entry.filename)]


def _copy(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], limits: Limits) -> io.BytesIO:
    fresh = io.BytesIO()
    budget = _Budget(limits)
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for entry in entries:
            budget.open_part()
            # Forced to UTF-8: an encoding declared inside would let this parser and the next see different texts.
            parser = ParserCreate("utf-8")
            parser.StartElementHandler = budget.element
            parser.EndElementHandler = budget.close
            parser.StartDoctypeDeclHandler = _refuse_doctype
            with archive.open(entry) as source, target.open(entry.filename, "w") as sink:
                unpacked = 0
                while chunk := source.read(_CHUNK):
                    unpacked += len(chunk)
                    budget.unpack(len(chunk))
                    if unpacked > max(_RATIO_FROM_BYTES, limits.ratio * entry.compress_size):
                        raise Refused(TOO_BIG_INSIDE, too_large=True)
                    parser.Parse(chunk, False)
                    if unpacked - parser.CurrentByteIndex > _LONGEST_TOKEN:
                        raise Refused(DAMAGED)
                    sink.write(chunk)
            parser.Parse(b"", True)
    fresh.seek(0)
    return fresh


def _refuse_doctype(*_: object) -> None:
    raise Refused(FOREIGN_XML)


class _Budget:
    """Counts what the parts really hold against the limits, element by element."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.unpacked = self.elements = self.sheets = self.cells = self.merged = 0
        self.columns: dict[str, int] = {}
        self.open_part()

    def open_part(self) -> None:
        self.depth = self.row = self.column = self.last_row = self.last_column = self.counted = 0

    def unpack(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > self.limits.unpacked_bytes:
            raise Refused(TOO_BIG_INSIDE, too_large=True)

    def element(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Refused(DAMAGED)
        self.elements += 1 + len(attributes)
        if self.elements > self.limits.elements:
            raise Refused(TOO_MANY_CELLS, too_large=True, limit=self.limits.cells)
        tag = name.rpartition(":")[2]
        if tag == "c":
            reference = attributes.get("r")
            # The position is optional: without one a cell follows its neighbour.
            row, self.column = self._position(reference) if reference else (self.row, self.column + 1)
            self._reach(row, self.column)
        elif tag == "row":
            number = attributes.get("r", "")
            self.row, self.column = int(number) if number else self.row + 1, 0
            self._reach(self.row, 0)
        elif tag == "dimension":
            self._within(*self._position(attributes.get("ref", "A1").rpartition(":")[2]))
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif tag == "sheet":
            self.sheets += 1
            if self.sheets > self.limits.sheets:
                raise Refused(TOO_MANY_SHEETS, too_large=True, limit=self.limits.sheets)

    def close(self, _name: str) -> None:
        self.depth -= 1

    def _position(self, reference: str) -> tuple[int, int]:
        """Row and column, from 1, of a reference such as `AB12`."""
        match = _CELL.fullmatch(reference.upper())
        if match is None:
            raise Refused(DAMAGED)
        letters = match[1]
        if letters not in self.columns:
            number = 0
            for letter in letters:
                number = number * 26 + ord(letter) - ord("A") + 1
            self.columns[letters] = number
        return int(match[2]), self.columns[letters]

    def _within(self, row: int, column: int) -> None:
        if row > self.limits.rows or column > self.limits.columns:
            raise Refused(TOO_FAR, too_large=True, rows=self.limits.rows, columns=self.limits.columns)

    def _reach(self, row: int, column: int) -> None:
        """Counts the rectangle from A1 that the part uses so far: readers hold the empty cells of it as well."""
        if row <= self.last_row and column <= self.last_column:
            return
        self._within(row, column)
        self.last_row, self.last_column = max(row, self.last_row), max(column, self.last_column)
        area = self.last_row * self.last_column
        self.cells += area - self.counted
        self.counted = area
        self._afford(self.cells)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        top, left = self._position(first)
        bottom, right = self._position(last or first)
        self._within(bottom, right)
        if bottom < top or right < left:
            raise Refused(DAMAGED)
        # Excel forbids overlaps; summing the areas bounds the work of whoever spreads merged values.
        self.merged += (bottom - top + 1) * (right - left + 1)
        self._afford(self.merged)

    def _afford(self, cells: int) -> None:
        if cells > self.limits.cells:
            raise Refused(TOO_MANY_CELLS, too_large=True, limit=self.limits.cells)
