"""Runs charge contracts, and corrections follow them when they end early or are replaced (BIL-1, BIL-2, BIL-7)."""

from __future__ import annotations

from datetime import date

import httpx

from plugins.billing.runs.work import compute_step
from tests.plugins.billing.rents.conftest import FIVE_PERCENT, Letting
from tests.support.statements import recording

NOVEMBER = date(2026, 11, 1)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


async def test_a_run_charges_contracts_to_their_tenants_beside_other_items(
    letting: Letting, finance: httpx.AsyncClient
) -> None:
    """A rent rises in the middle of the month; another shop changes hands in it."""
    rent, fee = await letting.rent_item(), await letting.item("fee", "2")
    shop, corner, empty = [await letting.unit(room) for room in ("S1", "S2", "S3")]
    old, new = await letting.tenant(corner, "周敏"), await letting.tenant(corner, "吴迪")
    rises = await letting.let(
        rent, shop, await letting.tenant(shop, "李强"), date(2025, 11, 16), YEAR[1], number="HT-1", rise=FIVE_PERCENT
    )
    await letting.let(rent, corner, old, YEAR[0], date(2026, 11, 10), number="HT-2", per="built", price="20")
    await letting.let(rent, corner, new, date(2026, 11, 16), YEAR[1], number="HT-3", price="3000")
    assert empty is not None
    run = await letting.issued(rent, fee)
    lines = [each for each in await letting.charged() if each[1] not in ("业主S1", "业主S2", "业主S3")]
    assert lines == [
        ("S1", "李强", NOVEMBER, date(2026, 11, 30), 102_500),  # 15 days of 1000, 15 of 1050
        ("S2", "周敏", NOVEMBER, date(2026, 11, 10), 66_667),  # 100 m² of 20 yuan on ten days
        ("S2", "吴迪", date(2026, 11, 16), date(2026, 11, 30), 150_000),
    ]
    figures = {each.title: (each.charges, each.skips, each.total_fen) for each in run.items}
    assert figures == {"rent": (3, 0, 319_167), "fee": (3, 0, 60_000)}

    found = (await finance.get(f"{letting.api}/rents/{rises.id}")).json()
    (line,) = found["billed"]
    assert (line["amount_fen"], line["issued"], line["beyond"]) == (102_500, True, False)
    explained = (await finance.get(f"{letting.api}/lines/{line['id']}")).json()
    assert explained["replayed"] is True
    assert explained["steps"][:2] == [
        "by contract from 2025-11-16: 1000 a month",
        "by contract from 2026-11-16: 1050 a month",
    ]
    again = await letting.computed(rent)
    assert again.charges == 0


async def test_contracts_are_read_once_a_step_and_only_for_rents(letting: Letting) -> None:
    rent, fee = await letting.rent_item(), await letting.item("fee", "2")
    for number in range(6):
        unit = await letting.unit(f"S{number}")
        await letting.let(rent, unit, await letting.tenant(unit, f"租户{number}"), *YEAR, number=f"HT-{number}")

    async def asked(*items: object) -> list[int]:
        run = await letting.run(*items)  # type: ignore[arg-type]
        async with letting.system() as work, recording(letting.lodge.platform.db) as sent:
            await compute_step(letting.lodge.platform, work, run.id, 100)
        return [sum(table in each.sql for each in sent) for table in ("billing_rent", "INSERT INTO billing_charge")]

    assert (await asked(fee), await asked(rent)) == ([0, 1], [1, 1])


async def test_a_contract_that_ended_early_gives_back_what_was_billed_beyond(
    letting: Letting, finance: httpx.AsyncClient
) -> None:
    """BIL-7"""
    item, unit = await letting.rent_item(), await letting.unit("S1")
    rent = await letting.let(item, unit, await letting.tenant(unit, "李强"), *YEAR)
    await letting.issued(item)
    await letting.ended(rent, date(2026, 11, 15))
    found = (await finance.get(f"{letting.api}/rents/{rent.id}")).json()
    assert [line["beyond"] for line in found["billed"]] == [True]

    correction = await letting.corrected(NOVEMBER)
    assert (correction.lines, correction.credit_fen) == (1, 50_000)
    assert await letting.charged() == [("S1", "李强", NOVEMBER, date(2026, 11, 30), 50_000)]
    found = (await finance.get(f"{letting.api}/rents/{rent.id}")).json()
    assert [(line["beyond"], line["amount_fen"]) for line in found["billed"]] == [(False, 50_000)]
    again = await letting.look(NOVEMBER)
    assert (again.status, again.looked > 0, again.lines) == ("preview", True, 0)


async def test_days_of_a_contract_that_ended_are_charged_to_whoever_comes_next(letting: Letting) -> None:
    """BIL-7: whether the next contract was entered before the correction or after it."""
    item = await letting.rent_item()
    shops = [await letting.unit(room) for room in ("S1", "S2")]
    rents = [
        await letting.let(item, unit, await letting.tenant(unit, f"旧{number}"), *YEAR, number=f"HT-{number}")
        for number, unit in enumerate(shops)
    ]
    await letting.issued(item)
    for rent in rents:
        await letting.ended(rent, date(2026, 11, 15))
    follows = date(2026, 11, 16), date(2027, 11, 15)
    await letting.let(item, shops[0], await letting.tenant(shops[0], "新0"), *follows, number="N-0", price="2000")
    await letting.corrected(NOVEMBER)
    await letting.let(item, shops[1], await letting.tenant(shops[1], "新1"), *follows, number="N-1", price="2000")
    await letting.issued(item)
    days = NOVEMBER, date(2026, 11, 30)
    assert await letting.charged() == [
        ("S1", "旧0", *days, 50_000),
        ("S1", "新0", date(2026, 11, 16), days[1], 100_000),
        ("S2", "旧1", *days, 50_000),
        ("S2", "新1", date(2026, 11, 16), days[1], 100_000),
    ]
    again = await letting.look(NOVEMBER)
    assert (again.status, again.looked > 0, again.lines) == ("preview", True, 0)


async def test_a_contract_that_never_was_is_paid_back_altogether(letting: Letting) -> None:
    """BIL-7"""
    item, unit = await letting.rent_item(), await letting.unit("S1")
    rent = await letting.let(item, unit, await letting.tenant(unit, "李强"), *YEAR)
    await letting.issued(item)
    await letting.ended(rent, date(2025, 12, 31))
    assert (await letting.corrected(NOVEMBER)).credit_fen == 100_000
    assert await letting.charged() == [("S1", "李强", NOVEMBER, date(2026, 11, 30), 0)]


async def test_an_end_that_is_taken_back_is_charged_again_once(letting: Letting) -> None:
    item, unit = await letting.rent_item(), await letting.unit("S1")
    rent = await letting.let(item, unit, await letting.tenant(unit, "李强"), *YEAR)
    await letting.issued(item)
    ended = await letting.ended(rent, date(2026, 11, 15))
    await letting.corrected(NOVEMBER)
    await letting.ended(ended, YEAR[1])
    await letting.issued(item)
    charged = await letting.charged()
    assert sum(each[4] for each in charged) == 100_000
    again = await letting.look(NOVEMBER)
    assert (again.status, again.looked > 0, again.lines) == ("preview", True, 0)
