"""Entries of the audit log to take along, as a workbook or as CSV; taking them along is on record itself."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import BinaryIO, Final, Literal, Protocol, Self
from zoneinfo import ZoneInfo

import msgspec
from litestar.response import Stream

from core.audit import log
from core.audit.log import MOST_EXPORTED, AuditEntry, AuditFilter
from core.errors import Invalid
from core.exchange.cells import safe_cell
from core.exchange.sheet import MEDIA_TYPE, Cell, Heading, Sheet
from core.i18n import msgid
from core.web.console.audit_words import Reader
from core.web.download import saving
from core.web.view import View

Format = Literal["xlsx", "csv"]
_MEDIA: Final[dict[Format, str]] = {"xlsx": MEDIA_TYPE, "csv": "text/csv"}
_HEADINGS: Final = (
    (msgid("When"), 17),
    (msgid("Who"), 14),
    (msgid("Site"), 18),
    (msgid("Action"), 28),
    (msgid("Subject"), 24),
    (msgid("Detail"), 60),
    (msgid("Action code"), 24),
    (msgid("Entry number"), 38),
)
_PIECE = 1 << 16  # bytes


class _Book(Protocol):
    """Where rows go. Its methods block."""

    rows: int

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def add(self, rows: Sequence[Sequence[Cell]]) -> None: ...


class _Csv:
    """Comma-separated values that spreadsheets read: UTF-8 with a mark, no text that is a formula (IN-6)."""

    def __init__(self, file: BinaryIO, title: str, headings: Sequence[Heading]) -> None:
        self._text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
        self._writer = csv.writer(self._text)
        self._writer.writerow([heading.label for heading in headings])
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._text.detach()

    def add(self, rows: Sequence[Sequence[Cell]]) -> None:
        for row in rows:
            self.rows += 1
            self._writer.writerow([_plain(cell) for cell in row])


def _plain(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    return safe_cell("" if cell is None else str(cell))


async def answer(view: View, reader: Reader, wanted: AuditFilter, format: Format) -> Stream:
    """The file as an attachment. Raises Invalid for more than `MOST_EXPORTED` entries."""
    state, zone = view.state, ZoneInfo(view.page.timezone)
    title = view.say(msgid("Audit log"))
    headings = [Heading(view.say(label), width) for label, width in _HEADINGS]

    def cells(entry: AuditEntry) -> list[Cell]:
        changes = "; ".join(f"{changed.label}: {changed.text}" for changed in reader.changes(entry))
        at = entry.at.astimezone(zone).replace(tzinfo=None)
        who, what = reader.who(entry), reader.action(entry)
        return [at, who, reader.site(entry), what, reader.subject(entry), changes, entry.action, str(entry.id)]

    file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed once it has been sent
    try:
        book: _Book = (_Csv if format == "csv" else Sheet)(file, title, headings)
        with book:
            async for entries in log.stream(state.work, wanted):
                if book.rows + len(entries) > MOST_EXPORTED:
                    most = {"most": MOST_EXPORTED}
                    raise Invalid("These are more than {most} entries. Narrow the filter first.", params=most)
                await asyncio.to_thread(book.add, [cells(entry) for entry in entries])
        told = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value and name != "limit"}
        state.work.audit("audit.exported", "audit", "", {"rows": book.rows, "kind": format, **told})
        length = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    name = f"{title}-{state.work.now.astimezone(zone):%Y%m%d}.{format}"
    headers = {**saving(name), "Content-Length": str(length)}
    return Stream(_pieces(file), media_type=_MEDIA[format], headers=headers, status_code=200)


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
