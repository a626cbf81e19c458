"""Corrections from a wrong fact to the ledger (BIL-7): every overcharge is found, agreed to, given back once."""

from __future__ import annotations

from datetime import date

import pytest

from core.sdk import Conflict, Invalid, NotFound, new_id
from plugins.billing.corrections import service
from plugins.billing.corrections.model import NewCorrection
from plugins.billing.ledger import service as ledger
from plugins.billing.ledger.entries import Part, Waiver
from tests.plugins.billing.corrections.conftest import MARCH, Office, figures, short

MONTHS = [date(2026, month, 1) for month in range(1, 12)]
START = date(2020, 1, 1)
GRANTED = """
INSERT INTO billing_discount (company_id, id, site_id, item_id, unit_id, kind, since, until, factor, reason,
    asked_by_name, at, by_name)
VALUES ($1, $2, $3, $4, $5, 'vacancy', $6, $7, $8::text::numeric, '', '', now(), '')
"""
ENDED = "UPDATE billing_discount SET until = $3 WHERE company_id = $1 AND unit_id = $2"


async def test_an_area_of_120_that_is_100_from_march_gives_back_50_yuan_a_month(office: Office) -> None:
    """BIL-7, by hand: 20 m² × 2.50 yuan = 50.00 yuan, March to November: 450.00 yuan."""
    fee = await office.item("fee", "2.50")
    unit, other = await office.unit("302", "120"), await office.unit("303", "120")
    for month in MONTHS:
        await office.issued(fee, month=month)
    await office.area_from(unit, MARCH, "100")

    found = await office.look(unit_id=unit)

    assert figures(found) == ("preview", 9, 0, 45_000, 0)
    assert (found.looked, found.unit, found.item) == (9, "1幢302", "")
    assert [short(line) for line in await office.lines(found)] == [(30_000, 25_000, -5_000)] * 9
    assert [line.first_day for line in await office.lines(found)] == MONTHS[2:]
    done = await office.approved(found)
    while await office.settle(done):
        pass
    charged = await office.charged()
    assert [row[4] for row in charged if row[0] == "302"] == [30_000, 30_000] + [25_000] * 9
    assert [row[4] for row in charged if row[0] == "303"] == [30_000] * 11
    posted = await office.seen(done)
    assert (posted.status, posted.settled, posted.passed) == ("posted", 9, 0)
    entries = await office.rows(
        "SELECT kind, note, posted_on, count(*) FROM billing_entry WHERE company_id = $1 AND kind = 'adjustment' "
        "GROUP BY 1, 2, 3"
    )
    assert entries == [("adjustment", "面积误录", date(2026, 11, 23), 9)]
    assert other  # nobody else's bills were looked at: 9 charges


async def test_correcting_twice_adds_nothing_and_a_further_change_adds_only_itself(office: Office) -> None:
    """BIL-7, MO-2"""
    fee = await office.item("fee", "2.50")
    unit = await office.unit("302", "120")
    await office.issued(fee)
    await office.area_from(unit, MARCH, "100")
    await office.corrected()
    assert figures(await office.look()) == ("preview", 0, 0, 0, 0)

    await office.area_from(unit, MARCH, "90")
    again = await office.look()
    assert [short(line) for line in await office.lines(again)] == [(25_000, 22_500, -2_500)]
    done = await office.approved(again)
    while await office.settle(done):
        pass
    assert (await office.charged())[0][4] == 22_500

    await office.area_from(unit, MARCH, "120")  # it was right all the time
    assert [short(line) for line in await office.lines(await office.look())] == [(22_500, 30_000, 7_500)]


async def test_what_was_paid_too_much_is_prepaid_and_what_was_not_paid_is_owed_no_more(office: Office) -> None:
    """BIL-7: the list of those who have something to get back the same day."""
    fee = await office.item("fee", "2.50")
    paid, open_ = await office.unit("302", "120"), await office.unit("303", "120")
    await office.issued(fee)
    [charge] = [each for each in await office.open_charges() if each.unit_id == paid]
    await office.pay(charge)
    for unit in (paid, open_):
        await office.area_from(unit, MARCH, "100")

    done = await office.corrected()

    async with office.work("cashier") as work:
        owed = (await service.credits(office.lodge.platform, work, office.site, done.id, cursor=None, limit=10)).items
    assert [(each.unit, each.party, each.credit_fen, each.prepaid_fen) for each in owed] == [
        ("1幢302", "业主302", 5_000, 5_000)
    ]
    assert [(each.unit_id, each.amount_fen) for each in await office.open_charges()] == [(paid, 0), (open_, 25_000)]


