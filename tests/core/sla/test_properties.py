"""What holds for every calendar and every life of a ticket."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.sla import Calendar, ClockEvent, Goal, evaluate, promise
from tests.core.sla.oracle import HORIZON, Oracle
from tests.core.sla.strategies import STEP, calendars, goal_lists, goals, instants, lives, places

checked = settings(deadline=None, max_examples=120, derandomize=True, database=None)
SECOND = timedelta(seconds=1)
ENDED = ("met", "breached", "cancelled")


def _later(first: datetime | None, second: datetime | None) -> bool:
    """Whether `second` is no earlier; a deadline that cannot be found is the latest of all."""
    return second is None or (first is not None and first <= second)


@checked
@given(lives())
def test_a_walk_in_steps_comes_to_the_same(life) -> None:
    calendar, ticket_goals, events, now = life
    expected = Oracle(calendar, list(ticket_goals), events).statuses(now)
    actual = evaluate(calendar, ticket_goals, events, now)
    assert list(actual) == list(expected)
    for name, status in actual.items():
        slow = expected[name]
        assert (status.state, status.used, status.breached_at) == (slow.state, slow.used, slow.breached_at)
        if slow.due_at is None and status.due_at is not None:
            assert status.state in ("running", "met")
            assert status.due_at > events[0].at + HORIZON  # out of the slow walk's sight
        else:
            assert status.due_at == slow.due_at


@st.composite
def _starts(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    place = draw(places)
    seconds = timedelta(seconds=draw(st.integers(0, 900)))
    return draw(calendars(place)), draw(instants(place[1], 6)) + seconds


@checked
@given(_starts(), goal_lists(min_size=1))
def test_a_promise_is_the_deadline_of_the_ticket_just_started(start, ticket_goals) -> None:
    calendar, at = start
    statuses = evaluate(calendar, ticket_goals, [ClockEvent(at, "start")], at)
    assert promise(calendar, ticket_goals, at) == {name: status.due_at for name, status in statuses.items()}


@checked
@given(_starts(), goals("resolution"), st.integers(0, 10**6))
def test_a_later_start_is_never_due_earlier(start, goal, delay) -> None:
    calendar, at = start
    first = promise(calendar, [goal], at)["resolution"]
    second = promise(calendar, [goal], at + SECOND * delay)["resolution"]
    assert _later(first, second)


@checked
@given(_starts(), goals("resolution"), st.integers(1, 30))
def test_a_larger_amount_is_due_later(start, goal, more) -> None:
    calendar, at = start
    larger = Goal(goal.name, goal.amount + more, goal.unit, goal.clock)
    first = promise(calendar, [goal], at)["resolution"]
    second = promise(calendar, [larger], at)["resolution"]
    assert _later(first, second)
    if goal.unit in ("minutes", "hours"):
        assert first is None or first != second


@checked
@given(_starts(), goals("resolution"))
def test_a_deadline_is_the_first_instant_of_the_breach(start, goal) -> None:
    calendar, at = start
    due_at = promise(calendar, [goal], at)["resolution"]
    assume(due_at is not None)
    events = [ClockEvent(at, "start")]
    assert evaluate(calendar, [goal], events, due_at - SECOND)["resolution"].state == "running"
    assert evaluate(calendar, [goal], events, due_at)["resolution"].breached_at == due_at


@checked
@given(lives(), st.data())
def test_looking_earlier_foretells_nothing_and_changes_nothing(life, data) -> None:
    """Until something happens, what is used never shrinks, an end stands for good and a deadline holds."""
    calendar, ticket_goals, events, now = life
    last = events[-1].at
    middle = last + (now - last) * data.draw(st.sampled_from((0.0, 0.25, 0.5, 1.0)))
    earlier, later = (evaluate(calendar, ticket_goals, events, moment) for moment in (middle, now))
    for name, status in earlier.items():
        after = later[name]
        assert status.used <= after.used
        if status.state in ENDED:
            assert (after.state, after.due_at, after.breached_at) == (status.state, status.due_at, status.breached_at)
        elif status.state == "running" and status.due_at is not None:
            assert after.due_at == status.due_at
            assert (after.state == "breached") == (status.due_at <= now)
        else:
            assert after.state == status.state


@checked
@given(lives())
def test_a_breach_stands_whatever_happens_later(life) -> None:
    calendar, ticket_goals, events, now = life
    breaches: dict[str, datetime | None] = {}
    for event in events:
        # An event at the very deadline may still prevent the breach: look just before each event.
        for name, status in evaluate(calendar, ticket_goals, events, event.at - SECOND).items():
            if name in breaches:
                assert (status.state, status.breached_at) == ("breached", breaches[name])
            if status.state == "breached":
                breaches[name] = status.breached_at
    final = evaluate(calendar, ticket_goals, events, now)
    assert all(final[name].breached_at == breached_at for name, breached_at in breaches.items())


@checked
@given(lives(), st.data())
def test_events_not_yet_due_are_not_there(life, data) -> None:
    calendar, ticket_goals, events, _ = life
    now = data.draw(st.sampled_from(events)).at
    past = [event for event in events if event.at <= now]
    assert evaluate(calendar, ticket_goals, events, now) == evaluate(calendar, ticket_goals, past, now)


@checked
@given(lives(), st.data())
def test_a_pause_and_resume_at_one_instant_change_nothing(life, data) -> None:
    calendar, ticket_goals, events, now = life
    whole = evaluate(calendar, ticket_goals, events, now)
    index = data.draw(st.integers(1, len(events)))
    paused = [event.type == "pause" for event in events[:index] if event.type in ("pause", "resume")][-1:] == [True]
    assume(not paused)
    end = events[index].at if index < len(events) else now
    at = events[index - 1].at + (end - events[index - 1].at) / STEP * data.draw(st.sampled_from((0, 0.5, 1))) * STEP
    split = [*events[:index], ClockEvent(at, "pause"), ClockEvent(at, "resume"), *events[index:]]
    assert evaluate(calendar, ticket_goals, split, now) == whole


OFFICE = Calendar(
    "Europe/Berlin",
    dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (("08:30", "12:00"), ("13:30", "17:30"))),
    {"2026-10-26": ()},
)
NIGHT = datetime(2026, 10, 23, 15, 30, tzinfo=UTC)  # the close on Friday, before clocks go back and a holiday
MORNING = datetime(2026, 10, 27, 7, 30, tzinfo=UTC)  # the opening on Tuesday


@checked
@given(
    st.integers(1, 6),
    st.integers(0, 10**5),
    st.lists(st.integers(0, int((MORNING - NIGHT).total_seconds())), min_size=2, max_size=2).map(sorted),
    st.integers(0, 10**6),
)
def test_a_pause_outside_working_time_costs_a_working_goal_nothing(hours, lead, pause, lag) -> None:
    goal = Goal("resolution", hours * 4, "hours", "working")
    start = ClockEvent(NIGHT - SECOND * lead, "start")
    events = [start, ClockEvent(NIGHT + SECOND * pause[0], "pause"), ClockEvent(NIGHT + SECOND * pause[1], "resume")]
    now = MORNING + SECOND * lag
    assert evaluate(OFFICE, [goal], events, now) == evaluate(OFFICE, [goal], [start], now)


@checked
@given(calendars(("Asia/Shanghai", date(2026, 9, 28))), st.integers(0, 10**6), st.integers(1, 10**6))
def test_working_and_idle_seconds_make_up_all_seconds(calendar, lead, length) -> None:
    """What one calendar works and its complement works is, together, the time elapsed."""
    edges = ["00:00", "24:00"]

    def complement(shifts: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        walls = sorted([*edges, *(wall for shift in shifts for wall in shift)])
        return tuple((start, end) for start, end in zip(walls[::2], walls[1::2], strict=True) if start < end)

    week = {day: complement(calendar.week.get(day, ())) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    idle = Calendar(calendar.timezone, week, {day: complement(shifts) for day, shifts in calendar.exceptions.items()})
    start = ClockEvent(datetime(2026, 9, 28, tzinfo=UTC) + SECOND * lead, "start")
    goal = Goal("resolution", 1000, "hours", "working")
    used = [evaluate(each, [goal], [start], start.at + SECOND * length)["resolution"].used for each in (calendar, idle)]
    assert sum(used) == length
