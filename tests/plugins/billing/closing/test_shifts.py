"""Shifts: one a cashier, counted beside the ledger, closed for good, and nothing falls between two of them (BIL-4)."""

from __future__ import annotations

import asyncio
from contextvars import Context

import pytest

from core.sdk import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, new_id
from plugins.billing.closing import service
from plugins.billing.closing.counting import Slips
from plugins.billing.closing.model import CountedShift, GoesTo, Handover, NewHandover, NewShift, Shift
from plugins.billing.ledger import service as ledger
from plugins.billing.ledger.entries import Payment, Refund
from tests.plugins.billing.closing.conftest import TODAY, Till, waits
from tests.plugins.billing.ledger.test_ledger import as_app
from tests.support.lodge import SettableClock
from tests.support.statements import recording


async def hand(till: Till, shift: Shift, role: str, to: GoesTo, fen: int, slip: str = "") -> Handover:
    async with till.office.lodge.work(till.office.house, role) as work:
        return await service.hand_over(work, till.office.site, shift.id, NewHandover(to, fen, slip))


async def test_a_shift_states_what_the_ledger_says_and_what_was_counted(till: Till) -> None:
    """BIL-4"""
    shift = await till.open(float_fen=500)
    await till.pay(1_000)
    await till.post(Refund(till.unit_id, till.party_id, "cash", 200))
    await till.pay(300, "qr")
    await till.pay(7_000, role="manager")  # taken by somebody else
    async with recording(till.office.lodge.platform.db) as sent:
        closed = await till.close(shift, jiao=130, slips=(Slips("qr", 1, 300),))

    assert closed.shift.status == "closed" and shift.day == TODAY
    counts = [
        (c.means, c.entries, c.ledger_fen, c.expected_fen, c.counted_fen, c.difference_fen) for c in closed.counts
    ]
    assert counts[0] == ("cash", 2, 800, 1_300, 1_300, 0)
    assert counts[3] == ("qr", 1, 300, 300, 300, 0)
    assert len(sent) <= 6, sent
    seen = await till.detail(shift)
    assert (seen.counts, seen.in_drawer_fen, seen.pieces[0].pieces) == (closed.counts, 1_300, 130)


async def test_a_cashier_has_one_shift_open_at_a_site(till: Till) -> None:
    shift = await till.open()
    found = await asyncio.gather(*(till.open("finance") for _ in range(5)), return_exceptions=True)
    assert sorted(isinstance(each, Shift) for each in found) == [False] * 4 + [True]
    with pytest.raises(Conflict):
        await till.open()
    await till.close(shift)
    assert (await till.open()).id != shift.id


async def test_a_count_that_differs_wants_a_reason_and_tells_the_managers(till: Till) -> None:
    shift = await till.open()
    await till.pay(1_000)
    with pytest.raises(Invalid):
        await till.close(shift, jiao=90)
    closed = await till.close(shift, jiao=90, reason="找零有误")

    assert (closed.reason, closed.counts[0].difference_fen) == ("找零有误", -100)
    [[payload]] = await till.office.rows(
        "SELECT payload->>'members' FROM outbox WHERE company_id = $1 AND type = 'billing.shift_differs.v1'"
    )
    assert payload == str(till.office.house.staff["manager"].membership_id)


async def test_what_was_counted_stays(till: Till) -> None:
    shift = await till.open()
    closed = (await till.close(shift)).shift

    with pytest.raises(Conflict):
        await till.close(closed)
    with pytest.raises(PreconditionFailed):
        await till.close(shift)
    for table in ("billing_shift_closing", "billing_shift_count", "billing_shift_entry", "billing_handover"):
        assert await as_app(till.office, (f"DELETE FROM {table}", ())) == "42501"
        assert await as_app(till.office, (f"UPDATE {table} SET site_id = site_id", ())) == "42501"
    for column in ("float_fen", "cashier_id", "opened_at", "day"):
        assert await as_app(till.office, (f"UPDATE billing_shift SET {column} = {column}", ())) == "42501"


async def test_a_colleague_s_shift_is_closed_by_finance_alone(till: Till) -> None:
    shift = await till.open("finance")
    with pytest.raises(Forbidden):
        await till.close(shift, "cashier")
    mine = await till.open("cashier")
    assert (await till.close(mine, "finance")).shift.closed_at is not None
    with pytest.raises(NotFound):
        await till.close(Shift(new_id(), mine.cashier_id, "", TODAY, 0, mine.opened_at, None, "open", 1))


async def test_what_was_taken_between_two_shifts_counts_in_the_next(till: Till, clock: SettableClock) -> None:
    await till.pay(5)  # before the first shift there was none
    clock.advance(minutes=1)
    await till.close(await till.open())
    clock.advance(minutes=1)
    await till.pay(70)
    clock.advance(minutes=1)
    second = await till.close(await till.open(), jiao=7)

    assert (second.counts[0].ledger_fen, second.counts[0].entries) == (70, 1)