async def test_a_price_that_is_set_anew_for_the_same_day_touches_all_bills_of_the_item(office: Office) -> None:
    fee, bins = await office.item("fee", "2.50"), await office.item("bins", "8", "fixed")
    for room in ("101", "102"):
        await office.unit(room, "100")
    await office.issued(fee, bins)
    await office.price(fee, "2.60", number=2)

    found = await office.look(item_id=fee)

    assert (found.item, found.looked, figures(found)) == ("fee", 2, ("preview", 2, 0, 0, 2_000))
    assert figures(await office.look(item_id=bins)) == ("preview", 0, 0, 0, 0)


async def test_what_was_granted_after_the_bill_is_given_back_and_what_is_taken_away_is_owed(office: Office) -> None:
    """By hand: 300.00 × 0.7 = 210.00 for the unit that stood empty; the other's discount of 10 % ends on the 15th:
    300.00 × (0.9 × 15 + 15) / 30 = 285.00 instead of 270.00."""
    fee = await office.item("fee", "2.50")
    empty, other = await office.unit("302", "120"), await office.unit("303", "120")
    first = MONTHS[-1]
    await office.write(GRANTED, new_id(), office.site.id, fee, other, first, None, "0.9")
    await office.issued(fee)
    await office.write(GRANTED, new_id(), office.site.id, fee, empty, first, None, "0.7")
    await office.write(ENDED, other, first.replace(day=15))

    found = await office.look(item_id=fee)

    lines = sorted(short(line) for line in await office.lines(found))
    assert lines == [(27_000, 28_500, 1_500), (30_000, 21_000, -9_000)]
    done = await office.approved(found)
    while await office.settle(done):
        pass
    assert [row[4] for row in await office.charged()] == [21_000, 28_500]
    assert figures(await office.look(item_id=fee)) == ("preview", 0, 0, 0, 0)


async def test_days_that_somebody_else_owes_leave_the_bill_and_the_next_run_charges_them(office: Office) -> None:
    """BIL-7, BIL-2: 15 and 15 of November's 30 days at 200.00 yuan."""
    fee = await office.item("fee", "2")
    unit = await office.unit("302", "100")
    await office.issued(fee)
    await office.sold(unit, date(2026, 11, 16), "新业主")

    done = await office.corrected()

    first, half, last = date(2026, 11, 1), date(2026, 11, 16), date(2026, 11, 30)
    assert await office.charged() == [("302", "业主302", first, last, 10_000)]
    run = await office.issued(fee)
    assert (run.charges, run.total_fen) == (1, 10_000)
    expected = [("302", "业主302", first, last, 10_000), ("302", "新业主", half, last, 10_000)]
    assert await office.charged() == expected
    assert figures(await office.look()) == ("preview", 0, 0, 0, 0)
    assert (await office.computed(fee)).charges == 0
    async with office.work() as work:
        [line] = (await service.lines(work, office.site, done.id, unit="302", cursor=None, limit=9)).items
        explained, *_ = await service.explain(work, office.site, line.id)
    assert [(days.first_day, days.last_day) for days in explained.freed] == [(half, last)]


async def test_days_change_hands_to_and_fro_and_are_never_charged_twice(office: Office) -> None:
    """BIL-2, BIL-7"""
    fee = await office.item("fee", "2")
    unit = await office.unit("302", "100")
    await office.issued(fee)
    half = date(2026, 11, 16)
    buyers = {"乙": await office.sold(unit, half, "乙"), "丙": await office.sold(unit, date(2027, 1, 1), "丙")}
    for name in ("乙", "丙", "乙", "丙"):
        await office.write(
            "UPDATE occupancy SET party_id = $3, ends_on = NULL WHERE company_id = $1 AND unit_id = $2 "
            "AND starts_on = '2026-11-16'",
            unit,
            buyers[name],
        )
        await office.corrected()
        await office.issued(fee)
        charged = await office.charged()
        assert sum(row[4] for row in charged) == 20_000
        assert {row[1]: row[4] for row in charged if row[4]} == {"业主302": 10_000, name: 10_000}


