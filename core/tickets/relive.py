"""A ticket's life under other terms: what was done to it stays, what was owed at each step is the draft's. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from core.hooks.types import GoalSpec, TicketType
from core.sla import Calendar, ClockEvent, Goal
from core.sla.model import EventType
from core.tickets.actions import ACTIONS
from core.tickets.goals import base
from core.tickets.lifecycle import PROGRESS, clock_instant
from core.tickets.model import Severity, Status
from core.tickets.terms import PROMISED, behind_of
from core.tickets.types import ENDED_BY, MOVED

if TYPE_CHECKING:
    from core.tickets.replay import Entry, Past

RECLASSIFIED = "reclassify"  # the kind of an entry after which a ticket is of another category or severity
_TELLS = frozenset({"answer", "tell_progress"})  # the reporter heard how it goes, so the next time is owed anew


class Draft(msgspec.Struct, frozen=True):
    """Terms to try; what is None stays as it was.

    `promises` are response, arrival and resolution by category and severity. `kind` is the type of a ticket of that
    category, given what it was taken in as (None: not known), and `amount` what a goal of a type owes.
    """

    calendar: Calendar | None = None
    promises: Callable[[str, Severity], tuple[Goal, ...]] | None = None
    kind: Callable[[str, str | None], TicketType | None] | None = None
    amount: Callable[[str, GoalSpec, Severity], Goal | None] | None = None

    def kind_of(self, past: Past, category: str | None = None) -> TicketType | None:
        """The ticket's type under the draft while it was of that category (None: the present one)."""
        known = past.type if category in (None, past.category) else None
        return None if self.kind is None else self.kind(category or past.category, known)

    def spares(self, past: Past) -> bool:
        """Whether it plainly changes nothing about the ticket, so that nobody needs to go through its life again."""
        named = [*past.initial, *(goal for event in past.events for goal in event.goals or ())]
        if self.calendar is not None:
            return self.calendar.timezone == past.calendar.timezone and not any(map(_by_shifts, named))
        kind = self.kind_of(past)
        if self.promises is None:
            return kind is None or kind.id == past.type
        if any(entry.kind == RECLASSIFIED for entry in past.entries):
            return False
        promised, further = terms_at(past, self)
        terms = {goal.name: goal for goal in promised} | {name: goal for name, goal in further.items() if goal}
        owed = {base(goal.name) for goal in named if goal.name in PROMISED or base(goal.name) in further}
        kept = all(
            {goal.name for goal in promised} <= {goal.name for goal in event.goals or promised} for event in past.events
        )
        return (
            kept
            and owed == terms.keys()
            and all(
                msgspec.structs.replace(terms[base(goal.name)], name=goal.name) == goal
                for goal in named
                if base(goal.name) in terms
            )
        )


def _by_shifts(goal: Goal) -> bool:
    """Whether working time counts for it; other goals know of a calendar its time zone alone."""
    return goal.unit == "working_days" or (goal.unit != "days" and goal.clock == "working")


def relive(past: Past, draft: Draft) -> tuple[Sequence[Goal], list[ClockEvent]]:
    """The goals it would have begun with, and what would have happened to its clocks."""
    if draft.kind is None:
        return past.initial, [event for event in past.events if event.type != "calendar"]
    life = _Life(past, draft)
    for entry in past.entries:
        life.go_through(entry)
    return life.initial, life.events


def terms_at(past: Past, draft: Draft) -> tuple[tuple[Goal, ...], dict[str, Goal | None]]:
    """What the draft would promise the ticket now, and the amounts of the goals of its type."""
    assert draft.promises is not None and draft.amount is not None
    kind = draft.kind_of(past)
    specs = kind.goals if kind else ()
    further = {spec.name: draft.amount(kind.id, spec, past.severity) for spec in specs if kind}
    return draft.promises(past.category, past.severity), further


