"""Numbers count a site's tickets month by month: a broken-off creation leaves no gap, and they tell of nobody else."""

from __future__ import annotations

import asyncio

import pytest

from core.tickets import numbers
from core.tickets.model import NewTicket
from tests.core.tickets.desk import Desk
from tests.support.lodge import Lodge


async def broken_off(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError):
        async with desk.work() as work:
            new = NewTicket(description="never taken in", category="lift", place="3-1802")
            await desk.tickets.create(work, desk.site, new)
            raise ZeroDivisionError


async def test_a_creation_that_is_rolled_back_takes_no_number(desk: Desk) -> None:
    first = await desk.create()
    await broken_off(desk)
    await asyncio.gather(broken_off(desk), broken_off(desk))

    assert (first.number, (await desk.create()).number) == ("GD2611-0001", "GD2611-0002")


async def test_what_others_take_in_does_not_show_in_ones_own_numbers(lodge: Lodge, desk: Desk) -> None:
    house = await lodge.house(sites=2)
    other = Desk(lodge, house, desk.clock)
    await desk.create()
    for site in house.sites:
        for _ in range(3):
            await other.create(site=site)

    assert (await desk.create()).number == "GD2611-0002"
    assert (await other.create(site=house.sites[1])).number == "GD2611-0004"


async def test_a_month_begins_anew_by_the_sites_own_date_and_its_last_digits_find_the_latest(desk: Desk) -> None:
    november = await desk.create()
    desk.clock.advance(days=30)
    december = await desk.create()

    assert (november.number, december.number) == ("GD2611-0001", "GD2612-0001")
    async with desk.work(read_only=True) as work:
        for said, found in (("1", december), (" gd2611-0001 ", november), ("0001", december)):
            assert await numbers.find(work, desk.site, said) == found.id
        for said in ("", "GD2611-0002", "%", "１"):
            assert await numbers.find(work, desk.site, said) is None


async def test_a_number_is_found_at_its_own_site_alone(lodge: Lodge) -> None:
    house = await lodge.house(sites=2)
    desk = Desk(lodge, house, lodge.platform.clock)  # type: ignore[arg-type]
    there = await desk.create(site=house.sites[1])
    async with desk.work(read_only=True) as work:
        assert await numbers.find(work, desk.site, there.number) is None
        assert await numbers.of(work, desk.site, [there.id]) == {}
        assert await numbers.of(work, house.sites[1], [there.id]) == {there.id: there.number}
