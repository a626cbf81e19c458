"""The rules of shared costs (BIL-1, MO-6): a cost is settled over all units at once, so that the parts are the whole;
runs bill the shares. Callers commit."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from uuid import UUID

import asyncpg
import msgspec

from core.sdk import Conflict, Invalid, NotFound, Site, Work, msgid
from plugins.billing.access import enter
from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.meter import Tier, meter
from plugins.billing.amounts.number import exact
from plugins.billing.amounts.rounding import TO_THE_FEN
from plugins.billing.amounts.share import Share, SharePart, Weight, parts
from plugins.billing.amounts.spans import Days, month_end, months_after
from plugins.billing.meters import repository as meters
from plugins.billing.meters import service as readings
from plugins.billing.sharing import repository
from plugins.billing.sharing.model import Cost, CostDetail, CostPage, NewCost
from plugins.billing.sharing.repository import Unit
from plugins.billing.tariffs.scope import Lines

EXPORTED = 20_000  # shares of a workbook


async def page(work: Work, site: Site, cursor: UUID | None = None, limit: int = 50) -> CostPage:
    """The costs of the site, the latest month first."""
    enter(work, site)
    found = await repository.page(work.uow, site.id, cursor, limit + 1)
    return CostPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


async def detail(work: Work, site: Site, cost_id: UUID, cursor: UUID | None = None, limit: int = 50) -> CostDetail:
    """A cost with what each unit has of it. Raises NotFound, also for one of another site."""
    cost = await _known(work, site, cost_id)
    found = await repository.shares(work.uow, site.id, cost_id, cursor, limit + 1)
    return CostDetail(cost, found[:limit], found[limit - 1].unit_id if len(found) > limit else None)


async def add(work: Work, site: Site, new: NewCost) -> Cost:
    """Settle a month's cost over its units. Raises Invalid naming the field, and what is missing of whom."""
    enter(work, site)
    new = msgspec.structs.replace(new, building=new.building.strip(), bill=new.bill.strip())
    today = site.today(work.now)
    if new.month.day != 1 or not months_after(today, -120) <= new.month <= today:
        raise Invalid.field("month", "Give the first day of a month that has begun.")
    await work.uow.wait_for_turn(f"billing cost {new.item_id}")
    item = await meters.charging(work.uow, site.id, new.item_id, new.month)
    if item is None or item.basis != "shared":
        raise Invalid.field("item_id", "Choose an item whose cost households share.")
    if new.building in item.costs or (item.costs and "" in (*item.costs, new.building)):
        raise Invalid.field("month", "A cost of this month is entered for these units already.")
    total, used = await _total(work, site, new)
    shared = await _over(work, site, new, Lines(item.lines), total)
    by = work.ctx.actor.id, work.ctx.actor.name
    try:
        id, weights = await repository.add(work.uow, site.id, new, used, shared, work.now, by)
    except asyncpg.ForeignKeyViolationError:
        raise NotFound from None  # a meter of another site
    changes = {"month": f"{new.month:%Y-%m}", "total_fen": total, "method": new.method, "units": len(shared)}
    work.audit("billing.cost.added", "billing_cost", id, changes, site_id=site.id)
    what = new.item_id, item.title, new.month, new.building, new.method, total, new.bill, new.meter_id, used, new.price
    return Cost(id, *what, len(shared), weights, work.now, by[1], False)


async def remove(work: Work, site: Site, cost_id: UUID) -> None:
    """Take a cost away that was entered wrongly, before it is billed. Raises NotFound, Conflict."""
    # a run that computes its lines has this turn
    await work.uow.wait_for_turn(f"billing run {site.id}")
    cost = await _known(work, site, cost_id)
    if cost.billed:
        raise Conflict(msgid("Lines of a run charge this cost: discard the run first."))
    await repository.remove(work.uow, site.id, cost_id)
    changes = {"month": f"{cost.month:%Y-%m}", "total_fen": cost.total_fen}
    work.audit("billing.cost.removed", "billing_cost", cost_id, changes, site_id=site.id)


def spread(total: int, method: str, units: Sequence[Unit]) -> dict[UUID, SharePart]:
    """What each unit has of a total. Raises Invalid for units without what the method asks for."""
    if not units:
        raise Invalid.field("item_id", "The item is charged nowhere at the end of this month: say where first.")
    lacking = [unit.label for unit in units if method != "equal" and unit.value is None]
    if lacking:
        raise Invalid.field(
            "method", "Units without it: {n}, such as {unit}. Enter it first.", n=len(lacking), unit=lacking[0]
        )
    weights = [Weight(str(unit.id), Fraction(1 if method == "equal" else unit.value)) for unit in units]
    try:
        return {UUID(id): of for id, of in parts(Share(total, tuple(weights))).items()}
    except AmountError:
        raise Invalid.field("method", "Nobody has a share in it: all weights are 0.") from None


async def _over(work: Work, site: Site, new: NewCost, lines: Lines, total: int) -> dict[UUID, SharePart]:
    day = month_end(new.month)
    within = Days(day, day)
    units = [
        unit
        for unit in await repository.units(work.uow, site.id, new.method, day)
        if new.building in ("", unit.building) and lines.days(unit.id, unit.building, within)
    ]
    return spread(total, new.method, units)


async def _total(work: Work, site: Site, new: NewCost) -> tuple[int, str | None]:
    """The cost in fen, and what the meter counted where there is one."""
    if (new.total_fen is None) == (new.meter_id is None):
        raise Invalid.field("total_fen", "Give either the amount of the bill or a meter.")
    if new.meter_id is None:
        assert new.total_fen is not None  # one of the two
        return new.total_fen, None
    if new.price is None:
        raise Invalid.field("price", "Give what each unit of the meter costs.")
    state = await readings.state(work, site, new.meter_id, new.month)
    if state.meter.item_id != new.item_id or state.meter.unit_id is not None:
        raise Invalid.field("meter_id", "This meter is not of what is shared here.")
    stretch = state.dial.stretch(Days(new.month, month_end(new.month)))
    try:
        if stretch is None:
            raise AmountError("missing_reading")
        found = meter(state.dial.meter(stretch, (Tier(None, exact(new.price)),), TO_THE_FEN))
    except AmountError:
        raise Invalid.field("meter_id", "The meter's readings of this month are missing or not plausible.") from None
    if not found.amount_fen:
        raise Invalid.field("meter_id", "The meter has counted nothing in this month.")
    return found.amount_fen, found.used


async def _known(work: Work, site: Site, cost_id: UUID) -> Cost:
    enter(work, site)
    cost = await repository.get(work.uow, site.id, cost_id)
    if cost is None:
        raise NotFound
    return cost
