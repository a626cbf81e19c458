"""Income and expenses are disclosed as the ledger has them, and stay as they were published (BIL-8)."""

from __future__ import annotations

import asyncio
import random
from datetime import date
from itertools import pairwise
from typing import Any

import httpx
import pytest

from core.sdk import Conflict, Invalid, LodgeError, NotFound, PreconditionFailed, new_id
from plugins.billing.disclosure import service
from plugins.billing.disclosure.model import Line, NewExpense, days_of, period
from plugins.billing.ledger.entries import Adjustment, Deposit, Entry, Part, Payment, Waiver
from tests.plugins.billing.disclosure.conftest import NOVEMBER, OCTOBER, Notice
from tests.support.lodge import SettableClock
from tests.support.statements import recording
from tests.support.web import Web

DECEMBER = date(2026, 12, 1)
_LEDGER = """
SELECT coalesce(sum(amount_fen) FILTER (WHERE account = 'income'), 0)::bigint,
    coalesce(sum(amount_fen) FILTER (WHERE account = 'receivable'), 0)::bigint
FROM billing_posting WHERE company_id = $1
"""
_SPENT = "SELECT coalesce(sum(amount_fen), 0)::bigint FROM billing_expense WHERE company_id = $1"


@pytest.mark.parametrize(
    ("kind", "day", "first", "last", "called"),
    [
        ("month", date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29), "2028-02"),
        ("quarter", date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31), "2026 Q4"),
        ("quarter", date(2026, 1, 1), date(2026, 1, 1), date(2026, 3, 31), "2026 Q1"),
        ("year", date(2026, 7, 1), date(2026, 1, 1), date(2026, 12, 31), "2026"),
    ],
)
def test_a_day_is_in_one_month_quarter_and_year(kind: Any, day: date, first: date, last: date, called: str) -> None:
    assert days_of(kind, day) == (first, last)
    assert period(kind, first) == called


async def test_a_month_is_what_was_worked_out_by_hand(notice: Notice, clock: SettableClock) -> None:
    """November: charged 100.00 and 150.00, 40.00 waived and corrected, 60.00 and 150.00 received; 30.00 spent."""
    fee = await notice.charge(10_000, paid=6_000)
    await notice.charge(15_000, "parking", paid=15_000)
    await notice.office.post(Waiver(notice.unit_id, (Part(fee.charge_id, 1_000),)))
    await notice.office.post(Adjustment(notice.unit_id, fee.charge_id, -3_000))
    await notice.office.post(Payment(notice.unit_id, notice.party_id, "qr", 777))  # prepaid: no income yet
    await notice.office.post(Deposit(notice.unit_id, notice.party_id, "cash", 500, notice.office.items["parking"]))
    await notice.spend(3_000)
    await notice.spend(900, "staff", OCTOBER)
    clock.advance(days=10)  # 3 December
    await notice.charge(5_000, paid=5_000)

    november, december = await notice.draft(), await notice.draft(day=DECEMBER)

    assert november.lines == [
        Line("income", "service", "物业费", 6_000, 6_000, 0),
        Line("income", "service", "车位费", 15_000, 15_000, 0),
        Line("expense", "cleaning", "", 0, 0, 3_000),
    ]
    assert november.sums == service.Sums(-900, 21_000, 21_000, 3_000, 17_100)
    assert december.sums == service.Sums(17_100, 5_000, 5_000, 0, 22_100)
    assert (november.over, december.over, november.edition) == (True, False, 1)
    quarter = await notice.draft("quarter")
    assert quarter.sums == service.Sums(0, 26_000, 26_000, 3_900, 22_100)


