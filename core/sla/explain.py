"""Worked examples of deadlines: reads a case, or a list of cases, as JSON and says what it comes to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypedDict

import msgspec

from core.sla.calendar import Calendar
from core.sla.clock import evaluate
from core.sla.model import ClockEvent, Goal, GoalStatus, instant


class GoalResult(TypedDict):
    """A `GoalStatus` in JSON: instants in ISO 8601, UTC with `Z`, whole seconds."""

    state: str
    used: int
    due_at: str | None
    breached_at: str | None


class Explanation(TypedDict):
    """What a case comes to, shaped like the case's `expect`."""

    name: str
    result: dict[str, GoalResult]


class _Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    calendar: Calendar
    goals: tuple[Goal, ...]
    events: tuple[ClockEvent, ...]
    now: datetime
    expect: dict[str, GoalStatus] | None = None

    def __post_init__(self) -> None:
        _check_instant(self.now, "now")
        for index, event in enumerate(self.events):
            _check_instant(event.at, f"events[{index}].at")


def explain_case(case: bytes | str | object) -> list[Explanation]:
    """Evaluates one case or a list of them, given as JSON text or already decoded; `expect` is optional, not compared.

    Raises ValueError naming the case and the place in it that is wrong.
    """
    if isinstance(case, bytes | str):
        try:
            case = msgspec.json.decode(case)
        except msgspec.DecodeError as error:
            raise ValueError(f"not JSON: {error}") from error
    cases = case if isinstance(case, list) else [case]
    return [_explain(item, number) for number, item in enumerate(cases, 1)]


def _explain(item: object, number: int) -> Explanation:
    label = f"case {number}"
    if isinstance(item, dict) and isinstance(item.get("name"), str):
        label += f" {item['name']!r}"
    try:
        case = msgspec.convert(item, _Case)
        result = evaluate(case.calendar, case.goals, case.events, case.now)
    except (msgspec.ValidationError, ValueError) as error:
        raise ValueError(f"{label}: {error}") from error
    return {"name": case.name, "result": msgspec.to_builtins(result)}


def _check_instant(moment: datetime, place: str) -> None:
    try:
        instant(moment)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error
    if moment.utcoffset() != timedelta(0) or moment.microsecond:
        raise ValueError(f"{place}: {moment.isoformat()} is not in UTC with Z and whole seconds")
