"""Days and weeks of cash in the console, below /s/{site_id}/billing/cash/closings."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Conflict,
    Forbidden,
    Invalid,
    LodgeError,
    Malformed,
    Platform,
    Site,
    View,
    Work,
    document,
    local_day,
    msgid,
    read_form,
    report,
    views,
)
from plugins.billing.closing import forms
from plugins.billing.closing.days import screens, service
from plugins.billing.closing.days.figures import Figures, Found, OfItem
from plugins.billing.closing.days.model import ClosingKind, NewClosing
from plugins.billing.closing.pages import words
from plugins.billing.permissions import CASH_CLOSE, CASH_VIEW

_ROWS: Final = 50


@get("/cash/closings", permission=CASH_VIEW.id)
async def closing_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """Days and weeks that are closed, the latest first, and which day or week to look at."""
    after = view.query.get("after", "")
    found = await service.listed(work, site, None, after or None, _ROWS)
    here = f"/s/{site.slug}/billing/cash/closings"
    kinds = tuple(views.Choice(kind, label) for kind, label in screens.KINDS.items())
    return await view.html(
        "billing/closings.html",
        rows=[(each, screens.KINDS[each.kind]) for each in found.items],
        fields=(
            views.Field("kind", msgid("Which"), "select", "day", choices=kinds),
            views.Field("day", msgid("Day, or a day of the week"), "date", str(site.today(work.now))),
        ),
        pager_view=views.Pager(
            len(found.items), "", f"{here}?after={found.cursor}" if found.cursor else None, here if after else None
        ),
        **words(work),
    )


@get("/cash/closings/preview", permission=CASH_VIEW.id)
async def closing_preview(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """What closing a day or a week would come to, and the form that does it."""
    kind: ClosingKind = "week" if view.query.get("kind") == "week" else "day"
    return await _preview(work, site, platform, view, kind, _day(view.query.get("day", "")) or site.today(work.now))


@post("/cash/closings", permission=CASH_CLOSE.id, status_code=200)
async def closing_close(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Close a day or a week. A refusal shows it again."""
    values = await view.form()
    kind: ClosingKind = "week" if values.get("kind") == "week" else "day"
    day = _day(values.get("day", "")) or site.today(work.now)
    try:
        async with work.savepoint():
            new = read_form({"kind": kind, "day": day, "note": values.get("note", "")}, NewClosing)
            made = await service.close(platform, work, site, new)
    except (Invalid, Conflict, Forbidden) as refused:
        return await _preview(work, site, platform, view, kind, day, values, refused)
    return view.redirect(f"/s/{site.slug}/billing/cash/closings/{made.closing.id}")


@get("/cash/closings/{billing_closing_id:uuid}", permission=CASH_VIEW.id)
async def closing_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_closing_id: FromPath[UUID],
) -> Response[str]:
    """A closing as it was."""
    detail = await service.get(work, site, billing_closing_id)
    closing = detail.closing
    here = f"/s/{site.slug}/billing/cash/closings/{closing.id}"
    return await view.html(
        "billing/closing.html",
        title=screens.KINDS[closing.kind],
        first_day=closing.first_day,
        last_day=closing.last_day,
        closing=closing,
        paper=f"{here}/paper",
        export=f"{here}/export",
        missing="",
        note=None,
        refused="",
        **_sums(view, detail.figures, detail.found),
        **words(work),
    )


@get("/cash/closings/{billing_closing_id:uuid}/export", permission=CASH_VIEW.id)
async def closing_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_closing_id: FromPath[UUID],
) -> Response[bytes]:
    """A closing as a workbook."""
    detail = await service.get(work, site, billing_closing_id)
    tables = screens.tables(work, view, detail.figures, detail.found)
    name = f"{view.say(screens.KINDS[detail.closing.kind])}-{site.name}-{detail.closing.last_day:%Y%m%d}"
    return await asyncio.to_thread(report, name, tables, work.now)


@get("/cash/closings/{billing_closing_id:uuid}/paper", permission=CASH_VIEW.id, media_type="application/pdf")
async def closing_paper(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_closing_id: FromPath[UUID],
) -> Response[bytes]:
    """A closing on A4 as a PDF, with places to sign."""
    detail = await service.get(work, site, billing_closing_id)
    sheet = screens.sheet(work, site, view, detail)
    name = f"{sheet.title}-{site.name}-{detail.closing.last_day:%Y%m%d}"
    return await document(view, "billing/closing.typ", name, sheet, save=False)


async def _preview(
    work: Work,
    site: Site,
    platform: Platform,
    view: View,
    kind: ClosingKind,
    day: date,
    values: Mapping[str, str] = {},
    refused: LodgeError | None = None,
) -> Response[str]:
    shown = await service.preview(platform, work, site, kind, day)
    label = msgid("What is done about what is out of the ordinary?")
    note = forms.field(
        values, refused.fields if refused else (), "note", label, "textarea", maximum=500, required=bool(shown.found)
    )
    closes = CASH_CLOSE.id in work.ctx.permissions and not shown.missing
    missing = service.MISSING[shown.missing] if shown.missing else ""
    query = {"kind": kind, "day": str(shown.first or "")}
    first = f"/s/{site.slug}/billing/cash/closings/preview?{urlencode(query | {'kind': 'day'})}" if shown.first else ""
    return await view.html(
        "billing/closing.html",
        status=int(refused.status) if refused else 200,
        title=screens.KINDS[kind],
        first_day=shown.first_day,
        last_day=shown.last_day,
        closing=None,
        kind=kind,
        missing=view.say(missing, day=shown.first or "") if missing else "",
        first=first,
        note=note if closes else None,
        refused=view.reason(refused) if refused and not isinstance(refused, Invalid) else "",
        **_sums(view, shown.figures, shown.found),
        **words(work),
    )


def _sums(view: View, figures: Figures, found: list[Found]) -> dict[str, Any]:
    items: list[tuple[str, OfItem]] = [(screens.item_title(view, item), item) for item in figures.items]
    return {"figures": figures, "items": items, "found": [(each, screens.ODDITIES[each.kind]) for each in found]}


def _day(text: str) -> date | None:
    try:
        return local_day(text)
    except Malformed:
        return None


HANDLERS: list[HTTPRouteHandler] = [
    closing_list,
    closing_preview,
    closing_close,
    closing_page,
    closing_export,
    closing_paper,
]
