"""Runs of what meters counted: from reading to reading, by tiers, each day once, and explained (BIL-1, BIL-2)."""

from __future__ import annotations

from datetime import date

from core.sdk import new_id
from plugins.billing.amounts.meter import Meter
from plugins.billing.line import replay
from plugins.billing.runs import service
from plugins.billing.runs.lines import kept_line
from tests.plugins.billing.meters.conftest import STEPPED, Desk, Meters

OCTOBER, DECEMBER = date(2026, 10, 1), date(2026, 12, 1)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


async def test_a_unit_owes_what_its_meter_counted_by_tiers_and_the_line_tells_how(desk: Desk, meters: Meters) -> None:
    water = await meters.item(tiers=STEPPED)
    unit = await desk.unit("101")
    await meters.meter(water, unit, ("10-25", "1000"), ("11-20", "1300"))

    run = await desk.computed(water)

    assert await meters.lines() == [("101", day("10-26"), day("11-20"), 106320)]  # 180 × 2.9 + 80 × 3.85 + 40 × 5.83
    assert (run.charges, run.total_fen) == (1, 106320)
    [(id, definition, facts, due_on)] = await desk.rows(
        "SELECT id, definition, facts, due_on FROM billing_charge WHERE company_id = $1"
    )
    assert due_on == day("11-29")  # 9 days after it was read
    assert isinstance(replay(kept_line(definition, facts)[1]), Meter)
    async with desk.work() as work:
        explained, *_ = await service.explain(work, desk.site, id)
    assert explained.replayed
    assert explained.steps == ["used: 300", "180 × 2.9", "80 × 3.85", "40 × 5.83", "amount: 1,063.20"]


async def test_without_a_reading_or_with_one_that_cannot_be_a_unit_is_left_out_with_why(
    desk: Desk, meters: Meters
) -> None:
    """What is missing is not nought."""
    water = await meters.item()
    without, unread, broken, gone = [await desk.unit(room) for room in ("101", "102", "103", "104")]
    await meters.meter(water, unread, ("10-25", "1000"))
    wrong = await meters.meter(water, broken, ("10-25", "1000"), ("11-20", "1010"), digits=5)
    await meters.meter(water, gone, removed_on=day("10-31"))
    await desk.write(
        "INSERT INTO billing_reading (company_id, id, site_id, meter_id, day, number, kind, value, at, by_name) "
        "VALUES ($1, $2, $3, $4, '2026-11-20', 2, 'reading', 900, now(), '')",
        new_id(),
        desk.site.id,
        wrong,
    )
    assert without is not None

    run = await desk.computed(water)

    assert run.charges == 0
    assert await meters.skips() == [("101", "missing_reading"), ("102", "missing_reading"), ("103", "implausible")]


async def test_each_day_is_billed_once_whatever_is_read_or_withdrawn_later(desk: Desk, meters: Meters) -> None:
    water = await meters.item()
    meter = await meters.meter(water, await desk.unit("101"), ("09-25", "0"), ("11-20", "4"))
    assert (await desk.computed(water, month=OCTOBER)).charges == 0  # nobody read it in October
    await desk.computed(water)
    assert await meters.lines() == [("101", day("09-26"), day("11-20"), 1200)]

    await meters.read(meter, "10-25", "3")
    assert (await desk.computed(water, month=OCTOBER)).charges == 0
    assert (await desk.computed(water)).charges == 0
    assert len(await meters.lines()) == 1


async def test_a_reading_that_is_withdrawn_after_its_bill_does_not_bill_its_days_again(
    desk: Desk, meters: Meters
) -> None:
    water = await meters.item()
    meter = await meters.meter(water, await desk.unit("101"), ("09-25", "0"), ("10-25", "3"), ("11-20", "4"))
    await desk.computed(water, month=OCTOBER)
    await meters.read(meter, "10-25", None, kind="withdrawn")  # type: ignore[arg-type]

    await desk.computed(water)

    assert await meters.lines() == [("101", day("09-26"), day("10-25"), 900)]
    assert await meters.skips() == [("101", "missing_reading")]  # the reading at the end of what is billed is gone


async def test_the_seller_pays_up_to_the_reading_of_the_handover_and_the_buyer_from_there(
    desk: Desk, meters: Meters
) -> None:
    water = await meters.item()
    unit = await desk.unit("101")
    await desk.write("UPDATE occupancy SET ends_on = '2026-11-09' WHERE company_id = $1 AND unit_id = $2", unit)
    buyer = new_id()
    await desk.write(
        "INSERT INTO party (company_id, id, site_id, kind, name) VALUES ($1, $2, $3, 'person', '买方')",
        buyer,
        desk.site.id,
    )
    await desk.write(
        "INSERT INTO occupancy (company_id, id, site_id, unit_id, party_id, role, starts_on) "
        "VALUES ($1, $2, $3, $4, $2, 'owner', '2026-11-10')",
        buyer,
        desk.site.id,
        unit,
    )
    meter = await meters.meter(water, unit, ("10-25", "0"), ("11-20", "15"))
    assert (await desk.computed(water)).charges == 0
    assert await meters.skips() == [("101", "missing_reading")]

    await meters.read(meter, "11-09", "4")
    assert (await desk.computed(water)).charges == 2

    assert await meters.lines() == [
        ("101", day("10-26"), day("11-09"), 1200),
        ("101", day("11-10"), day("11-20"), 3500),  # 10 × 3 + 1 × 5
    ]


async def test_what_is_exempt_on_the_day_of_the_reading_is_not_charged(desk: Desk, meters: Meters) -> None:
    water = await meters.item()
    unit = await desk.unit("101")
    await meters.meter(water, unit, ("10-25", "0"), ("11-20", "4"))
    await desk.write(
        "INSERT INTO billing_assignment (company_id, id, site_id, item_id, unit_id, since, charged) "
        "VALUES ($1, $2, $3, $4, $5, '2026-11-01', false)",
        new_id(),
        desk.site.id,
        water,
        unit,
    )
    run = await desk.computed(water)
    assert (run.charges, run.items[0].skips) == (0, 0)


async def test_the_month_before_stands_beside_a_month_of_readings(desk: Desk, meters: Meters) -> None:
    """What is compared are bills of one month and of the one before, by the day of their readings."""
    water = await meters.item()
    await meters.meter(water, await desk.unit("101"), ("09-25", "0"), ("10-25", "10"), ("11-20", "12"))
    await desk.computed(water, month=OCTOBER)
    run = await desk.computed(water)
    (item,) = run.items
    assert (item.total_fen, item.last_fen, item.last_units, item.differing) == (600, 3000, 1, 1)


async def test_a_price_counts_for_readings_whose_days_begin_with_it(desk: Desk, meters: Meters) -> None:
    water = await meters.item(tiers=[(None, "3")])
    await meters.tiers(water, [(None, "4")], number=2, since=day("10-26"))
    await meters.meter(water, await desk.unit("101"), ("09-25", "0"), ("10-25", "10"), ("11-20", "20"))
    await desk.computed(water, month=OCTOBER)
    await desk.computed(water)
    assert [line[3] for line in await meters.lines()] == [3000, 4000]