@pytest.mark.parametrize("seed", range(4))
async def test_each_month_begins_with_what_the_one_before_left_and_all_come_to_the_ledger(
    notice: Notice, clock: SettableClock, seed: int
) -> None:
    """Whatever is posted, undone and taken back in whatever order (MO-1)."""
    chance, charges, spent = random.Random(seed), [], []
    for _ in range(24):
        match chance.randrange(5):
            case 0 | 1:
                charges.append(await notice.charge(chance.randrange(1, 9_999), chance.choice(["property", "parking"])))
            case 2 if charges:
                charge = chance.choice(charges)
                part = Part(charge.charge_id, chance.randrange(1, 9_999))
                entry: Entry = chance.choice([
                    Payment(charge.unit_id, charge.party_id, "cash", part.amount_fen, (part,)),
                    Waiver(charge.unit_id, (part,)),
                    Adjustment(charge.unit_id, charge.charge_id, chance.randrange(1, 500)),
                ])  # fmt: skip
                try:
                    posted = await notice.office.post(entry)
                    if chance.random() < 0.4:
                        clock.advance(days=chance.randrange(20))
                        await notice.office.reverse(posted.id)
                except LodgeError:
                    pass  # more than is open: nothing was posted
            case 3:
                month = notice.site.today(clock()).replace(day=1)
                spent.append(await notice.spend(chance.randrange(1, 9_999), chance.choice(["staff", "other"]), month))
            case 4 if spent:
                async with notice.office.lodge.work(notice.office.house, "finance") as work:
                    await service.reverse(work, notice.site, spent.pop(), "录入错误")
        clock.advance(days=chance.randrange(9))
    [(income, receivable)] = await notice.office.rows(_LEDGER)
    [(all_spent,)] = await notice.office.rows(_SPENT)

    months, day, today = [], NOVEMBER, notice.site.today(clock())
    while day <= today:
        months.append((await notice.draft(day=day)).sums)
        day = days_of("month", day)[1].replace(day=28)
        day = days_of("month", date.fromordinal(day.toordinal() + 4))[0]

    assert all(a.closing_fen == b.opening_fen for a, b in pairwise(months))
    assert months[0].opening_fen == 0
    assert sum(m.charged_fen for m in months) - sum(m.received_fen for m in months) == receivable
    assert sum(m.charged_fen for m in months) == -income
    assert sum(m.spent_fen for m in months) == all_spent
    assert months[-1].closing_fen == sum(m.received_fen for m in months) - all_spent


async def test_what_was_published_stays_whatever_is_posted_later(notice: Notice, clock: SettableClock) -> None:
    fee = await notice.charge(10_000, paid=4_000)
    spent = await notice.spend(3_000)
    clock.advance(days=10)
    first = await notice.publish(note="电梯年检已完成")

    async with notice.office.lodge.work(notice.office.house, "finance") as work:
        await service.reverse(work, notice.site, spent, "录入错误")
    await notice.spend(2_500)
    entry = await notice.office.entry_of(fee)
    with pytest.raises(LodgeError):  # it is paid in part: what builds on it is undone first
        await notice.office.reverse(entry)
    async with notice.office.lodge.work(notice.office.house, "manager") as work:
        await service.set_heading(work, notice.site, notice.office.items["property"], "public", 0)
    async with notice.office.lodge.owner.begin(notice.office.house.company_id) as uow:
        sql = "UPDATE billing_item SET title = '新名称' WHERE company_id = $1"
        await uow.execute(sql, notice.office.house.company_id)

    assert await notice.read(first.edition.id) == first
    assert (await notice.draft()).sums.spent_fen == 2_500
    with pytest.raises(Invalid):
        await notice.publish()  # a second edition says why
    second = await notice.publish(reason="补记红冲")
    assert (second.edition.edition, second.edition.replaces, second.edition.sums.spent_fen) == (
        2,
        first.edition.id,
        2_500,
    )
    assert [line.heading for line in second.lines] == ["public", "cleaning"]
    before = await notice.read(first.edition.id)
    assert (before.edition.replaced_by, before.lines) == (second.edition.id, first.lines)
    page = await _standing(notice)
    assert page == [second.edition.id]


async def test_the_database_refuses_to_change_what_was_published(notice: Notice, clock: SettableClock) -> None:
    await notice.charge(10_000)
    clock.advance(days=10)
    await notice.publish()
    company = notice.office.house.company_id
    for table in ("billing_disclosure", "billing_disclosure_line", "billing_expense_category"):
        for change in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with pytest.raises(Exception, match="permission denied"):
                async with notice.office.lodge.platform.db.begin(company) as uow:
                    await uow.execute(f"{change} WHERE company_id = $1", company)