async def test_whoever_is_posting_is_waited_for_and_counts(till: Till) -> None:
    """BIL-4: with real transactions, on the ledger's lock."""
    shift = await till.open()
    office = till.office
    async with office.lodge.work(office.house, "cashier") as work:
        await ledger.post(work, office.site, Payment(till.unit_id, till.party_id, "cash", 70), key="just before")
        closing = asyncio.create_task(till.close(shift, jiao=7), context=Context())
        await waits(office, closing)
        assert not closing.done()

    assert (await closing).counts[0].ledger_fen == 70


async def test_whoever_posts_while_a_shift_is_closed_waits_and_counts_in_the_next(
    till: Till, clock: SettableClock
) -> None:
    """BIL-4: their instant lies before that of the closing, and still they are in no gap."""
    shift, office = await till.open(), till.office
    clock.advance(minutes=5)
    async with office.lodge.work(office.house, "cashier") as work:
        work.now = clock.now.replace(minute=59)
        await service.close(office.lodge.platform, work, office.site, shift.id, 1, CountedShift())
        posting = asyncio.create_task(till.pay(80), context=Context())
        await waits(office, posting)
        assert not posting.done()
    await posting
    first = await till.detail(shift)
    clock.now = clock.now.replace(minute=59)
    clock.advance(minutes=1)
    second = await till.close(await till.open(), jiao=8)

    assert (first.counts[0].ledger_fen, second.counts[0].ledger_fen) == (0, 80)


async def test_posting_and_closing_at_once_count_every_entry_once(till: Till, clock: SettableClock) -> None:
    """BIL-4: three shifts while fifty payments come in; each is counted by one of them."""
    office, n = till.office, 50

    async def shifts() -> int:
        total = 0
        for _ in range(3):
            closed = await till.close(await till.open(), reason="并发")
            total += closed.counts[0].ledger_fen
        return total

    first = await till.open()
    pays = [till.pay(each) for each in range(1, n + 1)]
    await asyncio.gather(*pays[:10])
    closing = asyncio.create_task(till.close(first, reason="并发"), context=Context())
    await asyncio.gather(*pays[10:])
    before = (await closing).counts[0].ledger_fen
    rest = await shifts()

    assert before + rest == n * (n + 1) // 2
    assert await office.rows("SELECT count(*) FROM billing_shift_entry WHERE company_id = $1") == [(n,)]


async def test_cash_is_handed_over_as_far_as_it_is_there(till: Till) -> None:
    shift = await till.open(float_fen=200)
    await till.pay(1_000)
    with pytest.raises(Conflict):
        await hand(till, shift, "cashier", "bank", 100, "No 1")
    await till.close(shift, jiao=120)

    with pytest.raises(Invalid):
        await hand(till, shift, "cashier", "bank", 100)
    with pytest.raises(Forbidden):
        await hand(till, shift, "cashier", "finance", 100)  # finance says so, not the cashier
    await hand(till, shift, "cashier", "bank", 600, "No 1")
    await hand(till, shift, "finance", "finance", 400)
    with pytest.raises(Conflict):
        await hand(till, shift, "finance", "finance", 201)

    seen = await till.detail(shift)
    told = [(h.goes_to, h.amount_fen, h.slip_no) for h in seen.handovers]
    assert told == [("bank", 600, "No 1"), ("finance", 400, "")]
    assert seen.in_drawer_fen == 200
    at_once = await asyncio.gather(*(hand(till, shift, "finance", "finance", 150) for _ in range(4)),
                                   return_exceptions=True)  # fmt: skip
    assert sum(isinstance(each, Handover) for each in at_once) == 1


async def test_a_shift_of_another_site_or_company_is_not_there(till: Till) -> None:
    shift, lodge = await till.open(), till.office.lodge
    other = await lodge.house(sites=1, plugins=["billing"])
    async with lodge.work(other, "finance") as work:
        with pytest.raises(NotFound):
            await service.get(work, other.sites[0], shift.id)
    async with lodge.work(till.office.house, "finance") as work:
        with pytest.raises(NotFound):
            await service.get(work, till.office.house.sites[1], shift.id)


async def test_a_shift_that_begins_after_the_day_is_closed_belongs_to_the_next(till: Till) -> None:
    await till.close_day()
    assert str((await till.open()).day) == "2026-11-24"


async def test_nobody_but_people_opens_shifts(till: Till) -> None:
    lodge = till.office.lodge
    ctx = await lodge.platform.system_context(till.office.house.company_id, till.office.site.id, plugin="billing")
    assert ctx is not None
    async with lodge.platform.work(ctx) as work:
        with pytest.raises(Forbidden):
            await service.open_shift(work, till.office.site, NewShift())