class _Life:
    """What is owed and what has happened, step by step.

    Goals of the type follow what was recorded of them; those that the ticket never had begin and end with the actions
    that the type names. Each round of a goal is one of its own (`progress_2`).
    """

    def __init__(self, past: Past, draft: Draft) -> None:
        self.past, self.draft = past, draft
        first = next((entry.details for entry in past.entries if entry.kind == RECLASSIFIED), None)
        self.category = first["from_category"] if first else past.category
        self.severity: Severity = msgspec.convert(first["from_severity"], Severity) if first else past.severity
        self.status: Status = "new"
        self.events: list[ClockEvent] = []
        self.rounds: dict[str, int] = {}
        self.running: set[str] = set()  # goals of the type whose last round has not ended
        named = [*past.initial, *(goal for event in past.events for goal in event.goals or ())]
        self.recorded = {base(goal.name): goal for goal in named if goal.name not in PROMISED}
        self.seen = {goal.name for goal in past.initial}
        self.owed = {goal.name: goal for goal in self._promised(past.initial)}
        opening = [goal.name for goal in past.initial if goal.name not in PROMISED]
        opening += [spec.name for spec in self._specs() if not spec.starts and spec.name not in self.recorded]
        for name in opening:
            self._add(name)
        self.initial = tuple(self.owed.values())
        self.ever = set(self.owed)

    def go_through(self, entry: Entry) -> None:
        """What the entry did, and what it would have done besides."""
        for event in entry.clock:
            self._apply(event)
        if entry.kind == RECLASSIFIED:
            self.category = entry.details["category"]
            self.severity = msgspec.convert(entry.details["severity"], Severity)
            if self.draft.promises is not None:
                behind = behind_of(self.status)
                promised = self._promised(())
                self._retarget(
                    entry.at, [goal for goal in promised if goal.name in self.ever or goal.name not in behind]
                )
        for name in self._ended_by(entry):
            self._push(entry.at, "stop", name)
        if entry.kind == "reopen":
            self._push(entry.at, "reopen", "resolution")
        self._act(entry)

    def _apply(self, event: ClockEvent) -> None:
        """A recorded event, as far as it is about what would have been owed."""
        if event.goals is not None:
            if self.draft.promises is None:
                self._retarget(event.at, self._promised(event.goals))
            for goal in event.goals:
                if goal.name not in PROMISED and goal.name not in self.seen:
                    self.seen.add(goal.name)
                    self._begin(event.at, base(goal.name))
        elif event.goal is None:
            self.events.append(msgspec.structs.replace(event, at=self._not_before(event.at)))
        elif event.goal in PROMISED:
            self._push(event.at, event.type, event.goal)
        elif event.restart:
            self._begin(event.at, base(event.goal))
        else:
            self._round(event.at, event.type, base(event.goal))

    def _ended_by(self, entry: Entry) -> Iterable[str]:
        """Bring the state up to the entry; the goals that are over with it."""
        if entry.kind == "merged":
            return tuple(self.ever)
        if entry.kind == MOVED:
            kind = self.draft.kind_of(self.past)
            stage = next((s for s in kind.stages if s.name == entry.details.get("stage")), None) if kind else None
            if stage is None:
                return ()
            self.status = msgspec.convert(stage.status, Status)
            return ENDED_BY.get(stage.status, ())
        action = ACTIONS.get(entry.kind)
        if action is None:
            return ()
        if action.target is not None and action.target != "paused":
            self.status = action.target
        return action.stops

    def _act(self, entry: Entry) -> None:
        """Goals of the type that the ticket never had: those that the action would have begun, renewed or ended."""
        action = entry.details.get("action", entry.kind) if entry.kind == MOVED else entry.kind
        told = action in _TELLS or (action == "keep_callback" and bool(entry.details.get("outcome")))
        for spec in self._specs():
            if spec.name in self.recorded:
                continue
            if action in spec.stops:
                self._round(entry.at, "stop", spec.name)
            if action in spec.starts or (told and spec.name == PROGRESS and spec.name in self.running):
                self._begin(entry.at, spec.name)

    # -- what is owed -----------------------------------------------------------------------------------------------

    def _promised(self, recorded: Sequence[Goal]) -> tuple[Goal, ...]:
        """Response, arrival and resolution of the present category and severity: the draft's, or as recorded."""
        if self.draft.promises is None:
            return tuple(goal for goal in recorded if goal.name in PROMISED)
        return self.draft.promises(self.category, self.severity)

    def _specs(self) -> tuple[GoalSpec, ...]:
        kind = self.draft.kind_of(self.past, self.category)
        return kind.goals if kind else ()

    def _amount(self, name: str) -> Goal | None:
        """What a goal of the type would owe. One that nobody declares stays as recorded, unless the type changes."""
        kind = self.draft.kind_of(self.past, self.category)
        spec = next((spec for spec in kind.goals if spec.name == name), None) if kind else None
        if kind is not None and spec is not None and self.draft.amount is not None:
            return self.draft.amount(kind.id, spec, self.severity)
        return None if self.draft.promises is None else self.recorded.get(name)

    def _add(self, name: str) -> bool:
        """Another round of the goal; whether it is owed at all."""
        amount = self._amount(name)
        if amount is None:
            return False
        self.rounds[name] = self.rounds.get(name, 0) + 1
        self.running.add(name)
        latest = self._latest(name)
        self.owed[latest] = msgspec.structs.replace(amount, name=latest)
        return True

    def _begin(self, at: datetime, name: str) -> None:
        self._round(at, "stop", name)
        if self._add(name):
            self._retarget(at, [goal for goal in self.owed.values() if goal.name in PROMISED])

    def _retarget(self, at: datetime, promised: Iterable[Goal]) -> None:
        """Owe these promises, and the goals of the type as they are."""
        further = [goal for goal in self.owed.values() if goal.name not in PROMISED]
        self.owed = {goal.name: goal for goal in (*promised, *further)}
        self.ever |= self.owed.keys()
        self.events.append(ClockEvent(self._not_before(at), "retarget", goals=tuple(self.owed.values())))

    def _round(self, at: datetime, kind: EventType, name: str) -> None:
        """Stop or reopen the last round of a goal of the type, if there was one."""
        if name in self.rounds:
            self._push(at, kind, self._latest(name))
            (self.running.add if kind == "reopen" else self.running.discard)(name)

    def _latest(self, name: str) -> str:
        return name if self.rounds[name] == 1 else f"{name}_{self.rounds[name]}"

    def _push(self, at: datetime, kind: EventType, goal: str) -> None:
        if goal in self.ever:
            self.events.append(ClockEvent(self._not_before(at), kind, goal=goal))

    def _not_before(self, at: datetime) -> datetime:
        """The whole second at which it counts; what was not on record then may have come in between."""
        at = clock_instant(at)
        return max(at, self.events[-1].at) if self.events else at
