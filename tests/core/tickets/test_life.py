"""The life of tickets as a state machine: whatever people do in whatever order, the rules hold and the books agree."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.errors import Conflict, Forbidden, Invalid
from core.jobs.timers import Timers
from core.policies.escalation import ESCALATION
from core.policies.layers import Overrides
from core.policies.schema import Json
from core.policies.sla_targets import SLA_TARGETS
from core.sla import Calendar, ClockEvent, Goal
from core.tickets.lifecycle import ACTIONS
from core.tickets.merging import Merge, Unmerge
from core.tickets.model import Severity
from tests.core.sla.oracle import Oracle
from tests.core.tickets.desk import Desk
from tests.core.tickets.ledger import PEOPLE, Kept, books
from tests.support.lodge import NOW, Lodge, SettableClock

T = TypeVar("T")
_QUARTER: Json = {"amount": 15, "unit": "minutes", "clock": "elapsed"}  # the oracle walks in quarters of an hour
_TARGETS: Overrides = {"urgent": {"response": _QUARTER}}
# Each goal's step is told apart by whom it goes up to.
_LADDER: Overrides = {
    "rungs": [
        {"amount": 80, "unit": "percent", "to": "owner"},
        {"amount": 100, "unit": "percent", "to": "supervisor"},
        {"amount": 2, "unit": "hours", "to": "manager", "severity": "urgent"},
        {"amount": 24, "unit": "hours", "to": "quality"},
    ]
}
QUARTER = timedelta(minutes=15)
QUARTERS = st.sampled_from((1, 2, 3, 17, 40, 96, 200))
WHO = st.sampled_from(PEOPLE)
SEVERITIES = st.sampled_from(("routine", "urgent"))
CATEGORIES = st.sampled_from(("other", "noise"))  # an enquiry, and a complaint, which owes progress too
TICKETS: Bundle[Kept] = Bundle("tickets")


class Walk(Oracle):
    """The oracle without deadlines, for which it would walk on to the end of each goal."""

    def _deadline(self, name: str) -> None:
        return None


class Life(RuleBasedStateMachine):
    """Drives the service from a thread of its own; the database belongs to the tests' loop."""

    loop: asyncio.AbstractEventLoop
    lodge: Lodge
    clock: SettableClock

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(step, self.loop).result(60)

    def done(self, step: Coroutine[Any, Any, object]) -> bool:
        """Whether the service did it; else it was refused."""
        try:
            self.run(step)
        except (Conflict, Forbidden, Invalid):
            return False
        return True

    def __init__(self) -> None:
        super().__init__()
        self.made: list[Kept] = []
        self.clock.now = NOW
        self.lodge.forget()
        self.desk = self.run(self._desk())

    async def _desk(self) -> Desk:
        desk = Desk(self.lodge, await self.lodge.house(), self.clock)
        async with desk.work("admin") as work:
            policies = self.lodge.platform.policies
            await policies.revise(work, SLA_TARGETS, None, _TARGETS, reason="in quarters", expected=0)
            await policies.revise(work, ESCALATION, None, _LADDER, reason="one step each", expected=0)
        return desk

    def act(self, kept: Kept, name: str, who: str, text: str | None = None, **more: Any) -> bool:
        return self.done(self.desk.act(kept.ticket, name, text, role=who, **more))

    # -- what people do ------------------------------------------------------------------------------------------------

    @rule(target=TICKETS, severity=SEVERITIES, category=CATEGORIES)
    def take_in(self, severity: Severity, category: str) -> Kept:
        kept = Kept(self.run(self.desk.create(category, severity)), category, severity)
        self.made.append(kept)
        return kept

    @rule(kept=TICKETS, action=st.sampled_from(sorted(ACTIONS)))
    def step(self, kept: Kept, action: str) -> None:
        """TKT-3, TKT-4, TKT-8: above all, whether it may be closed."""
        may_close = kept.may_close()
        done = self.act(kept, action, "supervisor")
        assert action != "close" or done == may_close
        if done and action == "answer":
            kept.callback = None

    @rule(kept=TICKETS, who=WHO, to=WHO)
    def offer(self, kept: Kept, who: str, to: str) -> None:
        may = kept.may_offer(who, to)
        assert self.act(kept, "offer", who, "why", colleague_id=self.desk.member(to)) == may
        if may:
            kept.offer = to, who

    @rule(kept=TICKETS, who=WHO, accepted=st.booleans())
    def answer_offer(self, kept: Kept, who: str, accepted: bool) -> None:
        may = kept.may_answer_offer(who)
        assert self.act(kept, "accept_offer" if accepted else "refuse_offer", who, "why") == may
        if may:
            kept.owner, kept.offer = who if accepted else kept.owner, None

    @rule(kept=TICKETS, who=WHO)
    def withdraw_offer(self, kept: Kept, who: str) -> None:
        may = kept.may_withdraw(who)
        assert self.act(kept, "withdraw_offer", who) == may
        if may:
            kept.offer = None

    @rule(kept=TICKETS, quarters=QUARTERS)
    def promise_callback(self, kept: Kept, quarters: int) -> None:
        at = self.clock() + QUARTER * quarters
        assert self.act(kept, "promise_callback", "clerk", at=at) == kept.open
        if kept.open:
            kept.callback, kept.callback_missed = at, False

    @rule(kept=TICKETS, outcome=st.sampled_from(("", "progress", "answer")))
    def keep_callback(self, kept: Kept, outcome: str) -> None:
        may = kept.open and kept.callback is not None
        assert self.act(kept, "keep_callback", "clerk", "called", outcome=outcome) == may
        if may:
            kept.callback = None

    @rule(kept=TICKETS)
    def tell_progress(self, kept: Kept) -> None:
        assert self.act(kept, "tell_progress", "clerk", "soon") == (kept.open and kept.status != "resolved")

    @rule(kept=TICKETS, who=WHO, to=WHO)
    def ask(self, kept: Kept, who: str, to: str) -> None:
        may = kept.open and kept.asked is None
        assert self.act(kept, "escalate_question", who, "who pays?", colleague_id=self.desk.member(to)) == may
        if may:
            kept.asked, kept.overdue = to, False

    @rule(kept=TICKETS, who=WHO)
    def answer_question(self, kept: Kept, who: str) -> None:
        may = kept.open and kept.asked is not None
        assert self.act(kept, "answer_question", who, "the builder") == may
        if may:
            kept.asked = None

    @rule(kept=TICKETS, severity=SEVERITIES, category=CATEGORIES)
    def reclassify(self, kept: Kept, severity: str, category: str) -> None:
        may = kept.open and (category, severity) != (kept.category, kept.severity)
        assert self.act(kept, "reclassify", "clerk", "so it is", category=category, severity=severity) == may
        if may:
            kept.category, kept.severity = category, severity

    @rule(kept=TICKETS, into=TICKETS, answer=st.sampled_from(("", "it is mended")))
    def merge(self, kept: Kept, into: Kept, answer: str) -> None:
        async def step() -> None:
            async with self.desk.work() as work:
                wanted = Merge(into.ticket.id, answer)
                await self.lodge.platform.merging.merge(work, self.desk.site, kept.ticket.id, wanted, None)

        may = kept.may_merge(into, answer, self.made)
        assert self.done(step()) == may
        if may:
            kept.into = into

    @rule(kept=TICKETS)
    def unmerge(self, kept: Kept) -> None:
        async def step() -> None:
            async with self.desk.work() as work:
                await self.lodge.platform.merging.unmerge(work, self.desk.site, kept.ticket.id, Unmerge("two"), None)

        assert self.done(step()) == (kept.into is not None)
        kept.into = None

    @rule(quarters=QUARTERS)
    def time_passes(self, quarters: int) -> None:
        self.clock.now += QUARTER * quarters

    @rule()
    def timers_wake(self) -> None:
        found, _ = self.run(books(self.desk))
        while self.run(Timers(self.lodge.platform).run_once()):
            pass
        now = self.clock()
        for kept in self.made:
            book = found[kept.ticket.id]
            if book.lapses_at is not None and book.lapses_at < now:
                kept.offer = None
            kept.callback_missed |= kept.callback is not None and kept.callback < now
            kept.overdue |= book.due_at is not None and book.due_at < now

    # -- what holds ----------------------------------------------------------------------------------------------------

    @invariant()
    def the_books_say_what_people_did(self) -> None:
        """TKT-2, TKT-3, TKT-4, TKT-8: an owner at all times, what is owed as it was left, none closed unanswered."""
        found, counts = self.run(books(self.desk))
        assert {status: n for status, n in counts.items() if n} == Counter(book.status for book in found.values())
        for kept in self.made:
            book = found[kept.ticket.id]
            kept.status, kept.answered = book.status, book.answered
            member = self.desk.member
            assert book.owner_id == member(kept.owner)
            assert book.offered_to == (member(kept.offer[0]) if kept.offer else None)
            assert (book.callback, book.callback and book.callback_missed) == (
                kept.callback,
                kept.callback and kept.callback_missed,
            )
            assert (book.asked, book.asked and book.overdue) == (
                kept.asked and member(kept.asked),
                kept.asked and kept.overdue,
            )
            assert book.into == (kept.into and kept.into.ticket.id)
            waits = book.into is not None and found[book.into].status != "closed"  # for the other's answer
            assert book.status != "closed" or book.answered or waits

    def teardown(self) -> None:
        for kept in self.made:
            self.run(self.goals_are_the_oracles(kept))

    async def goals_are_the_oracles(self, kept: Kept) -> None:
        """By another way than the service's: the recorded events, walked through in quarters of an hour (TKT-6)."""
        last = await self.desk.act(kept.ticket, "comment")  # so that what is used up is stored as of now
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
        now = self.clock()
        told = Walk(calendar, list(goals), events).statuses(now)
        assert {goal.name for goal in detail.goals} == told.keys()
        for goal in detail.goals:
            oracle = told[goal.name]
            if oracle.breached_at == now:  # counts once the instant has passed
                assert (goal.state, goal.used) == ("running", oracle.used)
            else:
                assert (goal.state, goal.used, goal.breached_at) == (oracle.state, oracle.used, oracle.breached_at)
        steps = Counter((e.details["goal"], e.details["to"]) for e in detail.timeline if e.kind == "escalated")
        assert set(steps.values()) <= {1}, steps
        breaches = Counter(e.details["goal"] for e in detail.timeline if e.kind == "breached")
        assert breaches == Counter(goal.name for goal in detail.goals if goal.breached_at is not None)


async def test_whatever_is_done_the_rules_hold(lodge: Lodge, shared_clock: SettableClock) -> None:
    Life.loop, Life.lodge, Life.clock = asyncio.get_running_loop(), lodge, shared_clock
    examples = int(os.environ.get("LODGE_TEST_WALKS", "20"))
    chosen = settings(max_examples=examples, stateful_step_count=30, deadline=None)
    try:
        await asyncio.to_thread(run_state_machine_as_test, Life, settings=chosen)
    finally:
        shared_clock.now = NOW
