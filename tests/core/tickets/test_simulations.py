"""A draft is tried on what has happened and touches nothing: the same terms judge as it was, others as they would."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from core.errors import Invalid, NotFound
from core.policies.calendar import CALENDAR, WEEKDAYS
from core.policies.layers import Overrides
from core.policies.sla_targets import SLA_TARGETS
from core.policies.spec import PolicySpec
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.tickets import simulations
from core.tickets.simulations import Simulation, Simulations
from core.work import Work
from tests.core.tickets.desk import Desk
from tests.support.lodge import Databases, Lodge
from tests.world import digests

PATIENT: Overrides = {"categories": {"lift": {"urgent": {"response": {"amount": 60, "unit": "minutes"}}}}}
NO_RESPONSE: Overrides = {"urgent": {"response": None}, "categories": {"lift": {"urgent": {"response": None}}}}
ALWAYS: Overrides = {"week": {day: [["00:00", "24:00"]] for day in WEEKDAYS}}


class Trial:
    """Simulations whose jobs are run here, batch after batch."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.queued: list[Mapping[str, str]] = []

    @property
    def simulations(self) -> Simulations:
        return self.desk.lodge.platform.simulations

    async def queue(self, work: Work, name: str, ids: Mapping[str, str], delay: timedelta | None = None) -> None:
        self.queued.append(ids)

    async def start(self, spec: PolicySpec[Any], overrides: Overrides) -> UUID:
        async with self.desk.work("admin") as work:
            return (await self.simulations.start(work, self.desk.site, spec, overrides)).id

    async def batch(self) -> None:
        ctx = await self.desk.lodge.platform.system_context(self.desk.house.company_id, None)
        assert ctx is not None
        async with self.desk.lodge.platform.work(ctx) as work:
            await self.simulations.carry_on(work, ctx, self.queued.pop(0))

    async def get(self, spec: PolicySpec[Any], id: UUID) -> Simulation:
        async with self.desk.work("admin", read_only=True) as work:
            return await self.simulations.get(work, self.desk.site, spec.name, id)

    async def of(self, spec: PolicySpec[Any], overrides: Overrides) -> Simulation:
        id = await self.start(spec, overrides)
        while self.queued:
            await self.batch()
        return await self.get(spec, id)


@pytest.fixture
async def trial(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Trial:
    trial = Trial(desk)
    monkeypatch.setattr(simulations, "enqueue", trial.queue)
    monkeypatch.setattr(simulations, "BATCH", 2)
    return trial


async def some_tickets(desk: Desk) -> None:
    """A lift's in time, a lift's too late, one of fees still open, all urgent."""
    prompt, late = await desk.create("lift"), await desk.create("lift")
    await desk.create("fees")
    desk.clock.advance(minutes=2)
    await desk.act(prompt, "accept")
    desk.clock.advance(minutes=13)
    await desk.act(late, "accept")
    for ticket in (prompt, late):
        await desk.act(ticket, "arrive")
        await desk.act(ticket, "resolve", "done")


async def test_the_terms_as_they_are_turn_nothing(desk: Desk, trial: Trial) -> None:
    await some_tickets(desk)
    for spec in (SLA_TARGETS, CALENDAR):
        found = await trial.of(spec, {})
        assert (found.state, found.done, found.total) == ("done", 3, 3)
        assert (found.result.turned_count, found.result.turned, found.result.moved) == (0, [], [])
        lift = found.result.categories["lift"]
        assert (lift.tickets, lift.kept_before, lift.missed_before, lift.missed_after) == (2, 1, 1, 1)


async def test_a_more_patient_promise_would_have_been_kept(desk: Desk, trial: Trial) -> None:
    await some_tickets(desk)
    found = await trial.of(SLA_TARGETS, PATIENT)
    [turned] = found.result.turned
    assert (turned.category, turned.kept, turned.missed) == ("lift", ("response",), ())
    lift = found.result.categories["lift"]
    assert (lift.missed_before, lift.missed_after, lift.kept_after) == (1, 0, 2)


async def test_a_step_counts_for_a_promise_that_was_not_made_then(desk: Desk, trial: Trial) -> None:
    """Nobody had promised a response, so no clock was stopped; that it was accepted is on record all the same."""
    async with desk.work("admin") as work:
        policies = desk.lodge.platform.policies
        await policies.revise(work, SLA_TARGETS, desk.site.id, NO_RESPONSE, reason="none", expected=0)
    await some_tickets(desk)
    found = await trial.of(SLA_TARGETS, {})
    assert [(t.category, t.missed) for t in found.result.turned] == [("lift", ("response",)), ("fees", ("response",))]


async def test_open_tickets_show_where_their_deadlines_would_move(desk: Desk, trial: Trial) -> None:
    await some_tickets(desk)
    desk.clock.advance(seconds=1)
    found = await trial.of(CALENDAR, ALWAYS)
    assert found.result.moved == []  # an urgent ticket's goals run around the clock
    routine = await desk.create("other", "routine")
    found = await trial.of(CALENDAR, ALWAYS)
    assert found.result.open_count == 4
    assert [m.number for m in found.result.moved] == []  # its next deadline is within today's hours
    found = await trial.of(SLA_TARGETS, {"routine": {"response": {"amount": 5, "unit": "minutes"}}})
    assert [(m.number, m.after) for m in found.result.moved] == [
        (routine.number, desk.clock() + timedelta(minutes=5)),
    ]
    assert (found.result.sooner, found.result.later) == (1, 0)


async def test_nothing_but_the_simulation_is_written(
    desk: Desk, trial: Trial, lodge: Lodge, databases: Databases
) -> None:
    await some_tickets(desk)
    tables = ("ticket", "ticket_goal", "ticket_event", "ticket_timer", "ticket_counter", "policy_revision")
    admin = await asyncpg.connect(databases.admin_dsn(lodge.dsns))
    try:
        before = await digests(admin, tables, desk.house.company_id)
        found = await trial.of(SLA_TARGETS, PATIENT)
        assert found.result.turned_count
        assert await digests(admin, tables, desk.house.company_id) == before
    finally:
        await admin.close()


async def test_a_simulation_is_carried_on_in_batches_and_stops_when_cancelled(desk: Desk, trial: Trial) -> None:
    await some_tickets(desk)
    id = await trial.start(SLA_TARGETS, {})
    await trial.batch()
    half = await trial.get(SLA_TARGETS, id)
    assert (half.state, half.done, half.total) == ("running", 2, 3)
    async with desk.work("admin") as work:
        await trial.simulations.cancel(work, desk.site, SLA_TARGETS.name, id)
    await trial.batch()
    assert await trial.get(SLA_TARGETS, id) == half.__class__(id, SLA_TARGETS.name, "cancelled", 3, 2, half.result)
    assert trial.queued == []


async def test_what_cannot_be_saved_or_judges_no_ticket_cannot_be_tried(desk: Desk, trial: Trial) -> None:
    with pytest.raises(Invalid):
        await trial.start(SLA_TARGETS, {"urgent": {"response": {"amount": 0, "unit": "minutes"}}})
    with pytest.raises(NotFound):
        await trial.start(TICKET_CATEGORIES, {})


async def test_another_site_does_not_find_it(desk: Desk, trial: Trial) -> None:
    id = await trial.start(SLA_TARGETS, {})
    async with desk.work("admin") as work:
        for get in (trial.simulations.get, trial.simulations.cancel):
            with pytest.raises(NotFound):
                await get(work, desk.house.sites[1], SLA_TARGETS.name, id)