async def test_of_two_who_publish_at_once_one_is_first(notice: Notice, clock: SettableClock) -> None:
    await notice.charge(10_000)
    clock.advance(days=10)

    outcomes = await asyncio.gather(*(notice.publish() for _ in range(4)), return_exceptions=True)

    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    assert all(isinstance(outcome, Conflict | Invalid) for outcome in outcomes if isinstance(outcome, BaseException))


async def test_only_what_was_looked_at_is_published_and_only_once_it_is_over(
    notice: Notice, clock: SettableClock
) -> None:
    await notice.charge(10_000)
    with pytest.raises(Conflict):
        await notice.publish()  # November is not over
    clock.advance(days=10)
    seen = await notice.draft()
    await notice.spend(100)
    with pytest.raises(Conflict):
        await notice.publish(digest=seen.digest)
    with pytest.raises(Invalid):
        await notice.publish(reason="更正")  # there is none before
    with pytest.raises(Invalid):
        await notice.draft(day=date(2027, 3, 1))
    assert (await notice.publish()).edition.sums.spent_fen == 100


async def test_what_is_collected_for_others_is_in_no_sum(notice: Notice) -> None:
    async with notice.office.lodge.owner.begin(notice.office.house.company_id) as uow:
        sql = "UPDATE billing_item SET collected_for = '水务公司' WHERE company_id = $1 AND code = 'parking'"
        await uow.execute(sql, notice.office.house.company_id)
    await notice.charge(5_000, "parking", paid=5_000)
    await notice.charge(700, paid=200)

    found = await notice.draft()

    assert [(line.heading, line.received_fen) for line in found.lines] == [("service", 200), ("collected", 5_000)]
    assert found.sums == service.Sums(0, 700, 200, 0, 200)


async def test_an_expense_is_taken_back_once_and_never_changed(notice: Notice) -> None:
    id = await notice.spend(12_345, "repairs", supplier="通力电梯", document="FP-01", remark="年检")
    async with notice.office.lodge.work(notice.office.house, "finance") as work:
        back = await service.reverse(work, notice.site, id, "金额录错")
    assert (back.amount_fen, back.month, back.category, back.reverses) == (-12_345, NOVEMBER, "repairs", id)
    for again in (id, back.id):
        with pytest.raises(Conflict):
            async with notice.office.lodge.work(notice.office.house, "finance") as work:
                await service.reverse(work, notice.site, again, "再次")
    with pytest.raises(NotFound):
        async with notice.office.lodge.work(notice.office.house, "finance") as work:
            await service.reverse(work, notice.office.house.sites[1], id, "别的项目")
    company = notice.office.house.company_id
    with pytest.raises(Exception, match="permission denied"):
        async with notice.office.lodge.platform.db.begin(company) as uow:
            await uow.execute("UPDATE billing_expense SET amount_fen = 1 WHERE company_id = $1", company)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("month", {"month": date(2026, 11, 2)}),
        ("month", {"month": date(2026, 12, 1)}),
        ("month", {"month": date(2016, 10, 1)}),
        ("category_id", {"category": "own"}),
        ("category_id", {"category": "office", "category_id": new_id()}),
        ("category_id", {"category": "own", "category_id": new_id()}),
    ],
)
async def test_an_expense_that_does_not_fit_is_refused(notice: Notice, field: str, wrong: dict[str, Any]) -> None:
    new = NewExpense(**{"month": NOVEMBER, "category": "office", "amount_fen": 1, **wrong})
    with pytest.raises(Invalid) as refused:
        async with notice.office.lodge.work(notice.office.house, "finance") as work:
            await service.add_expenses(work, notice.site, [new])
    assert refused.value.fields[0].field == field


