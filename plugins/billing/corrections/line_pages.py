"""What a correction comes to: as a workbook, and line by line in the console."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import ReportTable, Site, View, Work, msgid, report, sees_amounts
from plugins.billing.corrections import screens, service
from plugins.billing.corrections.model import Line
from plugins.billing.corrections.pages import money
from plugins.billing.permissions import CORRECTION_VIEW
from plugins.billing.runs.screens import REASONS


@get("/corrections/{billing_correction_id:uuid}/export", permission=CORRECTION_VIEW.id)
async def correction_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_correction_id: FromPath[UUID],
) -> Response[bytes]:
    """Lines and credits as a workbook, those lines of a search if there is one."""
    lines, owed = await service.exported(work, site, billing_correction_id, view.query.get("q", ""))
    sees, most = sees_amounts(work.ctx.permissions), service.EXPORTED
    rows: list[list[Any]] = [_row(view, line, sees) for line in lines[:most]]
    back: list[list[Any]] = [
        [each.unit, each.party, *((each.credit_fen / 100, each.prepaid_fen / 100) if sees else (None, None))]
        for each in owed[:most]
    ]
    more = [[view.say(msgid("There are more: search for a building and export it by itself."))]]
    tables = [
        _table(view, "lines", screens.HEADINGS, rows + (more if len(lines) > most else [])),
        _table(view, "credits", screens.CREDITS, back + (more if len(owed) > most else [])),
    ]
    title = f"{view.say(msgid('Correction'))}-{site.name}-{site.today(work.now):%Y%m%d}"
    return await asyncio.to_thread(report, title, tables, work.now)


@get("/correction-lines/{billing_correction_line_id:uuid}", permission=CORRECTION_VIEW.id)
async def correction_line(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_correction_line_id: FromPath[UUID],
) -> Response[str]:
    """How a charge came about before, and comes about now."""
    explained, before, after = await service.explain(work, site, billing_correction_line_id)
    return await view.html(
        "billing/correction_line.html",
        explained=explained,
        line=explained.line,
        before=before,
        after=after,
        reason=REASONS.get(explained.line.reason),
        outcome=screens.OUTCOMES[explained.line.outcome],
        money=money(work),
    )


def _row(view: View, line: Line, sees: bool) -> list[Any]:
    why = REASONS.get(line.reason)
    right = None if line.right_fen is None else line.right_fen / 100
    amounts = [line.was_fen / 100, right, line.difference_fen / 100 if right is not None else None]
    said = view.say(why[0] if why else screens.OUTCOMES[line.outcome].label)
    days = [line.first_day, line.last_day]
    shown = amounts if sees else [None, None, None]
    return [line.unit, line.party, line.item, *days, *shown, said, view.say(why[1]) if why else ""]


def _table(view: View, shown: str, headings: Iterable[str], rows: list[list[Any]]) -> ReportTable:
    return ReportTable(view.say(screens.SHOWN[shown]), [view.say(heading) for heading in headings], rows)


HANDLERS: list[HTTPRouteHandler] = [correction_export, correction_line]
