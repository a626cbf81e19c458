"""Service-level time: how deadlines are computed. Pure functions over immutable values; no I/O, no clock of its own."""

from core.sla.calendar import Calendar
from core.sla.clock import evaluate, promise
from core.sla.explain import explain_case
from core.sla.model import ClockEvent, Goal, GoalStatus

__all__ = ["Calendar", "ClockEvent", "Goal", "GoalStatus", "evaluate", "explain_case", "promise"]
