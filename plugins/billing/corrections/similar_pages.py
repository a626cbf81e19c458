"""Quantities that look like a wrong one, in the console: a list to go through, and as a workbook (BIL-7)."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import ReportTable, Site, View, Work, msgid, report, views
from plugins.billing.corrections import screens
from plugins.billing.corrections.similar import EXPORTED, SimilarPage, similar
from plugins.billing.permissions import CORRECTION_VIEW
from plugins.billing.tariffs.model import MEASURED, Measured

_ROWS: Final = 100


@get("/quantities/units/{unit_id:uuid}/similar", permission=CORRECTION_VIEW.id)
async def similar_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[str]:
    """Units to look at where one was wrong, with the reason."""
    basis, wrong, cursor = _basis(view), view.query.get("wrong", "").strip(), view.query.get("after") or None
    found = await similar(work, site, unit_id, basis, wrong, cursor, _ROWS)
    here = f"/s/{site.slug}/billing/quantities/units/{unit_id}/similar"
    kept = {"basis": basis, "wrong": wrong}
    more = f"{here}?{urlencode({**kept, 'after': found.cursor})}" if found.cursor else None
    return await view.html(
        "billing/similar.html",
        found=found,
        basis=MEASURED[basis],
        fields=(
            views.Field(
                "basis", msgid("Basis"), "select", basis, choices=tuple(views.Choice(c, w) for c, w in MEASURED.items())
            ),
            views.Field("wrong", msgid("What was wrong"), value=wrong, maximum=12),
        ),
        why=screens.WHY,
        pager_view=views.Pager(len(found.items), "", more, f"{here}?{urlencode(kept)}" if cursor else None),
        export=f"{here}/export?{urlencode(kept)}",
    )


@get("/quantities/units/{unit_id:uuid}/similar/export", permission=CORRECTION_VIEW.id)
async def similar_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[bytes]:
    """The same as a workbook."""
    wrong = view.query.get("wrong", "").strip()
    found = await similar(work, site, unit_id, _basis(view), wrong, None, EXPORTED)
    title = view.say(msgid("Similar units to check"))
    table = ReportTable(title, [view.say(heading) for heading in screens.SIMILAR], _rows(view, found))
    return await asyncio.to_thread(report, f"{title}-{found.unit}-{site.name}", [table], work.now)


def _basis(view: View) -> Measured:
    asked = view.query.get("basis", "")
    return next((basis for basis in MEASURED if basis == asked), "built")


def _rows(view: View, found: SimilarPage) -> list[list[Any]]:
    return [
        [
            each.unit,
            float(each.value) if each.value is not None else None,
            float(each.area_m2) if each.area_m2 is not None else None,
            view.listed(view.say(screens.WHY[why]) for why in each.why),
        ]
        for each in found.items
    ]


HANDLERS: list[HTTPRouteHandler] = [similar_page, similar_export]