async def test_a_unit_that_is_exempt_from_a_day_on_owes_nothing_from_then_on(office: Office) -> None:
    fee = await office.item("fee", "2")
    unit = await office.unit("302", "100")
    await office.issued(fee)
    await office.write(
        "INSERT INTO billing_assignment (company_id, id, site_id, item_id, unit_id, since, charged) "
        "VALUES ($1, $2, $3, $4, $5, '2026-11-16', false)",
        new_id(), office.site.id, fee, unit,
    )  # fmt: skip
    assert [short(line) for line in await office.lines(await office.corrected())] == [(20_000, 10_000, -10_000)]

    await office.write("DELETE FROM billing_assignment WHERE company_id = $1 AND unit_id = $2", unit)

    assert [short(line) for line in await office.lines(await office.corrected())] == [(10_000, 20_000, 10_000)]
    assert (await office.computed(fee)).charges == 0


async def test_what_lacks_a_fact_is_named_and_left_as_it_is(office: Office) -> None:
    """Missing is not nought."""
    fee = await office.item("fee", "2")
    unit, right = await office.unit("302", "100"), await office.unit("303", "100")
    await office.issued(fee)
    await office.write("DELETE FROM billing_quantity WHERE company_id = $1 AND unit_id = $2", unit)

    found = await office.look()
    assert figures(found) == ("preview", 1, 1, 0, 0)
    [line] = await office.lines(found)
    assert (line.reason, line.right_fen) == ("missing_quantity", None)
    with pytest.raises(Conflict):
        await office.approved(found)

    await office.area_from(right, MARCH, "90")
    done = await office.corrected()
    assert (done.lines, done.unknown, done.settled, done.status) == (2, 1, 1, "posted")
    assert [row[4] for row in await office.charged()] == [20_000, 18_000]


async def test_what_was_waived_stays_waived(office: Office) -> None:
    """Billed 300.00, waived 50.00, right 250.00: 200.00 are owed."""
    fee = await office.item("fee", "2.50")
    unit = await office.unit("302", "120")
    await office.issued(fee)
    [charge] = await office.open_charges()
    await office.enter(Waiver(unit, (Part(charge.charge_id, 5_000),)))
    assert figures(await office.look()) == ("preview", 0, 0, 0, 0)
    await office.area_from(unit, MARCH, "100")

    assert [short(line) for line in await office.lines(await office.corrected())] == [(25_000, 20_000, -5_000)]

    await office.area_from(unit, MARCH, "10")  # less than what was waived is nothing
    assert [short(line) for line in await office.lines(await office.corrected())] == [(20_000, 0, -20_000)]
    assert figures(await office.look()) == ("preview", 0, 0, 0, 0)


async def test_what_was_undone_or_is_not_issued_yet_is_not_looked_at(office: Office) -> None:
    fee = await office.item("fee", "2.50")
    unit = await office.unit("302", "120")
    await office.issued(fee, month=MONTHS[9])
    await office.computed(fee)
    [charge] = await office.open_charges()
    rows = await office.rows("SELECT id FROM billing_entry WHERE company_id = $1 AND kind = 'charge'")
    async with office.work("manager") as work:
        await ledger.reverse(work, office.site, rows[0][0], "录入错误")
    await office.area_from(unit, MARCH, "100")

    assert (await office.look()).looked == 0
    assert charge.amount_fen == 30_000


async def test_only_days_items_and_units_of_the_site_are_asked_about(office: Office) -> None:
    fee = await office.item("fee", "2.50")
    unit = await office.unit("302", "120")
    wrong = [
        NewCorrection(" ", MARCH),
        NewCorrection("面积误录", date(2026, 11, 24)),
        NewCorrection("面积误录", date(1900, 1, 1)),
        NewCorrection("面积误录", MARCH, unit_id=fee),
        NewCorrection("面积误录", MARCH, item_id=unit),
    ]
    for new in wrong:
        with pytest.raises(Invalid):
            async with office.work() as work:
                await service.create(work, office.site, new)
    for new in (NewCorrection("面积误录", MARCH, fee), NewCorrection("面积误录", MARCH, None, unit)):
        with pytest.raises(Invalid):
            async with office.work() as work:
                await service.create(work, office.house.sites[1], new)
    found = await office.look()
    with pytest.raises(NotFound):
        async with office.work() as work:
            await service.get(work, office.house.sites[1], found.id)


async def test_the_next_run_compares_with_what_the_bill_comes_to_by_now(office: Office) -> None:
    """BIL-2, BIL-7"""
    fee = await office.item("fee", "2.50")
    unit = await office.unit("302", "200")
    await office.issued(fee, month=MONTHS[9])
    await office.area_from(unit, START, "100")
    await office.corrected()

    run = await office.computed(fee)

    [item] = run.items
    assert (item.total_fen, item.last_fen, item.differing) == (25_000, 25_000, 0)
