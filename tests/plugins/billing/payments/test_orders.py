"""Payments by code: one receipt whoever tells it, nothing lost, nothing believed unproven (BIL-3, MO-3, MO-4)."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from core.sdk import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, new_id
from plugins.billing.ledger.entries import Part, Payment
from plugins.billing.payments import settling
from plugins.billing.payments.model import Order, Settlement
from tests.plugins.billing.payments.conftest import Desk, receipts
from tests.support.lodge import SettableClock
from tests.support.statements import recording


async def decided(desk: Desk, order: Order, how: Any, version: int, note: str = "已核实") -> Order:
    async with desk.as_("finance") as work:
        return await settling.settle(work, desk.site, order.id, Settlement(how, note), version)


async def test_a_code_is_made_for_what_was_shown_and_paid_it_has_its_receipt(desk: Desk) -> None:
    await desk.set_up()
    home = await desk.till.home(12_345, 2_000)
    new = desk.payment(home, amount_fen=14_300, rounded_fen=45, remark="前台", agent_name="李雷", agent_relation="儿子")

    order = await desk.make(new)
    asked = desk.bank.orders[order.number]
    answer = await desk.tell(*desk.bank.notice(order.number, reference="420000"))
    paid = await desk.get(order)

    assert (order.status, order.code, len(order.number)) == ("waiting", f"scan://{order.number}", 24)
    assert (asked["amount"], asked["merchant"]) == (14_300, "M-1")
    assert (answer.status_code, answer.content) == (200, b'{"taken":true}')
    assert (paid.status, paid.reference, paid.moved) == ("paid", "420000", False)
    assert await desk.till.open_of(home) == [0, 0]
    assert paid.receipt_id is not None
    receipt = (await desk.till.get(paid.receipt_id)).receipt
    assert (receipt.means, receipt.reference, receipt.amount_fen, receipt.rounded_fen) == ("qr", "420000", 14_300, 45)
    assert (receipt.agent_name, receipt.remark) == ("李雷", "前台")
    assert receipt.by_name == desk.till.office.house.staff["cashier"].name, (
        "whoever showed the code: it is their shift's"
    )
    assert await desk.actions() == ["billing.order.made", "billing.order.coded", "billing.order.paid"]


async def test_mo_3_fifty_callbacks_the_job_and_check_now_are_one_receipt(desk: Desk, clock: SettableClock) -> None:
    await desk.set_up()
    home = await desk.till.home(5_000)
    order = await desk.make(desk.payment(home))
    clock.advance(seconds=30)
    notice = desk.bank.notice(order.number)

    told = await asyncio.gather(
        *(desk.tell(*notice) for _ in range(50)), desk.ask(), *(desk.check(order) for _ in range(3))
    )

    assert {answer.status_code for answer in told[:50]} == {200}  # type: ignore[union-attr]
    assert (await desk.till.count("receipts"), await desk.till.count("payments")) == (1, 1)
    assert (await desk.till.open_of(home), (await desk.get(order)).status) == ([0], "paid")
    assert (await desk.tell(*notice)).status_code == 200, "told later, it is the same"
    assert (await desk.actions()).count("billing.order.paid") == 1


async def test_mo_3_the_same_form_pressed_twice_is_one_order(desk: Desk) -> None:
    await desk.set_up()
    home = await desk.till.home(5_000)
    new = desk.payment(home)

    made = await asyncio.gather(*(desk.make(new) for _ in range(8)))

    assert (len({order.id for order in made}), len(desk.bank.orders)) == (1, 1)
    with pytest.raises(Conflict):
        await desk.make(desk.payment(home, amount_fen=5_001, key=new.key))


async def test_a_callback_that_comes_before_the_answer_to_the_order_is_posted(desk: Desk) -> None:
    await desk.set_up()
    home = await desk.till.home(5_000)
    loop = asyncio.get_running_loop()

    def pay(number: str) -> None:
        answer = asyncio.run_coroutine_threadsafe(desk.tell(*desk.bank.notice(number)), loop).result(20)
        assert answer.status_code == 200

    desk.bank.meanwhile = pay
    order = await desk.make(desk.payment(home))

    assert (order.status, await desk.till.open_of(home)) == ("paid", [0])


async def test_a_callback_that_is_not_proven_is_refused_and_on_record(desk: Desk) -> None:
    await desk.set_up()
    home = await desk.till.home(5_000)
    order = await desk.make(desk.payment(home))
    path, body, headers = desk.bank.notice(order.number)

    forged = await desk.tell(*desk.bank.notice(order.number, key="the-secret-of-somebody"))
    unsigned = await desk.tell(path, body, {})
    changed = await desk.tell(path, body.replace(b"T1", b"T2"), headers)
    nowhere = await desk.tell(path[:-2] + "AA", body, headers)
    large = await desk.tell(path, b"x" * (1 << 20), headers)

    assert [each.status_code for each in (forged, unsigned, changed)] == [401] * 3
    assert (nowhere.status_code, large.status_code) == (404, 413)
    assert (await desk.actions())[2:] == ["billing.notice.refused"] * 3
    assert ((await desk.get(order)).status, await desk.till.count("receipts")) == ("waiting", 0)


async def test_a_callback_for_an_order_of_another_company_opens_nothing(desk: Desk, till_elsewhere: Desk) -> None:
    for each in (desk, till_elsewhere):
        await each.set_up()
    home, other = await desk.till.home(5_000), await till_elsewhere.till.home(5_000)
    order = await desk.make(desk.payment(home))
    theirs = await till_elsewhere.make(till_elsewhere.payment(other))
    _, body, headers = desk.bank.notice(order.number)
    path, _, _ = till_elsewhere.bank.notice(theirs.number)

    answer = await desk.tell(path, body, headers)

    assert answer.status_code == 404
    assert ((await desk.get(order)).status, (await till_elsewhere.get(theirs)).status) == ("waiting", "waiting")
    assert "billing.notice.unknown" in await till_elsewhere.actions()


async def test_another_amount_is_posted_as_nothing_and_a_person_decides(desk: Desk) -> None:
    await desk.set_up()
    home = await desk.till.home(5_000)
    order = await desk.make(desk.payment(home))

    answers = [await desk.tell(*desk.bank.notice(order.number, 4_999)) for _ in range(2)]
    found = await desk.get(order)
    with pytest.raises(PreconditionFailed):
        await decided(desk, order, "prepaid", found.version + 1)
    with pytest.raises(Invalid):
        await decided(desk, order, "prepaid", found.version, " ")
    done = await decided(desk, order, "prepaid", found.version)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (found.status, found.problem, found.problem_fen, found.receipt_id) == ("problem", "amount", 4_999, None)
    assert (done.status, done.settled_how, await desk.till.open_of(home)) == ("paid", "prepaid", [5_000])
    assert [fen for _, _, fen in await receipts(desk)] == [4_999]
    assert (await desk.till.books(home)).prepaid == {home.party_id: 4_999}
    with pytest.raises(Conflict):
        await decided(desk, order, "elsewhere", done.version)


async def test_what_was_settled_elsewhere_is_posted_as_nothing(desk: Desk) -> None:
    await desk.set_up()
    order = await desk.make(desk.payment(await desk.till.home(5_000)))
    await desk.tell(*desk.bank.notice(order.number, 1))

    done = await decided(desk, order, "elsewhere", (await desk.get(order)).version)

    assert (done.status, done.receipt_id, await receipts(desk)) == ("settled", None, [])


async def test_mo_4_what_another_cashier_took_meanwhile_makes_the_money_prepaid(desk: Desk) -> None:
    await desk.set_up()
    home = await desk.till.home(5_000)
    order = await desk.make(desk.payment(home, amount_fen=4_950, rounded_fen=50))
    part = Part(home.charges[0].charge_id, 5_000)
    await desk.till.office.post(Payment(home.unit_id, home.party_id, "cash", 5_000, (part,)))

    await desk.tell(*desk.bank.notice(order.number))
    paid = await desk.get(order)

    assert (paid.status, paid.moved) == ("paid", True)
    assert [fen for _, _, fen in await receipts(desk)] == [4_950]
    assert (await desk.till.books(home)).prepaid == {home.party_id: 4_950}


async def test_what_is_paid_after_it_was_closed_is_posted_all_the_same(desk: Desk, clock: SettableClock) -> None:
    await desk.set_up()
    home, other = await desk.till.home(5_000), await desk.till.home(3_000)
    late, gone = await desk.make(desk.payment(home)), await desk.make(desk.payment(other))
    notice = desk.bank.notice(late.number)
    desk.bank.states.clear()
    cancelled = await desk.cancel(late)
    clock.advance(minutes=16)
    await desk.ask()

    assert (cancelled.status, (await desk.get(gone)).status) == ("cancelled", "expired")
    assert desk.bank.closed == [late.number, gone.number], "with the provider first"
    assert (await desk.tell(*notice)).status_code == 200
    assert ((await desk.get(late)).status, await desk.till.open_of(home)) == ("paid", [0])


async def test_cancelling_what_was_paid_posts_it(desk: Desk) -> None:
    await desk.set_up()
    home = await desk.till.home(5_000)
    order = await desk.make(desk.payment(home))
    desk.bank.paid(order.number)

    assert (await desk.cancel(order)).status == "paid"
    assert (await desk.till.open_of(home), desk.bank.closed) == ([0], [])


async def test_a_second_payment_of_the_same_code_is_for_a_person(desk: Desk) -> None:
    await desk.set_up()
    home = await desk.till.home(5_000)
    order = await desk.make(desk.payment(home))
    await desk.tell(*desk.bank.notice(order.number))
    await desk.tell(*desk.bank.notice(order.number, reference="T2"))
    found = await desk.get(order)
    done = await decided(desk, order, "prepaid", found.version)

    assert (found.status, found.problem, found.problem_reference) == ("problem", "twice", "T2")
    assert (done.status, done.receipt_id) == ("paid", found.receipt_id)
    assert [fen for _, _, fen in await receipts(desk)] == [5_000, 5_000]
    assert (await desk.till.books(home)).prepaid == {home.party_id: 5_000}
    await desk.tell(*desk.bank.notice(order.number, reference="T2"))
    assert (await desk.get(order)).status == "paid"


async def test_a_callback_that_is_lost_is_made_up_for_by_the_job(desk: Desk, clock: SettableClock) -> None:
    await desk.set_up()
    home = await desk.till.home(5_000)
    order = await desk.make(desk.payment(home))
    desk.bank.paid(order.number)
    await desk.ask()
    assert (await desk.get(order)).status == "waiting", "whoever is at the counter is asked about a moment later"
    clock.advance(seconds=30)

    await desk.ask()
    asked = len(desk.bank.asked)
    await desk.ask()

    assert ((await desk.get(order)).status, await desk.till.open_of(home)) == ("paid", [0])
    assert len(desk.bank.asked) == asked, "what is done is not asked about"


async def test_a_provider_that_is_down_gives_no_code_and_the_money_is_taken_by_hand(
    desk: Desk, clock: SettableClock
) -> None:
    await desk.set_up()
    home = await desk.till.home(5_000)
    waiting = await desk.make(desk.payment(home))
    desk.bank.down = True

    failed = await desk.make(desk.payment(home))
    with pytest.raises(Conflict):
        await desk.check(waiting)
    with pytest.raises(Conflict):
        await desk.cancel(waiting)
    clock.advance(hours=1)
    await desk.ask()

    assert (failed.status, failed.code, failed.failure) == ("failed", "", "HTTP 503")
    assert (await desk.get(waiting)).status == "waiting", "nobody knows, so it goes on"
    taken = await desk.till.take(desk.payment(home))
    assert (taken.receipt.means, await desk.till.open_of(home)) == ("qr", [0])


async def test_mo_7_what_cannot_be_posted_is_kept_for_a_person(desk: Desk, clock: SettableClock) -> None:
    await desk.set_up()
    home = await desk.till.home(5_000)
    order = await desk.make(desk.payment(home))
    clock.advance(days=31)
    await desk.till.office.close(date(2026, 11, 1))
    clock.advance(days=-31)

    assert (await desk.tell(*desk.bank.notice(order.number))).status_code == 200
    found = await desk.get(order)

    assert (found.status, found.problem, found.problem_fen) == ("problem", "refused", 5_000)
    with pytest.raises(Conflict):
        await decided(desk, order, "prepaid", found.version)
    clock.advance(days=31)
    assert (await decided(desk, order, "prepaid", found.version)).status == "paid"
    assert (await desk.till.books(home)).prepaid == {home.party_id: 5_000}


async def test_nobody_is_asked_to_pay_what_could_not_be_posted_now(desk: Desk) -> None:
    home = await desk.till.home(5_000)
    with pytest.raises(Conflict):
        await desk.make(desk.payment(home))  # no provider
    await desk.set_up()
    for new, error in (
        (desk.payment(home, means="cash"), Invalid),
        (desk.payment(home, identified=False), Invalid),
        (desk.payment(home, amount_fen=4_900), Invalid),
        (desk.payment(home, party_id=new_id()), NotFound),
        (desk.payment(home, parts=(), amount_fen=10**14), Invalid),
    ):
        with pytest.raises(error):
            await desk.make(new)
    rounded = desk.payment(home, amount_fen=4_950, rounded_fen=50)
    with pytest.raises(Forbidden):
        await desk.make(rounded, "clerk")
    await desk.till.take(desk.payment(home))
    with pytest.raises(Conflict):
        await desk.make(desk.payment(home))

    assert (desk.bank.asked, await desk.actions()) == ([], [])
    assert (await receipts(desk))[0][2] == 5_000, "what is rehearsed takes no number"


async def test_a_callback_takes_few_statements(desk: Desk) -> None:
    await desk.set_up()
    orders = [await desk.make(desk.payment(await desk.till.home(5_000))) for _ in range(2)]
    await desk.tell(*desk.bank.notice(orders[0].number))
    async with recording(desk.platform.db) as sent:
        await desk.tell(*desk.bank.notice(orders[1].number))

    assert len(sent) <= 13, sent  # two transactions: what it is about, and the posting with its savepoint
