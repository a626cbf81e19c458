"""Service-level time: how deadlines are computed. Pure functions over immutable values; no I/O, no clock of its own."""

from core.sla.calendar import Calendar
from core.sla.clock import evaluate, promise
from core.sla.explain import explain_case
from core.sla.hours import working_hours
from core.sla.model import ClockEvent, Goal, GoalStatus
from core.sla.segments import Segment, segments

__all__ = [
    "Calendar",
    "ClockEvent",
    "Goal",
    "GoalStatus",
    "Segment",
    "evaluate",
    "explain_case",
    "promise",
    "segments",
    "working_hours",
]
