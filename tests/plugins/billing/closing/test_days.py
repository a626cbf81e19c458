"""Days and weeks: in order, once, by somebody else, and what comes late is in the next (BIL-4)."""

from __future__ import annotations

import asyncio
from contextvars import Context
from datetime import date

import pytest

from core.sdk import Conflict, Forbidden, Invalid, NotFound
from plugins.billing.closing.counting import Slips
from plugins.billing.closing.days import service
from plugins.billing.closing.days.model import Preview
from plugins.billing.ledger import service as ledger
from plugins.billing.ledger.entries import Part, Payment, Refund
from tests.plugins.billing.closing.conftest import TODAY, Till, waits
from tests.plugins.billing.ledger.test_ledger import as_app
from tests.support.lodge import SettableClock
from tests.support.statements import recording

TOMORROW, SUNDAY = date(2026, 11, 24), date(2026, 11, 29)


async def preview(till: Till, day: date = TODAY, kind: str = "day") -> Preview:
    lodge = till.office.lodge
    async with lodge.work(till.office.house, "finance", read_only=True) as work:
        return await service.preview(lodge.platform, work, till.office.site, kind, day)  # type: ignore[arg-type]


async def test_a_day_says_what_the_ledger_and_its_shifts_say(till: Till) -> None:
    """BIL-4"""
    office = till.office
    charge = office.charge(till.unit_id, till.party_id, 800)
    await office.issue(charge)
    shift = await till.open(float_fen=100)
    await till.post(Payment(till.unit_id, till.party_id, "cash", 1_000, (Part(charge.charge_id, 800),)))
    await till.pay(300, "card")
    await till.pay(50, role="manager")  # without a shift
    await till.close(shift, jiao=109, slips=(Slips("card", 1, 300),), reason="少一角")
    async with recording(office.lodge.platform.db) as sent:
        made = await till.close_day()

    cash, card = made.figures.means[:2]
    assert (cash.entries, cash.ledger_fen, cash.in_shifts_fen, cash.difference_fen) == (2, 1_050, 1_000, -10)
    assert (card.ledger_fen, card.in_shifts_fen, card.difference_fen) == (300, 300, 0)
    assert [(item.account, item.amount_fen) for item in made.figures.items] == [
        ("receivable", 800),
        ("prepayment", 550),
    ]
    assert [(each.kind, each.amount_fen) for each in made.found] == [("difference", -10), ("without_shift", 50)]
    closing = made.closing
    assert (closing.entries, closing.ledger_fen, closing.difference_fen, closing.anomalies) == (3, 1_350, -10, 2)
    assert len(sent) <= 6, sent
    told = await office.rows(
        "SELECT payload->>'members', payload->>'anomalies' FROM outbox "
        "WHERE company_id = $1 AND type = 'billing.closing_found.v1'"
    )
    assert told == [(str(office.house.staff["manager"].membership_id), "2")]


async def test_a_day_waits_for_its_shifts_and_is_closed_once(till: Till) -> None:
    shift = await till.open()
    assert (await preview(till)).missing == "open_shift"
    with pytest.raises(Conflict):
        await till.close_day()
    await till.close(shift)
    await till.close_day()
    with pytest.raises(Conflict):
        await till.close_day()
    with pytest.raises(Conflict):
        await till.close_day(TOMORROW)
    assert (await preview(till)).missing == "closed"


async def test_whoever_took_the_cash_does_not_close_the_day(till: Till) -> None:
    await till.close(await till.open("finance"), "finance")
    with pytest.raises(Forbidden):
        await till.close_day()
    assert (await till.close_day(role="manager")).closing.entries == 0


async def test_what_is_out_of_the_ordinary_wants_a_note(till: Till) -> None:
    await till.pay(2_000_000)
    with pytest.raises(Invalid):
        await till.close_day(note="")
    assert [each.kind for each in (await till.close_day()).found] == ["without_shift", "large"]


async def test_days_are_closed_in_order_where_there_is_something_to_close(till: Till, clock: SettableClock) -> None:
    await till.close_day()
    clock.advance(days=1)
    await till.pay(10)
    clock.advance(days=2)  # a day with nothing lies between
    await till.pay(30)
    with pytest.raises(Conflict):
        await till.close_day(date(2026, 11, 26))
    seen = await preview(till, date(2026, 11, 26))
    assert (seen.missing, seen.first) == ("earlier", TOMORROW)

    assert (await till.close_day(TOMORROW)).closing.ledger_fen == 10
    assert (await till.close_day(date(2026, 11, 26))).closing.ledger_fen == 30


async def test_what_comes_after_the_closing_is_in_the_next(till: Till, clock: SettableClock) -> None:
    await till.pay(10)
    await till.close_day()
    late = await till.pay(20)
    clock.advance(days=1)
    await till.pay(30)
    second = await till.close_day(TOMORROW)

    assert (second.closing.entries, second.closing.ledger_fen) == (2, 50)
    [[closing_id]] = await till.office.rows(
        "SELECT closing_id FROM billing_closing_entry WHERE company_id = $1 AND entry_id = $2", late
    )
    assert str(closing_id) == str(second.closing.id)


async def test_whoever_is_posting_while_the_day_is_closed_is_waited_for(till: Till) -> None:
    office = till.office
    async with office.lodge.work(office.house, "cashier") as work:
        await ledger.post(work, office.site, Payment(till.unit_id, till.party_id, "cash", 70), key="just before")
        closing = asyncio.create_task(till.close_day(), context=Context())
        await waits(office, closing)
        assert not closing.done()
    assert (await closing).closing.ledger_fen == 70


async def test_money_back_and_forth_and_large_arrears_are_listed(till: Till, clock: SettableClock) -> None:
    office = till.office
    await till.pay(5_000)
    await till.post(Refund(till.unit_id, till.party_id, "cash", 1_000))
    clock.advance(days=3)
    await till.post(Refund(till.unit_id, till.party_id, "cash", 2_000))
    other = await office.unit("901")
    large, small = (office.charge(*of, fen) for of, fen in (((other, till.party_id), 600_000), (till.whose, 499_999)))
    await office.issue(large, small)
    assert "arrears" not in {each.kind for each in (await preview(till, date(2026, 11, 26))).found}
    clock.advance(days=1)
    await till.post(Refund(till.unit_id, till.party_id, "cash", 10))
    found = {each.kind: each for each in (await preview(till, date(2026, 11, 27))).found}

    assert (found["back_and_forth"].times, found["back_and_forth"].amount_fen) == (3, 3_010)
    assert (found["arrears"].unit, found["arrears"].amount_fen) == ("1幢1单元901", 600_000)


async def test_a_week_is_closed_over_its_days(till: Till, clock: SettableClock) -> None:
    """BIL-4"""
    await till.pay(10)
    await till.close_day()
    clock.advance(days=2)
    await till.pay(20, "qr")
    with pytest.raises(Conflict):
        await till.close_day(TODAY, kind="week")  # not over yet
    clock.advance(days=5)
    seen = await preview(till, TODAY, "week")
    assert (seen.missing, seen.first) == ("late", date(2026, 11, 25))
    await till.close_day(date(2026, 11, 25))
    week = await till.close_day(date(2026, 11, 26), kind="week")

    assert (week.closing.first_day, week.closing.last_day) == (TODAY, SUNDAY)
    assert (week.closing.entries, week.closing.ledger_fen) == (2, 30)
    assert [each.kind for each in week.found] == ["without_shift", "without_shift"]
    with pytest.raises(Conflict):
        await till.close_day(TODAY, kind="week")


async def test_a_week_before_whose_middle_nothing_was_closed_is_closed_over_what_was(
    till: Till, clock: SettableClock
) -> None:
    await till.pay(10)  # nobody closed days yet
    clock.advance(days=1)
    await till.close_day(TOMORROW)
    clock.advance(days=7)
    assert (await till.close_day(TODAY, kind="week")).closing.ledger_fen == 0


async def test_a_closing_is_evidence(till: Till) -> None:
    await till.close_day()
    for table in ("billing_closing", "billing_closing_entry"):
        assert await as_app(till.office, (f"DELETE FROM {table}", ())) == "42501"
        assert await as_app(till.office, (f"UPDATE {table} SET site_id = site_id", ())) == "42501"


async def test_a_closing_of_another_site_is_not_there(till: Till) -> None:
    made, lodge = await till.close_day(), till.office.lodge
    async with lodge.work(till.office.house, "finance") as work:
        with pytest.raises(NotFound):
            await service.get(work, till.office.house.sites[1], made.closing.id)
