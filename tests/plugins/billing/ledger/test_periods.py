"""Months that are closed: when, in which order, and that nothing comes into them behind anybody's back (MO-7)."""

from __future__ import annotations

import asyncio
from contextvars import Context
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from core.sdk import Conflict, Invalid, new_id
from plugins.billing.ledger import service
from plugins.billing.ledger.entries import Deposit, Payment
from tests.plugins.billing.ledger.conftest import Office
from tests.plugins.billing.ledger.test_ledger import BOTH, as_app
from tests.support.lodge import SettableClock
from tests.support.statements import recording

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


async def test_mo_7_a_month_is_closed_once_it_has_ended_where_the_site_is(office: Office, clock: SettableClock) -> None:
    unit_id, party_id = await office.unit(), await office.party()
    await office.issue(office.charge(unit_id, party_id, 4_200))
    await office.post(Payment(unit_id, party_id, "cash", 800))

    clock.now = clock.now.replace(day=30, hour=15, minute=59)  # a minute before midnight in Shanghai
    with pytest.raises(Conflict):
        await office.close(NOVEMBER)
    clock.advance(minutes=1)
    async with recording(office.lodge.platform.db) as sent:
        period = await office.close(NOVEMBER)

    assert (period.debit_fen, period.credit_fen, len(sent) <= 6) == (5_000, 5_000, True)
    with pytest.raises(Conflict):
        await office.close(NOVEMBER)
    with pytest.raises(Invalid):
        await office.close(date(2026, 11, 2))
    assert (await office.post(Payment(unit_id, party_id, "cash", 1))).posted_on == DECEMBER


async def test_mo_7_earlier_months_with_entries_are_closed_first_and_empty_ones_need_not_be(
    office: Office, clock: SettableClock
) -> None:
    unit_id, party_id = await office.unit(), await office.party()
    await office.post(Payment(unit_id, party_id, "cash", 1))
    clock.now += timedelta(days=100)
    with pytest.raises(Conflict):
        await office.close(DECEMBER)

    await office.close(NOVEMBER)
    await office.close(date(2027, 2, 1))
    with pytest.raises(Conflict):
        await office.close(DECEMBER)


async def test_mo_7_the_database_lets_nothing_into_a_closed_month_or_before_it(
    office: Office, clock: SettableClock
) -> None:
    unit_id, party_id = await office.unit(), await office.party()
    await office.post(Deposit(unit_id, party_id, "cash", 1))
    clock.now += timedelta(days=10)
    await office.close(NOVEMBER)
    id = new_id()
    own = office.house.company_id, id, office.site.id, str(id)
    lines = unit_id, [1, 2], ["clearing", "prepayment"], [5, -5], party_id

    assert await as_app(office, (BOTH, (*own, *lines))) == "billing_closed"
    assert await as_app(office, (BOTH.replace("2026-11-23", "2026-10-31"), (*own, *lines))) == "billing_closed"
    assert await as_app(office, (BOTH.replace("2026-11-23", "2026-12-01"), (*own, *lines))) == ""


async def test_mo_7_whoever_closes_waits_for_who_is_posting_and_counts_it(office: Office, clock: SettableClock) -> None:
    unit_id, party_id = await office.unit(), await office.party()
    entry = Payment(unit_id, party_id, "cash", 77)
    async with office.lodge.work(office.house, "manager") as work:
        await service.post(work, office.site, entry, key="before midnight")
        clock.now += timedelta(days=10)
        closing = asyncio.create_task(office.close(NOVEMBER), context=Context())
        await _waits(office, closing)
        assert not closing.done()

    assert (await closing).debit_fen == 77


async def test_mo_7_whoever_posts_by_raw_sql_waits_for_who_is_closing_and_is_refused(
    office: Office, clock: SettableClock
) -> None:
    unit_id, party_id = await office.unit(), await office.party()
    id = new_id()
    args = office.house.company_id, id, office.site.id, str(id), unit_id
    lines = [1, 2], ["clearing", "prepayment"], [5, -5], party_id
    clock.now += timedelta(days=10)
    async with office.lodge.work(office.house, "manager") as work:
        await service.close(work, office.site, NOVEMBER)
        posting = asyncio.create_task(as_app(office, (BOTH, (*args, *lines))), context=Context())
        await _waits(office, posting)
        assert not posting.done()

    assert await posting == "billing_closed"
    assert await office.rows("SELECT count(*) FROM billing_entry WHERE company_id = $1") == [(0,)]


async def test_mo_7_closing_and_posting_at_once_leave_a_month_that_says_what_is_in_it(
    office: Office, clock: SettableClock
) -> None:
    """Clocks of servers disagree: half of those who post still live in November."""
    unit_id, party_id = await office.unit(), await office.party()

    async def post(n: int) -> None:
        async with office.lodge.work(office.house, "manager") as work:
            work.now = work.now.replace(month=11) if n % 2 else work.now
            await service.post(work, office.site, Payment(unit_id, party_id, "cash", n), key=str(n))

    clock.now += timedelta(days=10)
    posts = [post(n) for n in range(1, 51)]
    found = await asyncio.gather(*posts[:25], office.close(NOVEMBER), *posts[25:], return_exceptions=True)
    [[sums]] = await office.rows(
        "SELECT coalesce(sum(p.amount_fen) FILTER (WHERE p.amount_fen > 0), 0)::bigint FROM billing_entry e "
        "JOIN billing_posting p ON p.company_id = e.company_id AND p.entry_id = e.id "
        "WHERE e.company_id = $1 AND e.posted_on < '2026-12-01'"
    )

    assert {type(each) for each in found if isinstance(each, Exception)} <= {Conflict}
    assert await office.rows("SELECT debit_fen, credit_fen FROM billing_period WHERE company_id = $1") == [(sums, sums)]


async def _waits(office: Office, who: asyncio.Task[Any]) -> None:
    """They wait for a lock, or have come to an end."""
    connection = await asyncpg.connect(office.lodge.dsns.owner)
    try:
        sql = "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        waits = False
        while not (waits or who.done()):
            waits = await connection.fetchval(sql)
    finally:
        await connection.close()
