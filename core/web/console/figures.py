"""The dashboards: figures against their targets, as tables, charts drawn from the tables, and a workbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from core.analysis.figures import AgeGroup, Breach, Figures, Kpi, Share
from core.analysis.periods import add_months
from core.errors import Malformed
from core.exchange.report import Table
from core.i18n import msgid
from core.platform import Platform
from core.tenancy.directory import Site
from core.tickets.lifecycle import SEVERITIES
from core.web.console import causes, listing, queue, words
from core.web.download import report
from core.web.view import View
from core.web.views import Cell, Choice, Field, FigureRow, FigureTable, Tile
from core.work import Work

_PERIODS: Final = {
    "3": msgid("This month and the two before"),
    "0": msgid("This month"),
    "1": msgid("Last month"),
    "12": msgid("Twelve months"),
}
_COMPLIANCE_HELP = msgid(
    "Compliance is met ÷ (met + missed), over the goals of tickets taken in during the period. A goal that is still "
    "running counts in neither; one that was missed stays missed, whatever happens later."
)
_SHARE_COLUMNS = (msgid("Compliance (%)"), msgid("Met"), msgid("Missed"), msgid("Still running"))
_KPIS: Final = {
    "compliance": (msgid("Goals met"), msgid("of {of} decided goals, target {target} %"), _COMPLIANCE_HELP),
    "complaint_answer": (
        msgid("Complaints answered in time"),
        msgid("of {of} complaints, target {target} %"),
        msgid("Complaints answered within {hours} hours ÷ complaints that were answered or are past that time."),
    ),
    "major_feedback": (
        msgid("Major complaints told in time"),
        msgid("of {of} major complaints, target {target} %"),
        msgid("The same of critical complaints, within {hours} hours."),
    ),
    "urgent_arrival": (
        msgid("Arrived in time when urgent"),
        msgid("of {of} urgent matters, target {target} %"),
        msgid("The arrival goals of urgent and critical tickets: met ÷ (met + missed)."),
    ),
    "repeated": (
        msgid("Repeated matters"),
        msgid("at most {target}, last month of the period"),
        msgid("Matters of one category at one place that came as often as the site's policy names."),
    ),
}


@get("/figures", permission="analysis.view")
async def figures_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The dashboards of a period."""
    period = view.query.get("period", "3")
    found = await _figures(work, site, platform, period)
    return await view.html(
        "analysis/figures.html",
        figures=found,
        period=Field(
            "period", msgid("Period"), "select", period, choices=tuple(Choice(*each) for each in _PERIODS.items())
        ),
        tiles=tuple(_tile(kpi) for kpi in found.kpis),
        tables=await _tables(work, site, platform, view, found),
    )


@get("/figures/export", permission="analysis.view")
async def figures_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[bytes]:
    """The same numbers as a workbook, a sheet a table."""
    found = await _figures(work, site, platform, view.query.get("period", "3"))
    tiles = [_tile(kpi) for kpi in found.kpis]
    sheets = [
        Table(
            view.say(msgid("Figures")),
            [view.say(msgid("Figure")), view.say(msgid("Value")), view.say(msgid("Note"))],
            [
                (view.say(tile.label), kpi.value, view.say(tile.note, **tile.params))
                for tile, kpi in zip(tiles, found.kpis, strict=True)
            ],
        )
    ]
    for table in await _tables(work, site, platform, view, found):
        rows = [(row.label, *(_number(cell.number) for cell in row.cells)) for row in table.rows]
        sheets.append(Table(view.say(table.title), ["", *(view.say(column) for column in table.columns)], rows))
    return report(f"figures-{site.slug}-{found.from_day}-{found.to_day}", sheets, work.now)


def tickets_href(site: Site, found: Figures, **wanted: str) -> str:
    """The list of the period's tickets that a number stands for."""
    period = {"status": "all", "merged": "false", "created_from": str(found.from_day), "created_to": str(found.to_day)}
    return f"/s/{site.slug}/tickets?{listing.address(listing.wanted({**period, **wanted}))}"


async def _figures(work: Work, site: Site, platform: Platform, period: str) -> Figures:
    if period not in _PERIODS:
        raise Malformed
    today = site.today(work.now)
    first = today.replace(day=1)
    days: dict[str, tuple[date, date]] = {
        "3": (add_months(first, -2), today),
        "0": (first, today),
        "1": (add_months(first, -1), date.fromordinal(first.toordinal() - 1)),
        "12": (add_months(first, -11), today),
    }
    return await platform.dashboard.figures(work, site, *days[period])


def _tile(kpi: Kpi) -> Tile:
    label, note, help = _KPIS[kpi.name]
    counted = kpi.name == "repeated"
    return Tile(
        label,
        "—" if kpi.value is None else f"{kpi.value:g}",
        "" if counted or kpi.value is None else "%",
        note,
        help,
        {"of": kpi.of, "target": kpi.target, "hours": kpi.within_hours},
        {True: "ok", False: "breach"}.get(kpi.reached, "") if kpi.reached is not None else "",  # type: ignore[arg-type]
    )


