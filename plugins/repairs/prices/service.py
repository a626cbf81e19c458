"""The rules of the price list (REP-3): revisions are added, for today or a day to come. Callers commit."""

from __future__ import annotations

from datetime import date

from core.sdk import Conflict, Invalid, NotFound, Site, Work
from plugins.repairs.prices import repository
from plugins.repairs.prices.model import NewPrices, Price


async def in_force(work: Work, site: Site, day: date | None = None) -> list[Price]:
    """The list as it holds on a day of the site, today without one."""
    _enter(work, site)
    return await repository.in_force(work.uow, site.id, day or site.today(work.now))


async def coming(work: Work, site: Site) -> list[Price]:
    """What will change."""
    _enter(work, site)
    return await repository.coming(work.uow, site.id, site.today(work.now))


async def history(work: Work, site: Site, code: str) -> list[Price]:
    """A code's revisions, the latest first. Raises NotFound."""
    _enter(work, site)
    found = await repository.history(work.uow, site.id, code)
    if not found:
        raise NotFound
    return found


async def put(work: Work, site: Site, new: NewPrices) -> list[str]:
    """Append the prices that change something; their codes. Raises Invalid for a day that is past, Conflict for a code
    that has another price from that very day on."""
    _enter(work, site)
    if new.valid_from < site.today(work.now):
        raise Invalid.field(
            "valid_from", "Prices hold from today on at the earliest: orders keep what they were charged."
        )
    codes = [price.code for price in new.prices]
    if len(set(codes)) < len(codes):
        raise Invalid.field("code", "Use each code once.")
    if any(not price.name.strip() for price in new.prices):
        raise Invalid.field("name", "Give it a name.")
    if any(not price.unit.strip() for price in new.prices):
        raise Invalid.field("unit", "Say in what it is measured.")
    added = await repository.add(work.uow, site.id, new, work.now, work.ctx.actor.name)
    if len(added) < len(codes):
        unchanged = set(codes) - set(added)
        fixed = await repository.fixed(work.uow, site.id, new.valid_from, sorted(unchanged))
        held = {price.code: price for price in new.prices}
        for code in fixed:
            price = await repository.one(work.uow, site.id, code, new.valid_from)
            if price is not None and price.price_fen != held[code].price_fen:
                raise Conflict(
                    "{code} has a price from that day on already: let the new one begin later.", params={"code": code}
                )
    if added:
        work.audit(
            "repairs.prices.set", "site", site.id, {"codes": len(added), "from": str(new.valid_from)}, site_id=site.id
        )
        work.announce("desk", site.id)
    return added


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound
