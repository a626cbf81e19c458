"""Random calendars, goals and ticket lives on a grid of 15 minutes, close to clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from core.sla import Calendar, ClockEvent, Goal

STEP = timedelta(minutes=15)
# Zones with the first day of a week in which their clocks change, if they do: by night, at midnight (into the day
# before, or skipping it), by half an hour.
PLACES = [
    ("Asia/Shanghai", date(2026, 9, 28)),
    ("Asia/Kathmandu", date(2026, 2, 26)),
    ("Europe/Berlin", date(2026, 3, 26)),
    ("Europe/Berlin", date(2026, 10, 22)),
    ("America/Santiago", date(2026, 4, 2)),
    ("America/Santiago", date(2026, 9, 3)),
    ("America/Havana", date(2026, 3, 5)),
    ("America/Havana", date(2026, 10, 29)),
    ("Australia/Lord_Howe", date(2026, 4, 2)),
    ("Australia/Lord_Howe", date(2026, 10, 1)),
    ("America/New_York", date(2026, 12, 29)),
]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = ("response", "resolution", "return_visit")

places = st.sampled_from(PLACES)


def _wall(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"


@st.composite
def shifts(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    edges = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))
    return tuple((_wall(start), _wall(end)) for start, end in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def calendars(draw: st.DrawFn, place: tuple[str, date] | None = None) -> Calendar:
    timezone, first = place or draw(places)
    week = draw(st.dictionaries(st.sampled_from(WEEKDAYS), shifts(), min_size=3))
    days = draw(st.dictionaries(st.integers(0, 10), shifts(), max_size=3))
    exceptions = {(first + timedelta(days=day)).isoformat(): value for day, value in days.items()}
    return Calendar(timezone, week, exceptions)


@st.composite
def goals(draw: st.DrawFn, name: str | None = None) -> Goal:
    unit = draw(st.sampled_from(("minutes", "hours", "working_days", "days")))
    amount = {
        "minutes": st.integers(1, 60).map(lambda quarters: quarters * 15),
        "hours": st.integers(1, 40),
        "working_days": st.integers(1, 4),
        "days": st.integers(1, 5),
    }[unit]
    clock = draw(st.sampled_from(("working", "elapsed")))
    return Goal(name or draw(st.sampled_from(NAMES)), draw(amount), unit, clock)  # type: ignore[arg-type]


def goal_lists(min_size: int = 0) -> st.SearchStrategy[tuple[Goal, ...]]:
    return st.lists(goals(), min_size=min_size, max_size=3, unique_by=lambda goal: goal.name).map(tuple)


@st.composite
def instants(draw: st.DrawFn, first: date, days: int) -> datetime:
    midnight = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return midnight + STEP * draw(st.integers(0, days * 96))


@st.composite
def lives(draw: st.DrawFn, *, retarget: bool = True) -> tuple[Calendar, tuple[Goal, ...], list[ClockEvent], datetime]:
    """A calendar, goals, events in order (the first is the start) and a `now` not before the last of them."""
    place = draw(places)
    calendar = draw(calendars(place))
    ticket_goals = draw(goal_lists(min_size=1))
    moments = sorted(draw(st.lists(instants(place[1], 6), min_size=2, max_size=9)))
    known = {goal.name for goal in ticket_goals}
    events = [ClockEvent(moments[0], "start")]
    kinds = ["pause", "resume", "resume", "stop", "reopen", "calendar", *(["retarget"] if retarget else [])]
    for at in moments[1:-1]:
        kind = draw(st.sampled_from(kinds))
        if kind in ("pause", "resume"):
            event = ClockEvent(at, kind)  # type: ignore[arg-type]
        elif kind == "stop":
            event = ClockEvent(at, "stop", goal=draw(st.sampled_from(sorted(known))))
        elif kind == "reopen":
            event = ClockEvent(at, "reopen", goal=draw(st.sampled_from(sorted(known))), restart=draw(st.booleans()))
        elif kind == "calendar":
            event = ClockEvent(at, "calendar", calendar=draw(st.one_of(calendars(place), calendars())))
        else:
            event = ClockEvent(at, "retarget", goals=draw(goal_lists()))
            known |= {goal.name for goal in event.goals or ()}
        events.append(event)
    return calendar, ticket_goals, events, moments[-1]
