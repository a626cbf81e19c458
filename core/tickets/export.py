"""What a list shows as a workbook: read in portions, written to disk, on record with how many rows left the house."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, BinaryIO, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from core.errors import Forbidden, Invalid
from core.estate.masking import mask_phone
from core.exchange.sheet import Cell, Heading, Sheet
from core.tenancy.directory import Site
from core.tickets.filters import Column
from core.tickets.queue import ORDERS, Query, Wanted
from core.work import Work

MOST = 50_000  # rows of a workbook
REVEAL = "estate.contact.reveal"
_PORTION = 500
_AT_ONCE = asyncio.Semaphore(2)  # each holds a connection for seconds

ExportColumn = Column | Literal["phone"]
EXPORT_COLUMNS: Final[tuple[ExportColumn, ...]] = (
    "number", "type", "category", "severity", "state", "place", "matter", "reporter", "phone", "channel", "owner",
    "team", "assignee", "tags", "due", "created", "updated",
)  # fmt: skip


class NewExport(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is wanted as a workbook. `full_phones` takes a reason and the permission to see a number in full (PI-2)."""

    wanted: Wanted = Wanted()
    columns: Annotated[tuple[ExportColumn, ...], msgspec.Meta(min_length=1, max_length=30)] = EXPORT_COLUMNS
    full_phones: bool = False
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""

    @property
    def shown(self) -> tuple[ExportColumn, ...]:
        """The columns, each once."""
        return tuple(dict.fromkeys(self.columns))


class Row(msgspec.Struct, frozen=True):
    """A ticket as it is exported."""

    number: str
    type: str
    category: str
    severity: str
    status: str
    place: str
    description: str
    reporter_name: str
    reporter_phone: str
    channel: str
    owner_name: str
    team_name: str
    assignee_name: str
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    tags: str


Words = Callable[[str, str], str]
"""The word for a code of a column, such as `("severity", "urgent")`."""
_FIELDS: Final[dict[ExportColumn, str]] = {
    "state": "status",
    "matter": "description",
    "reporter": "reporter_name",
    "phone": "reporter_phone",
    "owner": "owner_name",
    "team": "team_name",
    "assignee": "assignee_name",
    "due": "due_at",
    "created": "created_at",
    "updated": "updated_at",
}
_CODED: Final = frozenset({"type", "category", "severity", "state", "channel"})
_TAGS = """(SELECT string_agg(g.name, '、' ORDER BY g.name) FROM ticket_tag g
    WHERE g.company_id = $1 AND g.ticket_id = ticket.id)"""
_COLUMNS = ", ".join([*(name for name in Row.__struct_fields__ if name != "tags"), _TAGS])


async def write(
    work: Work, site: Site, new: NewExport, file: BinaryIO, title: str, headings: Sequence[Heading], words: Words
) -> int:
    """Write the tickets to `file`, one row each; how many. `headings` are those of `new.shown`.

    Raises Forbidden or Invalid for full telephone numbers without permission or reason, Invalid for too many rows.
    """
    _check_phones(work, new)
    query = Query(work, site, new.wanted)
    if text := (new.wanted.text or "").strip():
        query.find(text, None, None)
    statement = query.select(_COLUMNS, ORDERS[new.wanted.sort], MOST + 1)
    cells = _cells(site, new, words)
    async with _AT_ONCE:
        with Sheet(file, title, headings) as sheet:
            connection = await work.uow.open()
            cursor = await connection.cursor(statement, *query.arguments)
            while records := await cursor.fetch(_PORTION):
                if sheet.rows + len(records) > MOST:
                    raise Invalid("These are more than {most} tickets. Narrow the list first.", params={"most": MOST})
                await asyncio.to_thread(sheet.add, [cells(Row(*record)) for record in records])
    work.audit(
        "ticket.exported",
        "site",
        site.id,
        {
            "rows": sheet.rows,
            "columns": new.shown,
            "full_phones": new.full_phones,
            "reason": new.reason.strip(),
        },
        site_id=site.id,
    )
    return sheet.rows


def _check_phones(work: Work, new: NewExport) -> None:
    if not new.full_phones:
        return
    if REVEAL not in work.ctx.permissions:
        raise Forbidden("You may not see full telephone numbers. Leave them masked.")
    if len(new.reason.strip()) < 2:
        raise Invalid.field("reason", "Say what you need the full numbers for.")


def _cells(site: Site, new: NewExport, words: Words) -> Callable[[Row], list[Cell]]:
    """How a row is written: codes as words, instants as the site's wall time, telephone numbers masked."""
    zone = ZoneInfo(site.timezone)

    def cell(row: Row, column: ExportColumn) -> Cell:
        value: str | datetime | None = getattr(row, _FIELDS.get(column, column))
        if isinstance(value, datetime):
            return value.astimezone(zone).replace(tzinfo=None)
        if value and column in _CODED:
            return words(column, value)
        if value and column == "phone" and not new.full_phones:
            return mask_phone(value)
        return value

    return lambda row: [cell(row, column) for column in new.shown]
