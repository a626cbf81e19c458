"""The figures of repairs over the JSON API and in the console: on screen, printed, as a workbook."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from core.sdk import (
    Malformed,
    Platform,
    ReportTable,
    Site,
    View,
    Work,
    amount_for,
    local_month,
    msgid,
    report,
    sees_amounts,
    views,
)
from plugins.repairs.charges.service import yuan
from plugins.repairs.figures import service
from plugins.repairs.figures.service import Figure, Figures
from plugins.repairs.kinds import ITEMS
from plugins.repairs.permissions import FIGURES
from plugins.repairs.visits.service import rules

_HEADINGS = (
    msgid("What is out of order"),
    msgid("Trade"),
    msgid("Orders"),
    msgid("Done"),
    msgid("In time (%)"),
    msgid("Done again (%)"),
    msgid("Hours until done"),
    msgid("Visits made"),
    msgid("Came as agreed (%)"),
    msgid("Charged (yuan)"),
)


class FigureRow(msgspec.Struct, frozen=True):
    """A figure in words; shares in percent, None of nothing."""

    label: str
    trade: str
    figure: Figure
    in_time: float | None
    reworked: float | None
    as_agreed: float | None
    charged: str


@get("/figures", permission=FIGURES.id)
async def get_figures(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    day: FromQuery[date | None] = None,
) -> Figures:
    """The month in which the day lies, the present one without it, by item."""
    if day is not None and not 2000 < day.year < 2100:
        raise Malformed
    return await service.month(work, site, await rules(platform, work, site), day)


@get("/figures", permission=FIGURES.id)
async def figures_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    month: FromQuery[str] = "",
) -> Response[str]:
    """A month of repairs on screen; it prints as it is."""
    found, rows, sums = await _rows(platform, work, site, view, local_month(month))
    here = f"/s/{site.slug}/repairs/figures"
    return await view.html(
        "repairs/figures.html",
        month=found.since,
        rows=rows,
        sums=sums,
        choose=views.Field("month", msgid("Month"), "month", f"{found.since:%Y-%m}"),
        before=f"{here}?month={found.since - timedelta(days=1):%Y-%m}" if found.since.year > 2000 else "",
        after=f"{here}?month={found.until:%Y-%m}" if found.until <= site.today(work.now) else "",
        export=f"{here}/export?month={found.since:%Y-%m}",
    )


@get("/figures/export", permission=FIGURES.id)
async def figures_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    month: FromQuery[str] = "",
) -> Response[bytes]:
    """The figures as a workbook; they name nobody."""
    found, rows, sums = await _rows(platform, work, site, view, local_month(month))
    title, seen = view.say(msgid("Figures of repairs")), sees_amounts(work.ctx.permissions)
    lines = [
        (
            view.say(row.label),
            row.trade,
            row.figure.orders,
            row.figure.done,
            row.in_time,
            row.reworked,
            None if row.figure.hours is None else round(row.figure.hours, 1),
            row.figure.visits,
            row.as_agreed,
            row.figure.charges_fen / 100 if seen else None,
        )
        for row in (*rows, *sums)
    ]
    table = ReportTable(title, [view.say(heading) for heading in _HEADINGS], lines)
    return await asyncio.to_thread(report, f"{title}-{site.name}-{found.since:%Y%m}", [table], work.now)


async def _rows(
    platform: Platform, work: Work, site: Site, view: View, month: date | None
) -> tuple[Figures, list[FigureRow], list[FigureRow]]:
    limits = await rules(platform, work, site)
    found = await service.month(work, site, limits, month)

    titles = {trade.key: trade.title(work.ctx.locale) for trade in limits.trades}

    def row(figure: Figure, label: str, trade: str) -> FigureRow:
        return FigureRow(
            label,
            titles.get(trade, ""),
            figure,
            _share(figure.in_time, figure.orders),
            _share(figure.reworked, figure.orders),
            _share(figure.as_agreed, figure.visits),
            amount_for(work.ctx.permissions, yuan(figure.charges_fen)),
        )

    def repaired_by(item: str) -> str:
        trade = limits.trade_for(item)
        return trade.key if trade else ""

    rows = [row(figure, ITEMS.get(figure.item, figure.item), repaired_by(figure.item)) for figure in found.items]
    return found, rows, [row(figure, msgid("Subtotal"), trade) for trade, figure in found.trades.items()]


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


API: list[HTTPRouteHandler] = [get_figures]
PAGES: list[HTTPRouteHandler] = [figures_page, figures_export]
