"""Policies at run time: layers, revisions by one writer at a time, changes that wait for their day."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import Invalid, NotFound, PreconditionFailed
from core.hooks.manager import PluginHost
from core.policies.layers import Overrides
from core.policies.service import Policies
from core.policies.sla_targets import SLA_TARGETS, SlaTargets
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.tenancy.directory import Site
from core.tickets.model import NewTicket
from core.tickets.service import Step
from tests.support.lodge import NOW, House, Lodge, SettableClock, lodge_on


class Desk:
    """An administrator who sets how soon urgent matters are responded to."""

    def __init__(self, lodge: Lodge, house: House) -> None:
        self.lodge, self.house = lodge, house
        self.here, self.there = house.sites

    @property
    def policies(self) -> Policies:
        return self.lodge.platform.policies

    async def set(self, minutes: int, site: Site | None = None, *, expected: int = 0, after: float = 0) -> int:
        overrides: Overrides = {"urgent": {"response": {"amount": minutes, "unit": "minutes", "clock": "elapsed"}}}
        effective_at = self.lodge.platform.clock() + timedelta(hours=after) if after else None
        async with self.lodge.work(self.house, "admin") as work:
            return await self.policies.revise(
                work, SLA_TARGETS, site.id if site else None, overrides, reason="因为", expected=expected,
                effective_at=effective_at,
            )  # fmt: skip

    async def minutes(self, site: Site | None) -> int:
        async with self.lodge.work(self.house, read_only=True) as work:
            targets: SlaTargets = await self.policies.value(work, SLA_TARGETS, site.id if site else None)
            assert targets.urgent.response is not None
            return targets.urgent.response.amount


@pytest.fixture
def desk(lodge: Lodge, house: House, clock: SettableClock) -> Desk:
    return Desk(lodge, house)


async def test_a_revision_that_is_undone_is_not_remembered(desk: Desk) -> None:
    default = await desk.minutes(desk.here)
    desk.lodge.forget()
    overrides: Overrides = {"urgent": {"response": {"amount": 3, "unit": "minutes", "clock": "elapsed"}}}

    with pytest.raises(ZeroDivisionError):
        async with desk.lodge.work(desk.house, "admin") as work:
            await desk.policies.revise(work, SLA_TARGETS, None, overrides, reason="因为", expected=0)
            await desk.policies.value(work, SLA_TARGETS, desk.here.id)
            raise ZeroDivisionError

    assert await desk.minutes(desk.here) == default


async def test_a_site_overrides_its_company_which_overrides_the_default(desk: Desk) -> None:
    default = await desk.minutes(desk.here)

    await desk.set(7)
    await desk.set(3, desk.here)

    assert default == 10
    assert [await desk.minutes(site) for site in (desk.here, desk.there, None)] == [3, 7, 7]
    async with desk.lodge.work(desk.house, read_only=True) as work:
        resolved = await desk.policies.resolved(work, SLA_TARGETS, desk.here.id)
    assert resolved.provenance["urgent.response"].scope == "site"
    assert resolved.provenance["urgent.arrival"].scope == "default"


async def test_one_companys_policies_are_no_other_companys(desk: Desk, lodge: Lodge) -> None:
    other = Desk(lodge, await lodge.house(sites=2))

    await desk.set(3)

    assert await desk.minutes(None) == 3, "and is remembered from now on"
    assert (await other.minutes(None), await other.minutes(other.here)) == (10, 10)


async def test_of_writers_who_saw_the_same_revision_one_wins(desk: Desk) -> None:
    for site in (None, desk.here):
        answers = await asyncio.gather(*(desk.set(minutes, site) for minutes in range(1, 7)), return_exceptions=True)

        assert answers.count(1) == 1
        assert sum(isinstance(answer, PreconditionFailed) for answer in answers) == 5
        assert await desk.set(9, site, expected=1) == 2


@pytest.mark.parametrize("expected", [-1, 1, 5])
async def test_a_revision_follows_the_last_one(expected: int, desk: Desk) -> None:
    with pytest.raises(PreconditionFailed):
        await desk.set(3, expected=expected)


async def test_a_change_takes_effect_at_its_hour(desk: Desk, clock: SettableClock) -> None:
    await desk.set(7)
    await desk.set(3, expected=1, after=2)

    before = await desk.minutes(desk.here)
    clock.now = NOW + timedelta(hours=2, microseconds=-1)
    just_before = await desk.minutes(desk.here)
    clock.now = NOW + timedelta(hours=2)

    assert (before, just_before, await desk.minutes(desk.here)) == (7, 7, 3)


async def test_a_later_revision_may_come_before_a_planned_one(desk: Desk, clock: SettableClock) -> None:
    await desk.set(3, after=2)
    await desk.set(5, expected=1, after=1)

    seen = []
    for hour in (0, 1, 2):
        clock.now = NOW + timedelta(hours=hour)
        seen.append(await desk.minutes(desk.here))

    assert seen == [10, 5, 3]


async def test_the_past_cannot_be_changed(desk: Desk) -> None:
    with pytest.raises(Invalid) as caught:
        await desk.set(3, after=-1)

    assert [field.field for field in caught.value.fields] == ["effective_at"]


async def test_a_value_out_of_bounds_is_named_and_nothing_is_kept(desk: Desk) -> None:
    with pytest.raises(Invalid) as caught:
        await desk.set(0)

    assert caught.value.fields and all(f.field.startswith("urgent.response") for f in caught.value.fields)
    async with desk.lodge.work(desk.house, "admin", read_only=True) as work:
        assert await desk.policies.history(work, SLA_TARGETS.name, None) == []


async def test_a_site_one_may_not_enter_has_no_policies(desk: Desk, lodge: Lodge) -> None:
    stranger = await lodge.house()
    with pytest.raises(NotFound):
        await desk.set(3, stranger.sites[0])
    with pytest.raises(NotFound):
        async with lodge.work(desk.house, "admin", desk.here) as work:
            await desk.policies.revise(work, TICKET_CATEGORIES, desk.there.id, {}, reason="因为", expected=0)


async def test_history_tells_who_and_why_newest_first(desk: Desk) -> None:
    await desk.set(7)
    await desk.set(5, expected=1)

    async with desk.lodge.work(desk.house, "admin", read_only=True) as work:
        history = await desk.policies.history(work, SLA_TARGETS.name, None)
        audited = await work.uow.fetch(
            str, "SELECT actor_name FROM audit_entry WHERE company_id = $1 AND action = 'policy.revised'",
            desk.house.company_id,
        )  # fmt: skip

    author = desk.house.staff["admin"].name
    assert [(r.number, r.author_name, r.reason) for r in history] == [(2, author, "因为"), (1, author, "因为")]
    assert audited == [author, author]


async def test_another_process_hears_of_a_change(
    lone_lodge: Lodge, host: PluginHost, clock: SettableClock, tmp_path: Path
) -> None:
    """By the announcement, not by its memory running out: the clock stands still."""
    house = await lone_lodge.house(sites=2)
    async with lodge_on(lone_lodge.dsns, host, clock, tmp_path) as other:
        there, live = Desk(other, house), other.platform.live
        async with asyncio.timeout(10), live.subscribe(house.company_id) as messages:
            await live.connected.wait()
            before = await there.minutes(None)
            await Desk(lone_lodge, house).set(3)
            message = await messages.get()
            while message is None:  # the news that it is connected now
                message = await messages.get()

        assert message.topic == "policy"
        assert (before, await there.minutes(None)) == (10, 3)


async def test_a_failed_change_is_not_remembered(desk: Desk, lodge: Lodge) -> None:
    with pytest.raises(ZeroDivisionError):
        async with lodge.work(desk.house, "admin") as work:
            await desk.policies.revise(
                work, SLA_TARGETS, None, {"urgent": {"response": None}}, reason="因为", expected=0
            )
            raise ZeroDivisionError

    assert await desk.minutes(None) == 10


async def test_a_calendar_that_was_undone_is_not_relied_on(desk: Desk, lodge: Lodge) -> None:
    tickets, site = lodge.platform.tickets, desk.here
    new = NewTicket(description="厨房漏水了", category="plumbing_electric", place="3-1802")
    with pytest.raises(ZeroDivisionError):
        async with lodge.work(desk.house, "supervisor") as work:
            ticket = await tickets.create(work, site, new)
            await tickets.act(work, site, ticket.id, "accept", Step(), None)
            raise ZeroDivisionError

    async with lodge.work(desk.house) as work:
        assert (await tickets.create(work, site, new)).status == "new"


async def test_a_ticket_keeps_the_promise_of_its_day(desk: Desk, lodge: Lodge) -> None:
    async with lodge.work(desk.house) as work:
        ticket = await lodge.platform.tickets.create(
            work, desk.here, NewTicket(description="停电了，全部", category="other", severity="urgent", place="大堂")
        )
    await desk.set(3)

    async with lodge.work(desk.house, "supervisor") as work:
        after = await lodge.platform.tickets.act(work, desk.here, ticket.id, "comment", Step("仍在查"), None)

    assert after.due_at == ticket.due_at == NOW + timedelta(minutes=10)
