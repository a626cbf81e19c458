"""Visits by appointment and what is collected on them: posted once, from the book of whoever goes (BIL-3, MO-3)."""

from __future__ import annotations

import asyncio
from datetime import time, timedelta

import pytest

from core.sdk import Conflict, Invalid, NotFound, PreconditionFailed, new_id
from plugins.billing.closing import service as closing
from plugins.billing.closing.model import NewShift
from plugins.billing.collection import service, taking
from plugins.billing.collection.model import ChangedVisit, HomeVisit, VisitOutcome
from plugins.billing.collection.taking import Row
from plugins.billing.counter.model import ReceiptDetail
from plugins.billing.ledger.entries import Part, Payment
from tests.plugins.billing.collection.conftest import Round


async def test_a_visit_is_agreed_with_a_household_that_the_person_belongs_to(rounds: Round) -> None:
    home, other = await rounds.till.home(1_000, room="301"), await rounds.till.home(500, name="李雷")
    made = await rounds.agree(home, note="门铃坏了")

    assert (made.unit, made.status, made.open_fen, made.note) == ("1幢1单元301", "agreed", 1_000, "门铃坏了")
    with pytest.raises(NotFound):
        await rounds.agree(home, party_id=other.party_id)
    with pytest.raises(NotFound):
        await rounds.agree(home, dunning_id=new_id())
    for field, more in (
        ("day", {"day": rounds.today - timedelta(days=1)}),
        ("day", {"day": rounds.today + timedelta(days=400)}),
        ("ends", {"ends": time(17)}),
        ("collector_id", {"collector_id": new_id()}),
    ):
        with pytest.raises(Invalid) as refused:
            await rounds.agree(home, **more)
        assert [error.field for error in refused.value.fields] == [field]


async def test_a_visit_is_changed_called_off_or_left_unpaid_once_from_the_version_seen(rounds: Round) -> None:
    home = await rounds.till.home(1_000)
    visit = await rounds.agree(home)
    tomorrow = rounds.today + timedelta(days=1)
    changed = ChangedVisit(day=tomorrow, starts=time(9), ends=time(10), collector_id=rounds.member("finance"))
    platform = rounds.till.office.lodge.platform
    async with rounds.work() as work:
        moved = await service.change(platform, work, rounds.site, visit.id, changed, 1)
        with pytest.raises(PreconditionFailed):
            await service.change(platform, work, rounds.site, visit.id, changed, 1)
        with pytest.raises(Invalid):
            await service.not_paid(work, rounds.site, visit.id, VisitOutcome(" "), 2)
        unpaid = await service.not_paid(work, rounds.site, visit.id, VisitOutcome("家中无人"), 2)
        with pytest.raises(Conflict):
            await service.call_off(work, rounds.site, visit.id, VisitOutcome("改期"), 3)
        other = rounds.till.office.house.sites[1]
        with pytest.raises(NotFound):
            await service.get(work, other, visit.id)
        with pytest.raises(NotFound):
            await service.call_off(work, other, visit.id, VisitOutcome("改期"), 3)

    assert (moved.day, moved.starts, moved.collector_id, moved.version) == (
        tomorrow, time(9), rounds.member("finance"), 2,
    )  # fmt: skip
    assert (unpaid.status, unpaid.reason, unpaid.version) == ("unpaid", "家中无人", 3)


async def test_what_was_collected_is_posted_today_with_its_printed_number_and_its_day(rounds: Round) -> None:
    await rounds.hand_out("A0001", "A0020")
    home = await rounds.till.home(1_000, 2_000)
    visit = await rounds.agree(home)
    taken = await rounds.collect(visit.id, rounds.collection("1", 1_500, means="qr", reference="WX-77"))
    over = await rounds.collect((await rounds.agree(home)).id, rounds.collection("a2", 2_000))

    receipt = taken.receipt
    assert (receipt.paper_number, receipt.collected_on, receipt.number) == ("A0001", rounds.today, "SJ-2026-000001")
    assert (receipt.means, receipt.reference, receipt.amount_fen) == ("qr", "WX-77", 1_500)
    assert [line.amount_fen for line in taken.lines] == [1_000, 500]  # the oldest first
    assert [(line.kind, line.amount_fen) for line in over.lines] == [("charge", 1_500), ("prepayment", 500)]
    assert await rounds.till.open_of(home) == [0, 0]
    done = await rounds.visit(visit.id)
    assert (done.status, done.receipt_id, done.paper_number, done.amount_fen) == ("paid", taken.id, "A0001", 1_500)
    assert done.open_fen == 0