async def _tables(work: Work, site: Site, platform: Platform, view: View, found: Figures) -> tuple[FigureTable, ...]:
    titles = {c.key: queue.title(c, work.ctx.locale) for c in await platform.tickets.categories(work, site)}
    target = found.kpis[0].target
    goal = {name: view.say(label) for name, label in words.GOALS.items()}
    nobody, none = view.say(msgid("Nobody")), view.say(msgid("No team"))

    def compliance(key: str, title: str, chart: str, rows: Sequence[FigureRow]) -> FigureTable:
        return FigureTable(
            key=key,
            title=title,
            columns=_SHARE_COLUMNS,
            rows=tuple(rows),
            help=_COMPLIANCE_HELP,
            chart=chart,
            target=target,
        )

    def rows(shares: Sequence[Share], key: str, name: Callable[[Share], str]) -> list[FigureRow]:
        return [_row(name(s), s, tickets_href(site, found, **{key: s.key}) if s.key else "") for s in shares]

    goals = [_row(goal.get(s.key, s.key), s, tickets_href(site, found, breached=s.key)) for s in found.by_goal]
    kinds = rows(found.by_category, "category", lambda s: titles.get(s.key, s.key))
    teams = rows(found.by_team, "team_id", lambda s: s.name or none)
    people = [
        _row(s.name or nobody, s, tickets_href(site, found, assignee_id=s.key or "none")) for s in found.by_assignee
    ]
    months = [_row(s.key, s, tickets_href(site, _within(found, s.key))) for s in found.by_month]
    return (
        compliance("month", msgid("Compliance by month"), "line", months),
        compliance("goal", msgid("Compliance by goal"), "bar", goals),
        compliance("category", msgid("Compliance by category"), "bar", kinds),
        *(
            (compliance("team", msgid("Compliance by team"), "bar", teams),)
            if any(s.key for s in found.by_team)
            else ()
        ),
        compliance("assignee", msgid("Compliance by colleague"), "", people),
        _ages(site, site.today(work.now), view, found),
        _causes(site, view, found, await causes.titles_of(platform, work, site)),
        _breaches(site, view, found, titles, goal),
    )


def _row(label: str, share: Share, href: str) -> FigureRow:
    """A slice, leading to its tickets if there is such a list, and its missed goals to those that missed one."""
    missed = href if not href or "breached=" in href else f"{href}&breached=any"
    return FigureRow(
        label,
        (
            Cell("—" if share.percent is None else f"{share.percent:g}"),
            Cell(str(share.met)),
            Cell(str(share.breached), missed if share.breached else ""),
            Cell(str(share.open)),
        ),
        href if missed != href else "",
    )


def _within(found: Figures, month: str) -> Figures:
    """The same period as far as the month reaches."""
    first = date.fromisoformat(f"{month}-01")
    last = date.fromordinal(add_months(first, 1).toordinal() - 1)
    return msgspec.structs.replace(found, from_day=max(first, found.from_day), to_day=min(last, found.to_day))


def _aged(site: Site, today: date, group: AgeGroup, **wanted: str) -> str:
    """The list of what is open and of that age."""
    taken_in = {"created_to": str(today - timedelta(days=group.from_days))}
    if group.to_days is not None:
        taken_in["created_from"] = str(today - timedelta(days=group.to_days - 1))
    return f"/s/{site.slug}/tickets?{listing.address(listing.wanted({**taken_in, **wanted}))}"


def _ages(site: Site, today: date, view: View, found: Figures) -> FigureTable:
    rows = []
    for group in found.ages:
        label = (
            view.say(msgid("{days} days and more"), days=group.from_days)
            if group.to_days is None
            else view.say(msgid("{from_days} to {to_days} days"), from_days=group.from_days, to_days=group.to_days)
        )
        counts: list[tuple[dict[str, str], int]] = [
            ({"severity": str(severity)}, group.by_severity.get(severity, 0)) for severity in reversed(SEVERITIES)
        ]
        counts.append(({"due_within": "0"}, group.overdue))
        cells = tuple(Cell(str(n), _aged(site, today, group, **wanted) if n else "") for wanted, n in counts)
        rows.append(FigureRow(label, cells))
    return FigureTable(
        key="age",
        title=msgid("Age of what is open"),
        columns=(*(words.SEVERITIES[severity].label for severity in reversed(SEVERITIES)), msgid("of these overdue")),
        rows=tuple(rows),
        help=msgid("Open tickets now, by the day they were taken in; whatever the period."),
        chart="stack",
    )


def _causes(site: Site, view: View, found: Figures, titles: dict[str, str]) -> FigureTable:
    unsaid = view.say(msgid("Not yet said"))
    rows = [
        FigureRow(
            titles.get(c.key, c.key) or unsaid,
            (Cell(str(c.count), tickets_href(site, found, breached="any", cause=c.key or "none")),),
        )
        for c in found.causes
    ]
    return FigureTable(
        key="cause",
        title=msgid("Why goals were missed"),
        columns=(msgid("Missed"),),
        rows=tuple(rows),
        help=msgid("Missed goals by the cause that colleagues named on the ticket."),
        chart="count",
    )


def _missed_in(site: Site, found: Figures, breach: Breach) -> str:
    state = {"missed_in": breach.state} if breach.state else {}
    return tickets_href(site, found, breached=breach.goal, category=breach.category, **state)


def _breaches(site: Site, view: View, found: Figures, titles: dict[str, str], goals: dict[str, str]) -> FigureTable:
    unknown = view.say(msgid("not recorded"))
    rows = [
        FigureRow(
            f"{goals.get(b.goal, b.goal)} · {titles.get(b.category, b.category)}",
            (
                Cell(view.say(words.STATES[b.state].label) if b.state else unknown),
                Cell(str(b.count), _missed_in(site, found, b)),
            ),
        )
        for b in found.breaches[:20]
    ]
    return FigureTable(
        key="breach",
        title=msgid("Where goals were missed"),
        columns=(msgid("State when it was missed"), msgid("Missed")),
        rows=tuple(rows),
        help=msgid("Missed goals by category and by the state the ticket was in: what it was waiting for."),
    )


def _number(text: str) -> str | float | None:
    """A cell of a workbook: a number where it is one."""
    if text == "—":
        return None
    try:
        return float(text)
    except ValueError:
        return text


HANDLERS = [figures_page, figures_export]
