"""Rent contracts as a workbook."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from uuid import UUID

from litestar import Response

from core.sdk import ReportTable, Site, View, Work, msgid, report, sees_amounts
from plugins.billing.rents import service
from plugins.billing.rents.model import EXPORTED, PER, SHOWN, ListedRent, Show
from plugins.billing.rents.screens import rise_in_words, short

_HEADINGS: Final = (
    msgid("Unit of the roll"),
    msgid("Tenant"),
    msgid("Contract number"),
    msgid("Fee item"),
    msgid("From"),
    msgid("Until"),
    msgid("Agreed until"),
    msgid("Price for"),
    msgid("Price at first (yuan)"),
    msgid("Price today (yuan)"),
    msgid("Rise"),
    msgid("Next rise"),
    msgid("Note"),
)


async def exported(work: Work, site: Site, view: View, show: Show, text: str, item_id: UUID | None) -> Response[bytes]:
    """The contracts of a list, in the reader's language."""
    found = await service.exported(work, site, show, text, item_id)
    sees = sees_amounts(work.ctx.permissions)
    rows: list[list[Any]] = [_row(view, each, sees) for each in found[:EXPORTED]]
    if len(found) > EXPORTED:
        rows.append([view.say(msgid("There are more: search for a building and export it by itself."))])
    table = ReportTable(view.say(SHOWN[show]), [view.say(heading) for heading in _HEADINGS], rows)
    title = f"{view.say(msgid('Rent contracts'))}-{site.name}-{site.today(work.now):%Y%m%d}"
    return await asyncio.to_thread(report, title, [table], work.now)


def _row(view: View, each: ListedRent, sees: bool) -> list[Any]:
    rent = each.rent
    said = rise_in_words(rent.rise)
    return [
        rent.unit,
        rent.party,
        rent.number,
        rent.item,
        rent.first_day,
        rent.until,
        rent.last_day,
        view.say(PER[rent.per]),
        float(rent.price) if sees else None,
        float(short(each.today)) if sees and each.today is not None else None,
        view.say(said.message, **said.params) if sees and said else None,
        each.rises_on,
        rent.note,
    ]