async def test_only_the_charges_that_were_chosen_are_paid(rounds: Round) -> None:
    await rounds.hand_out()
    home = await rounds.till.home(1_000, 2_000)
    second = home.charges[1].charge_id
    taken = await rounds.collect(
        (await rounds.agree(home)).id, rounds.collection(fen=2_000, charge_ids=(second,))
    )  # fmt: skip
    assert await rounds.till.open_of(home) == [1_000, 0]
    assert len(taken.lines) == 1

    visit = await rounds.agree(home)
    with pytest.raises(Conflict):  # it is paid by now
        await rounds.collect(visit.id, rounds.collection("A0002", charge_ids=(second,)))
    prepaid = await rounds.collect(visit.id, rounds.collection("A0002", 300, charge_ids=()))
    assert [line.kind for line in prepaid.lines] == ["prepayment"]


async def test_mo_3_the_same_entry_again_is_the_same_payment_and_another_one_is_refused(rounds: Round) -> None:
    await rounds.hand_out()
    home = await rounds.till.home(1_000)
    visit = await rounds.agree(home)
    new = rounds.collection()

    many = await asyncio.gather(*(rounds.collect(visit.id, new) for _ in range(12)))
    again = await rounds.collect(visit.id, rounds.collection("1"))

    assert {each.id for each in many} == {again.id}
    assert await rounds.till.count("payments") == 1
    for other in (rounds.collection("A0002"), rounds.collection(fen=999), rounds.collection(means="card")):
        with pytest.raises(Conflict):
            await rounds.collect(visit.id, other)


async def test_mo_4_two_who_use_a_number_at_once_have_one_payment_and_a_clear_refusal(rounds: Round) -> None:
    await rounds.hand_out()
    for n in range(1, 9):
        homes = [await rounds.till.home(1_000) for _ in range(2)]
        visits = [await rounds.agree(home) for home in homes]
        both = await asyncio.gather(
            *(
                rounds.collect(visit.id, rounds.collection(f"A{n:04}"), role)
                for visit, role in zip(visits, ("cashier", "finance"), strict=True)
            ),
            return_exceptions=True,
        )
        taken = [each for each in both if isinstance(each, ReceiptDetail)]
        [refused] = [each for each in both if not isinstance(each, ReceiptDetail)]
        assert len(taken) == 1
        assert isinstance(refused, Conflict) and refused.message == taking.ENTERED
    assert await rounds.till.count("payments") == 8


async def test_two_forms_at_once_never_wait_in_a_ring(rounds: Round) -> None:
    await rounds.hand_out("A0001", "A0100")
    homes = [await rounds.till.home(1_000) for _ in range(6)]
    first = [await rounds.agree(home) for home in homes]
    second = [await rounds.agree(home) for home in reversed(homes)]

    async def form(visits: list[HomeVisit], since: int) -> list[taking.Entered]:
        rows = [Row(visit.id, rounds.collection(f"A{n:04}", 100)) for n, visit in enumerate(visits, since)]
        async with rounds.work() as work:
            return await taking.enter_all(work, rounds.site, rows)

    counter = [rounds.till.take(rounds.till.payment(home, 100)) for home in homes]
    forms = asyncio.gather(form(first, 1), form(second, 50))
    done, _ = await asyncio.wait_for(asyncio.gather(forms, asyncio.gather(*counter)), 30)

    assert all(each.refused is None for entered in done for each in entered)
    assert await rounds.till.count("payments") == 18


async def test_a_number_is_used_only_from_a_book_that_whoever_goes_has(rounds: Round) -> None:
    home = await rounds.till.home(1_000)
    visit = await rounds.agree(home)
    with pytest.raises(Invalid) as unknown:
        await rounds.collect(visit.id, rounds.collection())
    await rounds.hand_out("A0001", "A0010", holder="admin")
    with pytest.raises(Invalid) as foreign:
        await rounds.collect(visit.id, rounds.collection())
    await rounds.hand_out("B0001", "B0010")
    twin = await rounds.hand_out("C0001", "C0010")
    with pytest.raises(Invalid) as which:
        await rounds.collect(visit.id, rounds.collection("0001"))
    await rounds.take_back(twin.id, 10)
    with pytest.raises(Conflict):
        await rounds.collect(visit.id, rounds.collection("C0001"))
    with pytest.raises(Invalid):
        await rounds.collect(visit.id, rounds.collection("没有号码"))
    with pytest.raises(Invalid) as early:
        await rounds.collect(visit.id, rounds.collection("B1", collected_on=rounds.today - timedelta(days=1)))
    with pytest.raises(Invalid) as late:
        await rounds.collect(visit.id, rounds.collection("B1", collected_on=rounds.today + timedelta(days=1)))
    taken = await rounds.collect(visit.id, rounds.collection("0001"))  # one book of the collector's has it

    assert "No book" in unknown.value.fields[0].message
    assert foreign.value.fields[0].params == {"holder": rounds.till.office.house.staff["admin"].name}
    assert "Several" in which.value.fields[0].message
    assert [e.value.fields[0].field for e in (early, late)] == ["collected_on", "collected_on"]
    assert taken.receipt.paper_number == "B0001"


