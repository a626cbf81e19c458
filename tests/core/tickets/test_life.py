"""The life of tickets as a state machine: whatever people do in whatever order, the rules hold and the books agree."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core.errors import Conflict
from core.jobs.timers import Timers
from core.policies.layers import Overrides
from core.policies.schema import Json
from core.policies.sla_targets import SLA_TARGETS
from core.sla import Calendar, ClockEvent, Goal
from core.tickets.lifecycle import ACTIONS
from core.tickets.model import Severity, Ticket
from tests.core.sla.oracle import Oracle
from tests.core.tickets.desk import Desk
from tests.support.lodge import NOW, Lodge, SettableClock

T = TypeVar("T")
_QUARTER: Json = {"amount": 15, "unit": "minutes", "clock": "elapsed"}  # the oracle walks in quarters of an hour


class Life(RuleBasedStateMachine):
    """Drives the service from a thread of its own; the database belongs to the tests' loop."""

    tickets: Bundle[Ticket] = Bundle("tickets")
    loop: asyncio.AbstractEventLoop
    lodge: Lodge
    clock: SettableClock

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(step, self.loop).result(60)

    def __init__(self) -> None:
        super().__init__()
        self.made: list[Ticket] = []
        self.clock.now = NOW
        self.lodge.forget()
        self.desk = self.run(self._desk())

    async def _desk(self) -> Desk:
        desk = Desk(self.lodge, await self.lodge.house(), self.clock)
        async with desk.work("admin") as work:
            targets: Overrides = {"urgent": {"response": _QUARTER}}
            await self.lodge.platform.policies.revise(
                work, SLA_TARGETS, None, targets, reason="in quarters", expected=0
            )
        return desk

    @rule(target=tickets, severity=st.sampled_from(("routine", "urgent")))
    def take_in(self, severity: Severity) -> Ticket:
        ticket = self.run(self.desk.create("other", severity))
        self.made.append(ticket)
        return ticket

    @rule(ticket=tickets, action=st.sampled_from(sorted(ACTIONS)))
    def act(self, ticket: Ticket, action: str) -> None:
        try:
            self.run(self.desk.act(ticket, action))
        except Conflict:
            return

    @rule(quarters=st.sampled_from((1, 2, 3, 17, 40, 96, 200)))
    def time_passes(self, quarters: int) -> None:
        self.clock.advance(minutes=15 * quarters)

    @rule()
    def timers_wake(self) -> None:
        while self.run(Timers(self.lodge.platform).run_once()):
            pass

    @invariant()
    def every_matter_has_an_owner_and_none_is_closed_without_an_answer(self) -> None:
        """TKT-2, TKT-3."""
        for ticket in self.made:
            detail = self.run(self.desk.detail(ticket))
            assert detail.ticket.owner_id is not None
            answered = False
            for entry in detail.timeline:
                answered = entry.kind != "reopen" and (answered or entry.kind == "answer")
            assert answered or detail.ticket.status != "closed"

    def teardown(self) -> None:
        for ticket in self.made:
            self.run(self.goals_are_the_oracles(ticket))

    async def goals_are_the_oracles(self, ticket: Ticket) -> None:
        """By another way than the service's: the recorded events, walked through in quarters of an hour."""
        last = await self.desk.act(ticket, "comment")  # so that what is used up is stored as of now
        async with self.desk.work(read_only=True) as work:
            key = work.ctx.company_id, last.id
            clocks = await work.uow.fetch(
                str, "SELECT clock FROM ticket_event WHERE company_id = $1 AND ticket_id = $2 ORDER BY seq", *key
            )
            sql = (
                "SELECT value FROM calendar_value v JOIN ticket t ON t.company_id = v.company_id "
                "AND t.calendar_id = v.id WHERE t.company_id = $1 AND t.id = $2"
            )
            calendar = msgspec.json.decode(await work.uow.value(sql, *key), type=Calendar)
        detail = await self.desk.detail(last)
        goals = msgspec.json.decode(detail.timeline[0].details["goals"], type=tuple[Goal, ...])
        events = [event for clock in clocks for event in msgspec.json.decode(clock, type=list[ClockEvent])]
        now: datetime = self.clock()
        told = Oracle(calendar, goals, events).statuses(now)
        for goal in detail.goals:
            oracle = told[goal.name]
            if oracle.breached_at == now:  # counts once the instant has passed
                assert (goal.state, goal.used) == ("running", oracle.used)
            else:
                assert (goal.state, goal.used, goal.breached_at) == (oracle.state, oracle.used, oracle.breached_at)


async def test_whatever_is_done_the_rules_hold(lodge: Lodge, shared_clock: SettableClock) -> None:
    Life.loop, Life.lodge, Life.clock = asyncio.get_running_loop(), lodge, shared_clock
    examples = int(os.environ.get("LODGE_TEST_WALKS", "20"))
    chosen = settings(max_examples=examples, stateful_step_count=20, deadline=None)
    try:
        await asyncio.to_thread(run_state_machine_as_test, Life, settings=chosen)
    finally:
        shared_clock.now = NOW
