"""One change of one ticket: locked, its clocks evaluated, and all that it came to written in one statement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from core.db.question import Question, Row
from core.errors import NotFound, PreconditionFailed
from core.hooks.types import Event
from core.policies.values import Duration
from core.sla import Calendar, ClockEvent, Goal, promise
from core.tenancy.directory import Site
from core.tickets import duplicates, repository
from core.tickets.clocks import Projection, deadlines, project
from core.tickets.concerning import keep_from_concerned
from core.tickets.lifecycle import clock_instant
from core.tickets.model import GoalRow, Owed, Status, Ticket
from core.tickets.recorded import NewEntry, Recorded, Timer
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies

GOAL = "goal"  # the kind of the timer that notices breaches
_ALL_TIME = {"working_days": "days"}  # units of time by their names in a timedelta, where those differ


class Standing(msgspec.Struct, frozen=True):
    """A ticket as it stands after a change or its creation, with what its clocks have gone through."""

    ticket: Ticket
    calendar: Calendar
    goals: tuple[GoalRow, ...]
    initial: tuple[Goal, ...]
    events: tuple[ClockEvent, ...]


Planner = Callable[[Work, Standing], Awaitable[datetime | None]]
"""The instant at which a kind of timer is to wake next, asked after each change of the ticket."""
Waker = Callable[["Change"], Awaitable[None]]
"""What is done when a timer's instant has passed; it changes the ticket, and is stored after it."""


class Change:
    """A locked ticket. `set` and `record` say what becomes of it; nothing is written before `Changes.store`, which
    also says which goals turned out to be `breached`."""

    def __init__(self, work: Work, recorded: Recorded, calendar: Calendar, policies: Policies) -> None:
        self.work = work
        self.recorded = recorded
        self.calendar = calendar
        self.policies = policies
        self.after = recorded.ticket
        self.paused_from: Status | None = recorded.paused_from
        self.at = max(clock_instant(work.now), recorded.events[-1].at)
        self.clock: list[ClockEvent] = []  # for the next entry that is recorded
        self.entries: list[NewEntry] = []
        self.rows: list[Row] = []
        self.timers: dict[str, datetime | None] = {}
        self.breached: tuple[GoalRow, ...] = ()

    @property
    def before(self) -> Ticket:
        """The ticket as it was found."""
        return self.recorded.ticket

    @property
    def running(self) -> list[str]:
        """The names of the goals that have not ended."""
        return [g.name for g in self.recorded.goals if not g.ended]

    @property
    def ended(self) -> list[str]:
        return [g.name for g in self.recorded.goals if g.ended]

    @property
    def events(self) -> tuple[ClockEvent, ...]:
        """Everything the clocks have gone through, this change included."""
        return (*self.recorded.events, *(event for entry in self.entries for event in entry.clock))

    @property
    def owed(self) -> Owed:
        """What was owed on the ticket as it was found."""
        return self.recorded.owed

    def set(self, **fields: Any) -> None:
        """New values for fields of the ticket."""
        self.after = msgspec.structs.replace(self.after, **fields)

    def stop(self, *goals: str) -> None:
        """End those of the goals that have not ended."""
        self.clock += [ClockEvent(self.at, "stop", goal=goal) for goal in goals if goal in self.running]

    def until(self, duration: Duration) -> datetime:
        """When that much time from now is over, by the ticket's calendar; a calendar without any counts all time."""
        goal = Goal("until", duration.amount, duration.unit, duration.clock)
        return promise(self.calendar, (goal,), self.at)["until"] or self.at + timedelta(
            **{_ALL_TIME.get(duration.unit, duration.unit): duration.amount}
        )

    def write(self, sql: str, values: msgspec.Struct | None = None) -> None:
        """A row of another table that belongs to the change; see `Row`."""
        self.rows.append(Row(sql, values))

    def record(
        self,
        kind: str,
        text: str = "",
        details: Mapping[str, str] | None = None,
        clock: Sequence[ClockEvent] = (),
        *,
        system: bool = False,
    ) -> None:
        """Put an entry on the timeline, in the actor's name or the system's. A person's raises the version."""
        self.entries.append(NewEntry(kind, text.strip(), dict(details or {}), (*self.clock, *clock), system))
        self.clock = []

    def wake(self, kind: str, at: datetime | None) -> None:
        """Set the timer of that kind, or take it away."""
        self.timers[kind] = at

    def tell(self, event_type: str, payload: Mapping[str, str] | None = None) -> None:
        """Emit an event about the ticket."""
        event = Event(event_type, self.after.site_id, self.after.id, {"number": self.after.number, **(payload or {})})
        self.work.emit(event)

    def audit(self, action: str, changes: Mapping[str, Any]) -> None:
        """Record who changed what."""
        self.work.audit(
            action, "ticket", self.after.id, {"number": self.after.number, **changes}, site_id=self.after.site_id
        )


