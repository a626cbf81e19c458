"""The plan of a day and the trades of technicians in the console, below /s/{site_id}/repairs."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import Malformed, Platform, Site, View, Work, local_day, msgid, views
from plugins.repairs.permissions import TRADE, VIEW
from plugins.repairs.screens import sees_tickets
from plugins.repairs.visits import service
from plugins.repairs.visits.model import PlannedVisit, Technician, TradeEntry

LEVELS = ("—", msgid("Learning"), msgid("Skilled"), msgid("Master"))


class PersonPlan(msgspec.Struct, frozen=True):
    """Somebody's visits of the day, by time."""

    name: str
    visits: tuple[PlannedVisit, ...]


class TechnicianRow(msgspec.Struct, frozen=True):
    """Somebody's trades: the level in each of the site's trades, in their order; the form that changes them."""

    technician: Technician
    levels: tuple[str, ...]
    fields: tuple[views.Field, ...]


@get("/plan", permission=VIEW.id)
async def day_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """Who is where on a day (REP-2); it prints as it is."""
    mine = work.ctx.actor.id if view.query.get("mine") == "true" else None
    plan = await service.plan(work, site, local_day(view.query.get("day", "")), mine)
    limits = await service.rules(platform, work, site)
    people = tuple(
        PersonPlan(name, tuple(visits)) for name, visits in groupby(plan.visits, key=lambda v: v.technician_name)
    )
    here = f"/s/{site.slug}/repairs/plan?{'mine=true&' if mine else ''}day="
    return await view.html(
        "repairs/plan.html",
        day=plan.day,
        people=people,
        trades={trade.key: trade.title(work.ctx.locale) for trade in limits.trades},
        grace=timedelta(minutes=limits.grace_minutes),
        choose=views.Field("day", msgid("Day"), "date", str(plan.day)),
        before=f"{here}{plan.day - timedelta(days=1)}",
        after=f"{here}{plan.day + timedelta(days=1)}",
        mine=bool(mine),
        linked=sees_tickets(work),
    )


@get("/technicians", permission=VIEW.id)
async def technician_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """Who has which trade, and how well."""
    limits = await service.rules(platform, work, site)
    may = TRADE.id in work.ctx.permissions
    choices = tuple(views.Choice(str(level), label) for level, label in enumerate(LEVELS))

    def row(person: Technician) -> TechnicianRow:
        known = {entry.trade: entry.level for entry in person.trades}
        fields = tuple(
            views.Field(f"trade.{t.key}", t.title(work.ctx.locale), "select", str(known.get(t.key, 0)), choices=choices)
            for t in limits.trades
        )
        levels = tuple(LEVELS[known.get(t.key, 0)] for t in limits.trades)
        return TechnicianRow(person, levels, fields if may else ())

    return await view.html(
        "repairs/technicians.html",
        trades=tuple(trade.title(work.ctx.locale) for trade in limits.trades),
        rows=tuple(row(person) for person in await service.technicians(work, site)),
    )


@post("/technicians/{membership_id:uuid}", permission=TRADE.id, status_code=200)
async def set_trades_on_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    membership_id: FromPath[UUID],
) -> Response[Any]:
    """Say which trades somebody has."""
    given = {
        key.removeprefix("trade."): value
        for key, value in (await view.form()).items()
        if key.startswith("trade.") and value != "0"
    }
    if any(level not in ("1", "2", "3") for level in given.values()):
        raise Malformed
    trades = [TradeEntry(trade, int(level)) for trade, level in given.items()]
    await service.learn(platform, work, site, membership_id, trades)
    return view.redirect(f"/s/{site.slug}/repairs/technicians")


HANDLERS: list[HTTPRouteHandler] = [day_page, technician_list, set_trades_on_page]
