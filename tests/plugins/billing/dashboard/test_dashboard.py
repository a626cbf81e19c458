"""The dashboard says what its pages say, to whoever may see it, in few statements."""

from __future__ import annotations

import pytest

from core.sdk import NotFound
from plugins.billing.arrears import service as arrears
from plugins.billing.dashboard import service
from plugins.billing.ledger.entries import Adjustment, Part, Payment, Waiver
from plugins.billing.reports import service as reports
from tests.plugins.billing.disclosure.conftest import Notice
from tests.plugins.billing.disclosure.conftest import notice as notice
from tests.plugins.billing.disclosure.conftest import office as office
from tests.support.lodge import SettableClock
from tests.support.statements import recording
from tests.support.web import Web

_RUN = """
INSERT INTO billing_run (company_id, id, site_id, title, month, item_ids, figures, moved_at, created_at, created_by,
    created_by_name, computed_at, approved_at)
SELECT $1, gen_random_uuid(), $2, '', date '2026-11-01', ARRAY[gen_random_uuid()], '[]', now(), now(), $3, '', now(),
    CASE WHEN $4 THEN now() END
"""
_LINE = """
INSERT INTO billing_bank_line (company_id, id, site_id, account, serial, booked_on, amount_fen, at, by_name)
VALUES ($1, gen_random_uuid(), $2, '', $3, date '2026-11-20', 100, now(), '')
"""


async def test_its_figures_are_those_of_the_report_and_of_arrears(notice: Notice, clock: SettableClock) -> None:
    first = await notice.charge(10_000, paid=4_000)
    clock.advance(days=10)  # 3 December
    second = await notice.charge(7_000, "parking", paid=7_000)
    await notice.office.post(Waiver(notice.unit_id, (Part(first.charge_id, 500),)))
    await notice.office.post(Adjustment(notice.unit_id, first.charge_id, -300))
    pays = Payment(notice.unit_id, notice.party_id, "qr", 1_200, (Part(first.charge_id, 1_200),))
    undone = await notice.office.post(pays)
    await notice.office.reverse(undone.id)
    lodge = notice.office.lodge
    async with lodge.work(notice.office.house, "manager", read_only=True) as work:
        today = notice.site.today(work.now)
        board = await service.dashboard(lodge.platform, work, notice.site)
        report = (await reports.report(work, notice.site, today.replace(day=1), today)).total
        ageing = await arrears.ageing(lodge.platform, work, notice.site)

    assert board.charged_fen == report.charged_fen + report.adjusted_fen - report.waived_fen == 6_200
    assert board.received_fen == report.received_fen == 7_000
    assert board.open == ageing.total
    assert board.open.open_fen == report.closing_fen == 5_200
    assert [(each.day.day, each.received_fen) for each in board.days if each.received_fen] == [(3, 7_000)]
    assert len(board.days) == service.DAYS and board.days[-1].day == today
    means = [(each.means, each.in_fen, each.out_fen) for each in board.means]
    assert means == [("cash", 7_000, 0), ("qr", 1_200, 1_200)]
    assert {each.item: (each.charged_fen, each.collected_fen) for each in board.rates} == {
        "物业费": (9_200, 4_000),
        "车位费": (7_000, 7_000),
    }
    assert second.amount_fen == 7_000


async def test_what_waits_is_what_the_reader_may_settle(notice: Notice) -> None:
    lodge, house = notice.office.lodge, notice.office.house
    manager, finance = (house.staff[role].membership_id for role in ("manager", "finance"))
    await notice.charge(10_000, paid=1_000)
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(_RUN, house.company_id, notice.site.id, finance, False)
        await uow.execute(_RUN, house.company_id, notice.site.id, manager, False)
        await uow.execute(_RUN, house.company_id, notice.site.id, manager, True)
        await uow.execute(_RUN, house.company_id, house.sites[1].id, finance, False)
        for site, serial in ((notice.site, "1"), (notice.site, "2"), (house.sites[1], "3")):
            await uow.execute(_LINE, house.company_id, site.id, serial)

    async def waiting(role: str) -> dict[str, int]:
        async with lodge.work(house, role, read_only=True) as work:
            board = await service.dashboard(lodge.platform, work, notice.site)
            return {each.kind: each.count for each in board.waiting}

    nothing = {"standing_out": 0, "corrections": 0, "approvals": 0, "days": 0}
    assert await waiting("manager") == {"runs_approve": 1, "runs_issue": 1, "bank": 2, **nothing}
    of_finance = await waiting("finance")
    assert of_finance["runs_issue"] == 1 and of_finance["bank"] == 2
    assert "runs_approve" not in of_finance and "corrections" not in of_finance


async def test_a_day_with_money_waits_to_be_closed_once_it_is_over(notice: Notice, clock: SettableClock) -> None:
    await notice.charge(10_000, paid=1_000)
    clock.advance(days=1)
    lodge = notice.office.lodge
    async with lodge.work(notice.office.house, "finance", read_only=True) as work:
        board = await service.dashboard(lodge.platform, work, notice.site)
    assert {each.kind: each.count for each in board.waiting}["days"] == 1


async def test_it_is_a_page_of_six_statements_that_leads_on(notice: Notice, web: Web) -> None:
    console = await web.console(notice.office.house, "manager")
    here = f"{notice.console}/dashboard"
    empty = (await console.get(here)).text
    assert "Nothing waits for you" in empty and "Nothing is charged for this year" in empty
    assert "No money came or went today" in empty and "Nothing is open" in empty
    await notice.charge(12_345, paid=345)
    async with recording(notice.office.lodge.platform.db) as sent:
        page = (await console.get(here)).text
    assert len(sent) <= 6
    assert "123.45" in page and "120.00" in page and "3.45" in page
    for place in ("reports?since=2026-11-01", "arrears", "ledger?since=2026-11-23", "cash", "reports/sites"):
        assert f"{notice.console}/{place}" in page, place
    api = await web.api(notice.office.house, "finance")
    board = (await api.get(f"/api/v1/sites/{notice.site.slug}/billing/dashboard")).json()
    assert (board["charged_fen"], board["received_fen"], board["open"]["open_fen"]) == (12_345, 345, 12_000)
    for role in ("cashier", "clerk", "technician"):
        assert (await (await web.console(notice.office.house, role)).get(here)).status_code == 403


async def test_it_is_of_one_site_alone(notice: Notice) -> None:
    await notice.charge(12_345)
    lodge, house = notice.office.lodge, notice.office.house
    stranger = await lodge.house(sites=1, plugins=["billing"])
    async with lodge.work(house, "manager", read_only=True) as work:
        other = await service.dashboard(lodge.platform, work, house.sites[1])
        assert (other.charged_fen, other.open.open_fen, other.means) == (0, 0, [])
        with pytest.raises(NotFound):
            await service.dashboard(lodge.platform, work, stranger.sites[0])