class Changes:
    """Loads tickets for a change and stores it; one for the process."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        self._planners: dict[str, Planner] = {}
        self._wakers: dict[str, Waker] = {}

    def on_timer(self, kind: str, wake: Waker, plan: Planner | None = None) -> None:
        """Have timers of that kind call `wake`; `plan` sets them anew after every change, else changes do."""
        self._wakers[kind] = wake
        if plan is not None:
            self._planners[kind] = plan

    async def load(
        self,
        work: Work,
        ticket_id: UUID,
        site: Site | None,
        expected: int | None = None,
        *,
        colleague_id: UUID | None = None,
        team_id: UUID | None = None,
        question: Question[Any] | None = None,
    ) -> Change:
        """Lock a ticket of the site (None: of any, for the system). `colleague_id` and `team_id`: whom it may be
        given to, see `Recorded`. `question` goes along, see `repository.lock`.

        Raises NotFound, also for a ticket of another site; PreconditionFailed unless `expected` is its version or None.
        """
        recorded = await repository.lock(work.uow, ticket_id, colleague_id, team_id, question)
        if recorded is None or (site is not None and recorded.ticket.site_id != site.id):
            raise NotFound
        if expected is not None and expected != recorded.ticket.version:
            raise PreconditionFailed
        return await self._change(work, recorded)

    async def store(self, change: Change) -> Ticket:
        """Write the change with what its clocks came to, breaches that nobody has noticed yet included (TKT-6).

        Raises Invalid where a complaint would be given to whom it concerns (CMP-6).
        """
        keep_from_concerned(change)
        work, recorded = change.work, change.recorded
        if change.after.assignee_id != change.before.assignee_id:
            change.set(assigned_at=work.now if change.after.assignee_id else None)
        projection = project(change.calendar, recorded.initial, change.events, work.now, recorded.goals)
        late = deadlines(projection.goals)
        change.set(
            due_at=late.due_at,
            due_goal=late.goal,
            due_seconds=span(change.after.created_at, late.due_at),
            updated_at=work.now,
        )
        standing = Standing(change.after, change.calendar, projection.goals, recorded.initial, change.events)
        timers = {GOAL: late.next_breach, **await self.planned(work, standing), **change.timers}
        if change.after.concerns_id is not None and change.after.concerns_id == work.uow.reader:
            await work.uow.hide_nothing()
        elif work.uow.areas and work.uow.reader not in (change.after.owner_id, change.after.assignee_id):
            await work.uow.hide_nothing()  # it may have been seen for no other reason
        version = await repository.change(
            work.uow,
            recorded,
            change.after,
            change.paused_from,
            projection.goals,
            [*_breaches(projection), *change.entries],
            (work.ctx.actor.kind, work.ctx.actor.id, work.ctx.actor.name),
            [Timer(kind, at) for kind, at in timers.items()],
            change.rows,
        )
        if change.before.answered_at is None and change.after.answered_at is not None and recorded.unanswered:
            await duplicates.answer(change)
        change.set(version=version)
        change.breached = projection.breached
        for goal in projection.breached:
            change.audit("ticket.goal_breached", {"goal": goal.name})
            change.tell("ticket.goal_breached.v1", {"goal": goal.name, "due_at": iso(goal.breached_at)})
        self.announce(work, change.before)  # whom it concerns since now hears that it is gone
        return change.after

    async def wake(self, work: Work, ticket_id: UUID, kind: str) -> int:
        """Do what a timer of that kind is for, unless somebody else has; how many entries it put on the timeline."""
        recorded = await repository.lock(work.uow, ticket_id)
        if recorded is None or not await repository.timer_is_due(work.uow, ticket_id, kind, work.now):
            return 0  # another worker, or an action in the meantime, has dealt with it
        change = await self._change(work, recorded)
        if kind != GOAL and kind not in self._planners:
            change.wake(kind, None)
        if kind in self._wakers:
            await self._wakers[kind](change)
        await self.store(change)
        return len(change.entries) + len(change.breached)

    async def _change(self, work: Work, recorded: Recorded) -> Change:
        calendar = await self._policies.calendar_by_id(work, recorded.calendar_id)
        return Change(work, recorded, calendar, self._policies)

    async def planned(self, work: Work, standing: Standing) -> dict[str, datetime | None]:
        """The instants of the timers that are set anew after every change."""
        return {kind: await plan(work, standing) for kind, plan in self._planners.items()}

    def announce(self, work: Work, ticket: Ticket) -> None:
        """Tell open screens and whoever remembers counts, at commit."""
        work.announce("ticket", ticket.site_id, ticket.id, hidden_from=ticket.concerns_id)


def span(start: datetime, due_at: datetime | None) -> int | None:
    """Seconds from the start to a deadline, at least one."""
    return None if due_at is None else max(1, round((due_at - start).total_seconds()))


def iso(instant: datetime | None) -> str:
    return "" if instant is None else instant.isoformat().replace("+00:00", "Z")


def _breaches(projection: Projection) -> list[NewEntry]:
    return [
        NewEntry("breached", details={"goal": g.name, "due_at": iso(g.breached_at)}, system=True)
        for g in projection.breached
    ]
