"""A correction is agreed to by somebody else and posted once, whatever happens meanwhile (BIL-7)."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from core.sdk import Conflict, Forbidden, PreconditionFailed, new_id
from plugins.billing.corrections import service
from plugins.billing.corrections.model import Correction, NewCorrection
from plugins.billing.corrections.work import go_on, post_step
from plugins.billing.ledger.entries import Adjustment
from tests.plugins.billing.corrections.conftest import MARCH, Office, figures, short

MONTHS = [date(2026, month, 1) for month in range(1, 12)]
START = date(2020, 1, 1)


class Killed(Exception):
    """As if the worker had been killed."""


async def test_a_charge_that_changed_in_between_is_passed_over(office: Office) -> None:
    """Nothing is posted that nobody has agreed to."""
    fee = await office.item("fee", "2.50")
    unit = await office.unit("302", "120")
    await office.issued(fee, month=MONTHS[9])
    await office.issued(fee)
    await office.area_from(unit, MARCH, "100")
    one, other = await office.look(), await office.look()
    [charge, _] = await office.open_charges()
    await office.enter(Adjustment(unit, charge.charge_id, -100))
    for correction in (await office.approved(one), await office.approved(other)):
        while await office.settle(correction):
            pass

    first, second = await office.seen(one), await office.seen(other)
    assert (first.settled, first.passed, second.settled, second.passed) == (2, 1, 2, 2)
    assert sorted(line.outcome for line in await office.lines(one)) == ["passed", "posted"]
    assert [row[4] for row in await office.charged()] == [29_900, 25_000]
    assert [short(line) for line in await office.lines(await office.look())] == [(29_900, 25_000, -4_900)]


async def test_who_computed_a_correction_does_not_approve_it(office: Office) -> None:
    """BIL-7"""
    fee = await office.item("fee", "2.50")
    unit = await office.unit("302", "120")
    await office.issued(fee)
    await office.area_from(unit, MARCH, "100")
    async with office.work("manager") as work:
        own = await service.create(work, office.site, NewCorrection("面积误录", MARCH))
    with pytest.raises(Conflict):
        async with office.work("admin") as work:
            await service.approve(work, office.site, own.id, own.version)
    with pytest.raises(PreconditionFailed):
        async with office.work() as work:
            await service.ask(work, office.site, own.id, own.version + 1)
    async with office.work("manager") as work:
        asked = await service.ask(work, office.site, own.id, own.version)
    with pytest.raises(Forbidden):
        async with office.work("manager") as work:
            await service.approve(work, office.site, asked.id, asked.version)
    assert not await office.settle(asked)  # nothing happens before it is approved

    async with office.work("admin") as work:
        done = await service.approve(work, office.site, asked.id, asked.version)

    assert (done.status, done.approved_by_name) == ("approved", office.house.staff["admin"].name)
    with pytest.raises(Conflict):
        async with office.work() as work:
            await service.discard(work, office.site, done.id, done.version)


async def test_nothing_is_approved_into_a_closed_month(office: Office) -> None:
    """MO-7"""
    fee = await office.item("fee", "2.50")
    unit = await office.unit("302", "120")
    await office.issued(fee)
    await office.area_from(unit, MARCH, "100")
    found = await office.look()
    await office.write(
        "INSERT INTO billing_period (company_id, id, site_id, month, debit_fen, credit_fen, at, by_name) "
        "VALUES ($1, $2, $3, '2026-11-01', 0, 0, now(), '')",
        new_id(),
        office.site.id,
    )
    with pytest.raises(Conflict):
        await office.approved(found)


async def test_a_correction_that_is_killed_while_it_posts_goes_on_and_posts_everything_once(office: Office) -> None:
    """MO-2, MO-3"""
    fee = await office.item("fee", "2.50")
    for n in range(5):
        await office.unit(f"30{n}", "120")
    await office.issued(fee)
    await office.write("UPDATE billing_quantity SET value = 100 WHERE company_id = $1")
    done = await office.approved(await office.look())
    assert await office.settle(done)
    with pytest.raises(Killed):
        async with office.system() as work:
            await post_step(office.lodge.platform, work, done.id, 2)
            raise Killed
    while await office.settle(done):
        pass
    assert not await office.settle(done)
    assert [row[4] for row in await office.charged()] == [25_000] * 5
    assert (await office.seen(done)).settled == 5


async def test_two_corrections_that_are_posted_at_once_put_each_charge_right_once(office: Office) -> None:
    """MO-3"""
    fee = await office.item("fee", "2.50")
    for n in range(6):
        await office.unit(f"30{n}", "120")
    await office.issued(fee)
    await office.write("UPDATE billing_quantity SET value = 100 WHERE company_id = $1")
    found = [await office.approved(await office.look()) for _ in range(2)]

    async def worker(correction: Correction) -> None:
        while await office.settle(correction):
            pass

    await asyncio.gather(*(worker(correction) for correction in found for _ in range(2)))

    assert [row[4] for row in await office.charged()] == [25_000] * 6
    seen = [await office.seen(correction) for correction in found]
    assert [each.status for each in seen] == ["posted", "posted"]
    assert (sum(each.settled for each in seen), sum(each.passed for each in seen)) == (12, 6)


async def test_a_charge_that_came_to_nothing_is_issued_when_it_comes_to_something(office: Office) -> None:
    fee = await office.item("fee", "2.50")
    unit = await office.unit("302", "0")
    await office.issued(fee)
    assert await office.charged() == []
    await office.area_from(unit, START, "100")

    done = await office.corrected()

    assert [row[4] for row in await office.charged()] == [25_000]
    [line] = await office.lines(done)
    assert (line.outcome, line.entry_id is not None) == ("posted", True)
    assert figures(await office.look()) == ("preview", 0, 0, 0, 0)


async def test_many_charges_are_looked_at_step_by_step(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    fee = await office.item("fee", "2.50")
    for n in range(5):
        await office.unit(f"30{n}", "120")
    await office.issued(fee)
    await office.write("UPDATE billing_quantity SET value = 100 WHERE company_id = $1")
    monkeypatch.setattr(service, "AT_ONCE", 4)

    found = await office.look()

    assert (found.status, found.done, found.units) == ("computing", 0, 5)
    assert await office.compute(found)
    assert (await office.seen(found)).done == 2
    while await office.compute(found):
        pass
    assert not await office.compute(found)
    assert figures(await office.seen(found)) == ("preview", 5, 0, 25_000, 0)


async def test_a_correction_that_came_to_a_halt_is_taken_up_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    fee = await office.item("fee", "2.50")
    await office.unit("301", "120")
    await office.issued(fee)
    monkeypatch.setattr(service, "AT_ONCE", 0)
    found = await office.look()
    queued = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'billing.compute_correction' AND $1::uuid IS NOT NULL"
    before = await office.rows(queued)
    await office.write("UPDATE billing_correction SET moved_at = moved_at - interval '6 minutes' WHERE company_id = $1")
    async with office.system() as work:
        await go_on(work, work.ctx, {})
    assert (await office.rows(queued))[0][0] == before[0][0] + 1
    assert (await office.seen(found)).status == "computing"


async def test_a_correction_that_is_thrown_away_is_never_posted(office: Office) -> None:
    fee = await office.item("fee", "2.50")
    unit = await office.unit("302", "120")
    await office.issued(fee)
    await office.area_from(unit, MARCH, "100")
    found = await office.look()
    async with office.work() as work:
        gone = await service.discard(work, office.site, found.id, found.version)
    assert gone.status == "discarded"
    with pytest.raises(Conflict):
        await office.approved(gone)
    assert not await office.settle(gone)
    assert [row[4] for row in await office.charged()] == [30_000]
