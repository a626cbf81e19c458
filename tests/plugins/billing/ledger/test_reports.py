"""Reports of what was charged and received: they add up, and agree with the ledger (MO-1)."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from core.sdk import LodgeError
from plugins.billing.ledger.entries import Adjustment, Allocation, Entry, Part, Payment, Refund, Waiver
from tests.plugins.billing.ledger.conftest import Office
from tests.support.lodge import SettableClock
from tests.support.statements import recording
from tests.support.web import Web

OPEN = """
SELECT coalesce(sum(amount_fen), 0)::bigint FROM billing_posting WHERE company_id = $1 AND account = 'receivable'
"""
FIELDS = ("opening_fen", "charged_fen", "adjusted_fen", "waived_fen", "received_fen", "closing_fen")


async def test_a_year_s_report_is_what_was_worked_out_by_hand(office: Office, web: Web, clock: SettableClock) -> None:
    """A charge of November is paid in part, waived in part, corrected; one of December is paid and that is undone."""
    unit_id, party_id = await office.unit("302"), await office.party()
    november, december = (office.charge(unit_id, party_id, fen) for fen in (10_000, 6_000))
    cars = office.charge(unit_id, party_id, 15_000, "parking")
    await office.issue(november)
    await office.post(Payment(unit_id, party_id, "cash", 4_000, (Part(november.charge_id, 4_000),)))
    clock.advance(days=10)  # 3 December
    await office.issue(december, cars)
    await office.post(Waiver(unit_id, (Part(november.charge_id, 500),)))
    await office.post(Adjustment(unit_id, november.charge_id, -1_000))
    paid = await office.post(Payment(unit_id, party_id, "qr", 6_000, (Part(december.charge_id, 6_000),)))
    await office.reverse(paid.id)
    await office.post(Payment(unit_id, party_id, "transfer", 20_000))
    await office.post(Allocation(unit_id, party_id, (Part(cars.charge_id, 15_000),)))
    await office.post(Refund(unit_id, party_id, "cash", 5_000))
    api = await web.api(office.house, "finance")
    here = f"{office.api.removesuffix('/ledger')}/reports"

    await api.get(here)  # who that is and what they may is known from now on
    async with recording(office.lodge.platform.db) as sent:
        year = (await api.get(here)).json()
    decembers = (await api.get(f"{here}?since=2026-12-01&until=2026-12-31")).json()

    assert len(sent) <= 6
    assert (year["since"], year["until"]) == ("2026-01-01", "2026-12-03")
    assert lines(year["items"]) == {
        "物业费": [0, 16_000, -1_000, 500, 4_000, 10_500],
        "车位费": [0, 15_000, 0, 0, 15_000, 0],
    }
    assert lines(year["months"]) == {
        "2026-11": [0, 10_000, 0, 0, 4_000, 6_000],
        "2026-12": [6_000, 21_000, -1_000, 500, 15_000, 10_500],
    }
    assert lines(year["buildings"]) == {"1": [0, 31_000, -1_000, 500, 19_000, 10_500]}
    assert lines([year["total"]]) == {"": [0, 31_000, -1_000, 500, 19_000, 10_500]}
    assert lines([decembers["total"]]) == {"": [6_000, 21_000, -1_000, 500, 15_000, 10_500]}
    assert [(each["means"], each["in_fen"], each["out_fen"]) for each in year["taken"]] == [
        ("cash", 4_000, 5_000),
        ("qr", 6_000, 6_000),
        ("transfer", 20_000, 0),
    ]


@pytest.mark.parametrize("seed", range(3))
async def test_every_division_comes_to_what_the_ledger_has_open(
    office: Office, web: Web, clock: SettableClock, seed: int
) -> None:
    chance = random.Random(seed)
    units = [(await office.unit(), await office.party()) for _ in range(3)]
    charges = []
    for _ in range(30):
        unit_id, party_id = chance.choice(units)
        match chance.randrange(4):
            case 0 | 1:
                charge = office.charge(unit_id, party_id, chance.randrange(1, 9_999), chance.choice(list(office.items)))
                await office.issue(charge)
                charges.append(charge)
            case _ if charges:
                charge = chance.choice(charges)
                part = Part(charge.charge_id, chance.randrange(1, 9_999))
                entry: Entry = chance.choice([
                    Payment(charge.unit_id, charge.party_id, "cash", part.amount_fen, (part,)),
                    Waiver(charge.unit_id, (part,)),
                    Adjustment(charge.unit_id, charge.charge_id, chance.randrange(1, 500)),
                ])  # fmt: skip
                try:
                    posted = await office.post(entry)
                    if chance.random() < 0.3:
                        await office.reverse(posted.id)
                except LodgeError:
                    pass  # more than is open: nothing was posted
        clock.advance(days=chance.randrange(9))
    [(open_fen,)] = await office.rows(OPEN)

    today = office.site.today(clock())
    answer = await (await web.api(office.house, "manager")).get(
        f"{office.api.removesuffix('/ledger')}/reports", params={"since": "2026-12-01", "until": str(today)}
    )
    report = answer.json()

    assert report["total"]["closing_fen"] == open_fen
    for division in ("items", "buildings"):
        assert [sum(row[field] for row in report[division]) for field in FIELDS] == [report["total"][f] for f in FIELDS]
    assert report["months"][-1]["closing_fen"] == open_fen
    for before, after in zip(report["months"], report["months"][1:], strict=False):
        assert before["closing_fen"] == after["opening_fen"]


async def test_days_that_are_none_are_refused_and_the_page_says_so(office: Office, web: Web) -> None:
    api, console = await web.api(office.house, "finance"), await web.console(office.house, "finance")
    console.cookies["locale"] = "zh-CN"
    here = "/reports?since=2026-12-01&until=2026-11-01"

    refused = await api.get(f"{office.api.removesuffix('/ledger')}{here}")
    page = await console.get(f"{office.console.removesuffix('/ledger')}{here}")
    endless = await api.get(f"{office.api.removesuffix('/ledger')}/reports?since=2001-01-01&until=2026-11-01")

    assert refused.status_code == page.status_code == endless.status_code == 422
    assert "截止日期早于起始日期。" in page.text


async def test_the_report_is_a_page_and_a_workbook(office: Office, web: Web) -> None:
    unit_id, party_id = await office.unit("302"), await office.party()
    charge = office.charge(unit_id, party_id, 12_345)
    console = await web.console(office.house, "finance")
    console.cookies["locale"] = "zh-CN"
    here = f"{office.console.removesuffix('/ledger')}/reports"
    empty = await console.get(here)
    await office.issue(charge)
    await office.post(Payment(unit_id, party_id, "cash", 345, (Part(charge.charge_id, 345),)))

    page, book = await console.get(here), await console.get(f"{here}/export")
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(book.content))
    items: list[list[Any]] = sheets.get_sheet_by_index(0).to_python()

    assert "这段时间没有应收和实收" in empty.text
    assert "123.45" in page.text and "120.00" in page.text and "2026-11" in page.text
    assert items[1] == ["物业费", 0, 123.45, 0, 0, 3.45, 120]
    assert items[2][0] == "合计"
    assert (await (await web.console(office.house, "technician")).get(here)).status_code == 403


def lines(rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    return {row["name"]: [row[field] for field in FIELDS] for row in rows}
