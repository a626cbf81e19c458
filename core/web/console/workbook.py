"""Tickets as a workbook for whoever asked: headings and words in their language, sent from disk in pieces."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from typing import BinaryIO, Final

from litestar.response import Stream

from core.exchange.sheet import MEDIA_TYPE, Heading
from core.i18n import msgid
from core.platform import Platform
from core.tenancy.directory import Site
from core.tickets import export
from core.tickets.export import ExportColumn, NewExport
from core.web.console.words import CHANNELS, SEVERITIES, STATES
from core.web.download import saving
from core.web.view import View
from core.work import Work

LABELS: Final[dict[ExportColumn, str]] = {
    "number": msgid("Ticket number"),
    "type": msgid("Kind"),
    "category": msgid("Category"),
    "severity": msgid("Severity"),
    "state": msgid("State"),
    "place": msgid("Place"),
    "matter": msgid("Matter"),
    "reporter": msgid("Reported by"),
    "phone": msgid("Telephone"),
    "channel": msgid("Channel"),
    "owner": msgid("First asked"),
    "team": msgid("Team"),
    "assignee": msgid("Handled by"),
    "tags": msgid("Tags"),
    "due": msgid("Due"),
    "created": msgid("Taken in"),
    "updated": msgid("Last changed"),
}
_WIDTHS: Final[dict[ExportColumn, int]] = {"matter": 60, "place": 20, "due": 17, "created": 17, "updated": 17}
_PIECE = 1 << 16  # bytes


async def answer(platform: Platform, work: Work, site: Site, view: View, new: NewExport) -> Stream:
    """The workbook as an attachment. Raises what `core.tickets.export.write` does."""
    titles = {c.key: c.title_en if work.ctx.locale == "en" else c.title_zh for c in
              await platform.tickets.categories(work, site)}  # fmt: skip
    words = {
        "type": {code: view.say(label) for code, label in platform.tickets.types.titles().items()},
        "category": titles,
        "severity": {code: view.say(word.label) for code, word in SEVERITIES.items()},
        "state": {code: view.say(word.label) for code, word in STATES.items()},
        "channel": {code: view.say(label) for code, label in CHANNELS.items()},
    }
    headings = [Heading(view.say(LABELS[column]), _WIDTHS.get(column, 14)) for column in new.shown]
    file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed once it has been sent
    try:
        await export.write(
            work,
            site,
            new,
            file,
            view.say(msgid("Tickets")),
            headings,
            lambda column, code: words[column].get(code, code),
        )
        length = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    name = f"{view.say(msgid('Tickets'))}-{site.name}-{site.today(work.now):%Y%m%d}.xlsx"
    headers = {**saving(name), "Content-Length": str(length)}
    return Stream(_pieces(file), media_type=MEDIA_TYPE, headers=headers, status_code=200)


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
