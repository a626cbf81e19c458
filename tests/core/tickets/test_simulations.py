"""A draft is tried on what has happened and touches nothing: the same terms judge as it was, others as they would."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from core.errors import Invalid, NotFound
from core.policies.calendar import CALENDAR, WEEKDAYS
from core.policies.escalation import ESCALATION
from core.policies.layers import Overrides
from core.policies.sla_targets import SLA_TARGETS
from core.policies.spec import PolicySpec
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.tickets import simulations
from core.tickets.merging import Merge
from core.tickets.simulations import SimulatedTicket, Simulation, Simulations, Turn
from core.work import Work
from tests.core.tickets.desk import Desk
from tests.support.filling import TENANT_TABLES
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

    async def start(self, spec: PolicySpec[Any], overrides: Overrides, *, company: bool = False) -> UUID:
        async with self.desk.work("admin") as work:
            return (await self.simulations.start(work, None if company else self.desk.site.id, spec, overrides)).id

    async def batch(self) -> None:
        ctx = await self.desk.lodge.platform.system_context(self.desk.house.company_id, None)
        assert ctx is not None
        async with self.desk.lodge.platform.work(ctx) as work:
            await self.simulations.carry_on(work, ctx, self.queued.pop(0))

    async def get(self, spec: PolicySpec[Any], id: UUID, *, company: bool = False) -> Simulation:
        async with self.desk.work("admin", read_only=True) as work:
            return await self.simulations.get(work, None if company else self.desk.site.id, spec.name, id)

    async def of(self, spec: PolicySpec[Any], overrides: Overrides, *, company: bool = False) -> Simulation:
        id = await self.start(spec, overrides, company=company)
        while self.queued:
            await self.batch()
        return await self.get(spec, id, company=company)

    async def tickets(self, simulation: Simulation, turn: Turn = "turned", limit: int = 9) -> list[SimulatedTicket]:
        async with self.desk.work("admin", read_only=True) as work:
            first = await self.simulations.tickets(work, simulation, turn, None, limit)
            return first + (await self.simulations.tickets(work, simulation, turn, first[-1].id) if first else [])


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


async def a_busy_day(desk: Desk) -> None:
    """Goals of types begun, renewed, missed and begun anew; paused, classified anew, reopened, merged."""
    told, missed, other = [await desk.create(category, "urgent") for category in ("lift", "fees", "noise")]
    for ticket in (told, missed, other):
        await desk.act(ticket, "accept")
    desk.clock.advance(minutes=20)
    await desk.act(other, "pause")
    desk.clock.advance(hours=3)
    await desk.act(told, "tell_progress", "on our way")
    desk.clock.advance(hours=6)
    await desk.act(other, "resume")
    await desk.act(missed, "answer")
    await desk.act(told, "reclassify", "worse than it looked", category="plumbing_electric", severity="critical")
    desk.clock.advance(hours=1)
    for ticket in (told, missed):
        for action in ("resolve", "answer", "close"):
            await desk.act(ticket, action)
    desk.clock.advance(hours=20)
    await desk.act(missed, "reopen")
    twin = await desk.create("noise", "urgent")
    async with desk.work("supervisor") as work:
        await desk.lodge.platform.merging.merge(work, desk.site, twin.id, Merge(other.id), None)
    desk.clock.advance(days=2)


async def test_the_terms_as_they_are_turn_nothing(desk: Desk, trial: Trial) -> None:
    await some_tickets(desk)
    await a_busy_day(desk)
    for spec in (SLA_TARGETS, CALENDAR, TICKET_CATEGORIES):
        found = await trial.of(spec, {})
        assert (found.state, found.done, found.total) == ("done", 7, 7)
        assert (found.result.turned, found.result.sooner, found.result.later) == (0, 0, 0), spec.name
        for tally in found.result.categories.values():
            for each in (tally, *tally.goals.values()):
                assert (each.kept_before, each.missed_before) == (each.kept_after, each.missed_after), spec.name
        assert found.result.categories["fees"].goals["progress"].missed_before == 1
        assert await trial.tickets(found) == []


async def test_a_more_patient_promise_would_have_been_kept(desk: Desk, trial: Trial) -> None:
    await some_tickets(desk)
    found = await trial.of(SLA_TARGETS, PATIENT)
    [turned] = await trial.tickets(found)
    assert (turned.category, turned.kept, turned.missed) == ("lift", ["response"], [])
    lift = found.result.categories["lift"]
    assert (lift.missed_before, lift.missed_after, lift.kept_after) == (1, 0, 2)
    response, arrival = lift.goals["response"], lift.goals["arrival"]
    assert (response.missed_before, response.missed_after, response.kept_after) == (1, 0, 2)
    assert (arrival.kept_before, arrival.kept_after) == (2, 2)
    assert (found.result.gained, found.result.lost) == (1, 0)
    assert (await trial.tickets(found, "gained"), await trial.tickets(found, "lost")) == ([turned], [])


async def test_a_step_counts_for_a_promise_that_was_not_made_then(desk: Desk, trial: Trial) -> None:
    """Nobody had promised a response, so no clock was stopped; that it was accepted is on record all the same."""
    async with desk.work("admin") as work:
        policies = desk.lodge.platform.policies
        await policies.revise(work, SLA_TARGETS, desk.site.id, NO_RESPONSE, reason="none", expected=0)
    await some_tickets(desk)
    turned = await trial.tickets(await trial.of(SLA_TARGETS, {}), limit=1)
    assert [(t.category, t.missed) for t in turned] == [("lift", ["response"]), ("fees", ["response"])]


@pytest.mark.parametrize(
    ("overrides", "lost", "gained"),
    [
        ({"goals": {"repair_progress": {"urgent": {"amount": 2, "unit": "hours"}}}}, ["lift"], []),
        ({"goals": {"enquiry_progress": {"urgent": {"amount": 12, "unit": "hours"}}}}, [], ["fees"]),
        ({"goals": {"enquiry_progress": {"urgent": None}}}, [], ["fees"]),
    ],
)
async def test_goals_of_types_come_out_differently_too(
    desk: Desk, trial: Trial, overrides: Overrides, lost: list[str], gained: list[str]
) -> None:
    """TKT-5: a lift told about after three hours, fees after nine, under other intervals of progress."""
    lift, fees = await desk.create("lift"), await desk.create("fees")
    for ticket in (lift, fees):
        await desk.act(ticket, "accept")
    desk.clock.advance(hours=3)
    await desk.act(lift, "tell_progress", "on our way")
    for action in ("arrive", "resolve"):
        await desk.act(lift, action)
    desk.clock.advance(hours=6)
    for action in ("tell_progress", "resolve"):
        await desk.act(fees, action, "told")
    found = await trial.of(SLA_TARGETS, overrides)
    assert [t.category for t in await trial.tickets(found, "lost")] == lost
    assert [t.category for t in await trial.tickets(found, "gained")] == gained


async def test_another_kind_of_ticket_owes_other_goals(desk: Desk, trial: Trial) -> None:
    """An enquiry is told about every eight hours, a repair every four: seven are too many for one of them."""
    fees = await desk.create("fees")
    await desk.act(fees, "accept")
    desk.clock.advance(hours=7)
    await desk.act(fees, "resolve")
    repairs = [msgspec.structs.replace(each, ticket_type="repair") for each in TICKET_CATEGORIES.default.categories]
    draft = msgspec.json.decode(msgspec.json.encode({"categories": repairs}))
    [turned] = await trial.tickets(await trial.of(TICKET_CATEGORIES, draft))
    assert (turned.number, turned.missed) == (fees.number, ["progress"])


async def test_open_tickets_show_where_their_deadlines_would_move(desk: Desk, trial: Trial) -> None:
    await some_tickets(desk)
    desk.clock.advance(seconds=1)
    found = await trial.of(CALENDAR, ALWAYS)
    assert await trial.tickets(found, "moved") == []  # an urgent ticket's goals run around the clock
    routine = await desk.create("other", "routine")
    found = await trial.of(CALENDAR, ALWAYS)
    assert (found.result.open, found.result.later) == (4, 0)  # its next deadline is within today's hours
    found = await trial.of(SLA_TARGETS, {"routine": {"response": {"amount": 5, "unit": "minutes"}}})
    [moved] = await trial.tickets(found, "moved")
    assert (moved.number, moved.due_after) == (routine.number, desk.clock() + timedelta(minutes=5))
    assert (found.result.sooner, found.result.later) == (1, 0)


async def test_a_companys_draft_is_tried_at_every_site_under_what_the_site_sets_itself(
    desk: Desk, trial: Trial
) -> None:
    here, there = desk.house.sites
    async with desk.work("admin") as work:
        policies = desk.lodge.platform.policies
        await policies.revise(work, SLA_TARGETS, there.id, PATIENT, reason="far off", expected=0)
    await some_tickets(desk)
    late = await desk.create("lift", site=there)
    desk.clock.advance(minutes=61)
    await desk.act(late, "accept")
    found = await trial.of(SLA_TARGETS, {"categories": {"lift": {"urgent": {"response": None}}}}, company=True)
    assert (found.site_id, found.total, found.done) == (None, 4, 4)
    by_site = {each.site_id: each.result for each in found.sites}
    assert (by_site[here.id].gained, by_site[there.id].turned) == (1, 0)
    assert found.result.categories["lift"].tickets == 3
    assert [(t.site_id, t.kept) for t in await trial.tickets(found)] == [(here.id, ["response"])]


async def test_nothing_but_the_simulation_is_written(
    desk: Desk, trial: Trial, lodge: Lodge, databases: Databases
) -> None:
    """A digest of everything that the company has."""
    await some_tickets(desk)
    admin = await asyncpg.connect(databases.admin_dsn(lodge.dsns), server_settings={"search_path": "lodge"})
    try:
        tables = tuple(row[0] for row in await admin.fetch(TENANT_TABLES) if "simulation" not in row[0])
        before = await digests(admin, tables, desk.house.company_id)
        for company in (False, True):
            assert (await trial.of(SLA_TARGETS, PATIENT, company=company)).result.turned
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
        await trial.simulations.cancel(work, desk.site.id, SLA_TARGETS.name, id)
    await trial.batch()
    assert await trial.get(SLA_TARGETS, id) == msgspec.structs.replace(half, state="cancelled")
    assert trial.queued == []


async def test_what_cannot_be_saved_or_judges_no_ticket_cannot_be_tried(desk: Desk, trial: Trial) -> None:
    with pytest.raises(Invalid):
        await trial.start(SLA_TARGETS, {"urgent": {"response": {"amount": 0, "unit": "minutes"}}})
    with pytest.raises(NotFound):
        await trial.start(ESCALATION, {})


async def test_another_layer_does_not_find_it(desk: Desk, trial: Trial) -> None:
    """TI-10"""
    ids = {False: await trial.start(SLA_TARGETS, {}), True: await trial.start(SLA_TARGETS, {}, company=True)}
    async with desk.work("admin") as work:
        for get in (trial.simulations.get, trial.simulations.cancel):
            for site_id, company in ((desk.house.sites[1].id, False), (None, False), (desk.site.id, True)):
                with pytest.raises(NotFound):
                    await get(work, site_id, SLA_TARGETS.name, ids[company])
