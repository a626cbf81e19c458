"""Runs from computing to the ledger: gaps alone are filled, a kill loses one step, what is issued is posted once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import pytest

from core.sdk import Conflict, Forbidden, Invalid, PreconditionFailed
from plugins.billing.line import DEFINITION, replay
from plugins.billing.runs import service
from plugins.billing.runs.lines import kept_line
from plugins.billing.runs.model import NewRun
from plugins.billing.runs.work import compute_step, go_on, issue_step
from tests.plugins.billing.runs.conftest import NOVEMBER, Desk

OCTOBER = date(2026, 10, 1)


class Killed(Exception):
    """As if the worker had been killed."""


@asynccontextmanager
async def killed(desk: Desk) -> AsyncIterator[None]:
    with pytest.raises(Killed):
        yield


async def test_a_run_charges_every_unit_and_says_what_each_item_comes_to(desk: Desk) -> None:
    fee, bins = await desk.item("fee", "2.35"), await desk.item("bins", "8", "fixed")
    for room, area in (("101", "89.50"), ("102", "100"), ("103", "120.25")):
        await desk.unit(room, area)

    run = await desk.computed(fee, bins)

    assert (run.status, run.done, run.units, run.charges, run.total_fen) == ("preview", 3, 3, 6, 72792 + 2400)
    assert [(i.title, i.charges, i.total_fen, i.skips) for i in run.items] == [
        ("fee", 3, 72792, 0),
        ("bins", 3, 2400, 0),
    ]
    kept = await desk.rows("SELECT definition, facts FROM billing_charge WHERE company_id = $1")
    for definition, facts in kept:
        assert definition == DEFINITION
        replay(kept_line(definition, facts)[1])


async def test_a_run_that_is_killed_between_steps_goes_on_and_charges_everything_once(desk: Desk) -> None:
    """BIL-2"""
    fee = await desk.item("fee", "2")
    for n in range(7):
        await desk.unit(f"10{n}")
    run = await desk.run(fee)
    assert await desk.step(run)
    async with killed(desk), desk.system() as work:
        await compute_step(desk.lodge.platform, work, run.id, 2)
        raise Killed
    assert len(await desk.charges()) == 2
    assert (await desk.get(run)).done == 2

    while await desk.step(run):
        pass

    assert [row[0] for row in await desk.charges()] == [f"10{n}" for n in range(7)]
    assert (await desk.get(run)).status == "preview"
    assert not await desk.step(run)
    assert len(await desk.charges()) == 7


async def test_a_rerun_fills_the_gap_that_was_mended_and_nothing_else(desk: Desk) -> None:
    """BIL-2"""
    fee = await desk.item("fee", "2")
    await desk.unit("101")
    missing = await desk.unit("102", None)
    first = await desk.computed(fee)
    assert (first.charges, first.items[0].skips) == (1, 1)
    async with desk.work() as work:
        (skip,) = (await service.skips(work, desk.site, first.id, unit="", cursor=None, limit=10)).items
    assert (skip.unit, skip.reason, skip.first_day, skip.last_day) == (
        "1幢102", "missing_quantity", NOVEMBER, date(2026, 11, 30),
    )  # fmt: skip

    await desk.area(missing, "50")
    second = await desk.computed(fee)

    assert (second.charges, second.total_fen, second.items[0].skips) == (1, 10000, 0)
    assert await desk.charges() == [("101", "fee", 20000), ("102", "fee", 10000)]
    assert (await desk.computed(fee)).charges == 0


async def test_the_period_before_stands_beside_it_and_units_that_differ_much_are_named(desk: Desk) -> None:
    fee = await desk.item("fee", "2")
    grown, same = await desk.unit("101"), await desk.unit("102")
    await desk.computed(fee, month=OCTOBER)
    await desk.write(
        "INSERT INTO billing_quantity (company_id, id, site_id, unit_id, basis, valid_from, value, at, by_name) "
        "VALUES ($1, $2, $3, $4, 'built', $5, 130, now(), '')",
        grown,  # any id
        desk.site.id,
        grown,
        NOVEMBER,
    )
    await desk.write("DELETE FROM billing_quantity WHERE company_id = $1 AND unit_id = $2", same)

    run = await desk.computed(fee)

    (item,) = run.items
    assert (item.total_fen, item.last_fen, item.last_units, item.differing) == (26000, 40000, 2, 2)
    async with desk.work() as work:
        found = (await service.differences(work, desk.site, run.id, unit="", cursor=None, limit=10)).items
    assert [(each.unit, each.amount_fen, each.last_fen) for each in found] == [
        ("1幢101", 26000, 20000),
        ("1幢102", 0, 20000),
    ]


async def test_who_computed_a_run_does_not_approve_it_and_only_what_was_approved_is_issued(desk: Desk) -> None:
    """BIL-2"""
    fee = await desk.item("fee", "2")
    await desk.unit("101")
    async with desk.work("manager") as work:
        made = await service.create(work, desk.site, NewRun(NOVEMBER, [fee]))
    with pytest.raises(Conflict):
        async with desk.work("admin") as work:
            await service.approve(work, desk.site, made.id, made.version)
    while await desk.step(made):
        pass
    run = await desk.get(made)
    with pytest.raises(Forbidden):
        async with desk.work("manager") as work:
            await service.approve(work, desk.site, run.id, run.version)
    with pytest.raises(Conflict):
        async with desk.work() as work:
            await service.issue(work, desk.site, run.id, run.version)
    with pytest.raises(PreconditionFailed):
        async with desk.work("admin") as work:
            await service.approve(work, desk.site, run.id, run.version - 1)

    async with desk.work("admin") as work:
        approved = await service.approve(work, desk.site, run.id, run.version)

    assert (approved.status, approved.approved_by_name) == ("approved", desk.house.staff["admin"].name)


async def test_issuing_posts_each_line_once_and_balances(desk: Desk) -> None:
    """MO-1, MO-2"""
    fee, bins = await desk.item("fee", "2"), await desk.item("bins", "8", "fixed")
    for n in range(3):
        await desk.unit(f"10{n}")
    await desk.unit("109", "0")  # owes nothing for its area, which no posting says

    run = await desk.issued(fee, bins)

    assert (run.status, run.posted, run.charges) == ("issued", 8, 8)
    posted = await desk.rows(
        "SELECT account, count(*), sum(amount_fen)::bigint FROM billing_posting WHERE company_id = $1 "
        "GROUP BY account ORDER BY account"
    )
    assert posted[1] == ("receivable", 7, 60000 + 3200)
    assert posted[0][::2] == ("income", -63200)
    each = "SELECT charge_id, count(*), sum(amount_fen) FROM billing_posting WHERE company_id = $1 GROUP BY charge_id"
    assert [row[1:] for row in await desk.rows(each)] == [(2, 0)] * 7
    days = await desk.rows("SELECT DISTINCT kind, posted_on FROM billing_entry WHERE company_id = $1")
    assert days == [("charge", date(2026, 11, 23))]
    assert not await desk.post(run)
    assert [row[1:] for row in await desk.rows(each)] == [(2, 0)] * 7
    told = await desk.rows("SELECT type FROM outbox WHERE company_id = $1")
    assert told == [("billing.run_issued.v1",)]


async def test_issuing_that_is_killed_goes_on_where_it_was(desk: Desk) -> None:
    """MO-2"""
    fee = await desk.item("fee", "2")
    for n in range(5):
        await desk.unit(f"10{n}")
    run = await desk.computed(fee)
    async with desk.work("manager") as work:
        run = await service.approve(work, desk.site, run.id, run.version)
    async with desk.work() as work:
        run = await service.issue(work, desk.site, run.id, run.version)
    assert await desk.post(run)
    async with killed(desk), desk.system() as work:
        await issue_step(desk.lodge.platform, work, run.id, 2)
        raise Killed
    while await desk.post(run):
        pass
    found = await desk.rows(
        "SELECT count(*), count(DISTINCT charge_id), sum(amount_fen)::bigint FROM billing_posting "
        "WHERE company_id = $1 AND account = 'receivable'"
    )
    assert found == [(5, 5, 100000)]


async def test_nothing_is_issued_into_a_closed_month(desk: Desk) -> None:
    """MO-7"""
    fee = await desk.item("fee", "2")
    await desk.unit("101")
    run = await desk.computed(fee)
    async with desk.work("manager") as work:
        run = await service.approve(work, desk.site, run.id, run.version)
    await desk.write(
        "INSERT INTO billing_period (company_id, id, site_id, month, debit_fen, credit_fen, at, by_name) "
        "VALUES ($1, $2, $3, $4, 0, 0, now(), '')",
        run.id,
        desk.site.id,
        NOVEMBER,
    )
    with pytest.raises(Conflict):
        async with desk.work() as work:
            await service.issue(work, desk.site, run.id, run.version)


async def test_a_preview_that_is_discarded_leaves_nothing_and_what_was_issued_stays(desk: Desk) -> None:
    fee = await desk.item("fee", "2")
    await desk.unit("101")
    run = await desk.computed(fee)
    async with desk.work() as work:
        gone = await service.discard(work, desk.site, run.id, run.version)
    assert (gone.status, gone.charges, await desk.charges()) == ("discarded", 0, [])
    assert not await desk.step(run)

    issued = await desk.issued(fee)
    with pytest.raises(Conflict):
        async with desk.work() as work:
            await service.discard(work, desk.site, issued.id, issued.version)
    assert len(await desk.charges()) == 1


async def test_only_items_of_the_site_with_a_period_that_begins_are_computed(desk: Desk) -> None:
    yearly = await desk.item("yearly", "2", cycle="year")
    for wrong in (NewRun(NOVEMBER, [yearly]), NewRun(NOVEMBER, [desk.site.id]), NewRun(date(2026, 11, 2), [yearly])):
        with pytest.raises(Invalid):
            async with desk.work() as work:
                await service.create(work, desk.site, wrong)
    with pytest.raises(Invalid):
        async with desk.work() as work:
            await service.create(work, desk.house.sites[1], NewRun(date(2026, 1, 1), [yearly]))


async def test_two_runs_at_once_never_charge_the_same_days(desk: Desk) -> None:
    """BIL-2"""
    fee = await desk.item("fee", "2")
    for n in range(4):
        await desk.unit(f"10{n}")
    one, other = await desk.run(fee), await desk.run(fee)
    while any([await desk.step(one), await desk.step(other)]):
        pass
    assert len(await desk.charges()) == 4
    assert ((await desk.get(one)).charges, (await desk.get(other)).charges) == (4, 0)


async def test_a_run_that_came_to_a_halt_is_taken_up_again(desk: Desk) -> None:
    fee = await desk.item("fee", "2")
    run = await desk.run(fee)
    queued = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'billing.compute_run' AND $1::uuid IS NOT NULL"
    before = await desk.rows(queued)
    await desk.write("UPDATE billing_run SET moved_at = moved_at - interval '6 minutes' WHERE company_id = $1")
    async with desk.system() as work:
        await go_on(work, work.ctx, {})
    assert (await desk.rows(queued))[0][0] == before[0][0] + 1
    assert (await desk.get(run)).status == "computing"