async def test_a_category_of_the_company_s_own_counts_at_all_its_sites(notice: Notice) -> None:
    house = notice.office.house
    async with notice.office.lodge.work(house, "manager") as work:
        own = await service.add_category(work, notice.site, " 电梯维保 ")
        with pytest.raises(Conflict):
            await service.add_category(work, notice.site, "电梯维保")
        assert await service.categories(work, house.sites[1]) == [own]
    await notice.spend(800, "own", category_id=own.id)
    await notice.spend(100, "other")
    found = await notice.draft()
    assert [(line.heading, line.title) for line in found.lines] == [("own", "电梯维保"), ("other", "")]


async def test_a_heading_is_changed_by_whoever_saw_it_last(notice: Notice) -> None:
    item = notice.office.items["parking"]
    async with notice.office.lodge.work(notice.office.house, "manager") as work:
        first = await service.set_heading(work, notice.site, item, "public", 0)
        assert first.version == 1
        for stale in (0, 2):
            with pytest.raises(PreconditionFailed):
                await service.set_heading(work, notice.site, item, "other", stale)
        await service.set_heading(work, notice.site, item, "other", 1)
        found = {each.item: each.heading for each in await service.headings(work, notice.site)}
        with pytest.raises(NotFound):
            await service.set_heading(work, notice.office.house.sites[1], item, "other", 2)
    assert found == {"物业费": "service", "车位费": "other"}


async def test_the_api_takes_a_period_from_expense_to_edition_in_few_statements(
    notice: Notice, web: Web, clock: SettableClock
) -> None:
    await notice.charge(10_000, paid=4_000)
    clock.advance(days=10)
    finance, manager = await web.api(notice.office.house, "finance"), await web.api(notice.office.house, "manager")
    new = {"month": "2026-11-01", "category": "cleaning", "amount_fen": 3_000, "document": "FP-7"}
    made = await finance.post(f"{notice.api}/expenses", json=new)
    assert made.status_code == 201, made.text
    wrong = await finance.post(f"{notice.api}/expenses", json={**new, "amount_fen": -1})
    assert wrong.status_code in (400, 422)
    await manager.get(f"{notice.api}/disclosures/preview?day=2026-11-30")  # policies are known from now on
    async with recording(notice.office.lodge.platform.db) as sent:
        seen = (await manager.get(f"{notice.api}/disclosures/preview?day=2026-11-30")).json()
    assert len(sent) <= 6
    body = {"kind": "month", "first_day": "2026-11-01", "digest": seen["digest"]}
    refused = await finance.post(f"{notice.api}/disclosures", json=body)
    async with recording(notice.office.lodge.platform.db) as sent:
        published = await manager.post(f"{notice.api}/disclosures", json=body)
    assert refused.status_code == 403
    assert published.status_code == 201, published.text
    assert len(sent) <= 8  # it is read back as it was written
    assert published.json()["edition"]["sums"]["closing_fen"] == 1_000
    id = published.json()["edition"]["id"]
    assert (await finance.get(f"{notice.api}/disclosures/{id}")).json() == published.json()
    assert [row["id"] for row in (await finance.get(f"{notice.api}/disclosures")).json()["items"]] == [id]
    paper = await finance.get(f"{notice.api}/disclosures/{id}/paper")
    assert paper.content.startswith(b"%PDF")
    other = f"/api/v1/sites/{notice.office.house.sites[1].slug}/billing"
    assert (await finance.get(f"{other}/disclosures/{id}")).status_code == 404
    assert (await finance.get(f"{other}/expenses")).json()["items"] == []
    actions = await notice.office.rows(
        "SELECT action FROM audit_entry WHERE company_id = $1 AND action ~ '[.](expense|disclosure)[.]' ORDER BY at, id"
    )
    assert [row[0] for row in actions] == ["billing.expense.entered", "billing.disclosure.published"]
    for role in ("cashier", "clerk", "technician"):
        nobody: httpx.AsyncClient = await web.api(notice.office.house, role)
        assert (await nobody.get(f"{notice.api}/disclosures")).status_code == 403
        assert (await nobody.post(f"{notice.api}/expenses", json=new)).status_code == 403


async def _standing(notice: Notice) -> list[Any]:
    async with notice.office.lodge.work(notice.office.house, "manager", read_only=True) as work:
        return [each.id for each in (await service.editions(work, notice.site, standing=True)).items]