async def test_a_visit_that_is_over_or_of_elsewhere_takes_no_money(rounds: Round) -> None:
    await rounds.hand_out()
    home = await rounds.till.home(1_000)
    visit = await rounds.agree(home)
    async with rounds.work() as work:
        with pytest.raises(NotFound):
            await taking.collect(work, rounds.till.office.house.sites[1], visit.id, rounds.collection())
        await service.call_off(work, rounds.site, visit.id, VisitOutcome("改到物业缴费"), 1)
    with pytest.raises(Conflict):
        await rounds.collect(visit.id, rounds.collection())
    assert await rounds.till.count("payments") == 0


async def test_what_is_refused_keeps_no_other_line_from_being_posted(rounds: Round) -> None:
    await rounds.hand_out()
    homes = [await rounds.till.home(1_000) for _ in range(4)]
    visits = [await rounds.agree(home) for home in homes]
    rows = [
        Row(visits[0].id, rounds.collection("A0001")),
        Row(visits[1].id, rounds.collection("A0001")),  # the number of the line above
        Row(visits[2].id, None, VisitOutcome("家中无人"), 1),
        Row(visits[3].id, rounds.collection("A0004")),
    ]
    async with rounds.work() as work:
        entered = await taking.enter_all(work, rounds.site, rows)

    assert [(each.receipt is not None, type(each.refused).__name__) for each in entered] == [
        (True, "NoneType"), (False, "Conflict"), (False, "NoneType"), (True, "NoneType"),
    ]  # fmt: skip
    assert [(await rounds.visit(visit.id)).status for visit in visits] == ["paid", "agreed", "unpaid", "paid"]
    assert await rounds.till.count("payments") == 2
    actions = await rounds.till.office.rows(
        "SELECT action, count(*) FROM audit_entry WHERE company_id = $1 AND action LIKE 'billing.visit.%' GROUP BY 1"
    )
    assert dict(actions) == {
        "billing.visit.agreed": 4, "billing.visit.paid": 2, "billing.visit.unpaid": 1,
    }  # fmt: skip


async def test_cash_that_was_collected_counts_in_the_shift_of_whoever_enters_it(rounds: Round) -> None:
    await rounds.hand_out()
    homes = [await rounds.till.home(1_000) for _ in range(2)]
    async with rounds.work("finance") as work:
        shift = await closing.open_shift(work, rounds.site, NewShift(0))
    await rounds.collect((await rounds.agree(homes[0])).id, rounds.collection("A0001", 600), "finance")
    await rounds.collect((await rounds.agree(homes[1])).id, rounds.collection("A0002", 700))

    async with rounds.work("finance", read_only=True) as work:
        detail = await closing.get(work, rounds.site, shift.id)

    assert [(count.means, count.ledger_fen) for count in detail.counts if count.entries] == [("cash", 600)]


async def test_a_charge_that_was_paid_at_the_counter_meanwhile_leaves_the_rest_prepaid(rounds: Round) -> None:
    await rounds.hand_out()
    home = await rounds.till.home(1_000)
    visit = await rounds.agree(home)
    part = Part(home.charges[0].charge_id, 400)
    await rounds.till.office.post(Payment(home.unit_id, home.party_id, "card", 400, (part,)))
    taken = await rounds.collect(visit.id, rounds.collection(fen=1_000))

    assert [(line.kind, line.amount_fen) for line in taken.lines] == [("charge", 600), ("prepayment", 400)]


async def test_visits_of_a_day_stand_along_the_way_page_by_page(rounds: Round) -> None:
    homes = [await rounds.till.home(100, room=room) for room in ("303", "101", "202")]
    for home in homes:
        await rounds.agree(home)
    await rounds.agree(homes[0], day=rounds.today + timedelta(days=1))
    async with rounds.work(read_only=True) as work:
        first = await service.listed(work, rounds.site, limit=2)
        rest = await service.listed(work, rounds.site, cursor=first.cursor, limit=2)
        none = await service.listed(work, rounds.site, collector_id=rounds.member("finance"))
        done = await service.listed(work, rounds.site, status="paid")

    assert [visit.unit[-3:] for visit in [*first.items, *rest.items]] == ["101", "202", "303"]
    assert rest.cursor is None
    assert (none.items, done.items) == ([], [])
