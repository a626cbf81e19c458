"""Figures in the JSON API: the dashboards' numbers, and how the site stands now."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from core.analysis.figures import Figures, Wall
from core.platform import Platform
from core.tenancy.directory import Site
from core.work import Work


@get("/figures", permission="analysis.view")
async def show_figures(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    from_day: Annotated[date | None, QueryParameter(name="from")] = None,
    to_day: Annotated[date | None, QueryParameter(name="to")] = None,
) -> Figures:
    """Compliance, answers, breaches of the tickets taken in from one day to another (both included), and the age of
    what is open now. This month and the two before unless said."""
    return await platform.dashboard.figures(work, site, from_day, to_day)


@get("/wall", permission="ticket.view")
async def show_wall(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> Wall:
    """How the site stands now, without anything personal."""
    return await platform.dashboard.wall(work, site)


HANDLERS = [show_figures, show_wall]
