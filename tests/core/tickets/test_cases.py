"""The worked examples of deadlines, lived through in the database: taken in, changed event by event, looked at."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from core.db.ids import new_id
from core.sla import Calendar, ClockEvent, Goal
from core.sla.model import GoalStatus
from core.tickets import repository
from core.tickets.changes import Changes
from core.tickets.recorded import NewEntry
from tests.core.tickets.desk import Desk

CASES = json.loads((Path(__file__).parents[1] / "sla" / "cases.json").read_bytes())


class Case(msgspec.Struct):
    name: str
    calendar: Calendar
    goals: tuple[Goal, ...]
    events: list[ClockEvent]
    now: datetime
    expect: dict[str, GoalStatus]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
async def test_a_worked_example_comes_out_in_the_database(desk: Desk, case: dict[str, Any]) -> None:
    told = msgspec.convert(case, Case)
    start, *later = told.events
    changes = Changes(desk.lodge.platform.policies)
    desk.clock.now = start.at
    ticket_id = await _taken_in(desk, told)

    for event in later:
        desk.clock.now = event.at
        async with desk.work() as work:
            change = await changes.load(work, ticket_id, desk.site)
            change.record("example", clock=[event])
            await changes.store(change)
    desk.clock.now = told.now + timedelta(microseconds=1)  # a breach counts once its instant has passed
    async with desk.work() as work:  # what is used up goes on without events, so it is read at a change
        change = await changes.load(work, ticket_id, desk.site)
        change.record("looked at")
        await changes.store(change)

    sql = "SELECT name, state, used, due_at, breached_at FROM ticket_goal WHERE company_id = $1 AND ticket_id = $2"
    async with desk.work(read_only=True) as work:
        stored = await work.uow.fetch(lambda *row: row, sql, work.ctx.company_id, ticket_id)
    assert {name: GoalStatus(*row) for name, *row in stored} == told.expect


async def _taken_in(desk: Desk, case: Case) -> UUID:
    """A ticket of the house with the example's goals on the example's calendar."""
    due = dict.fromkeys((goal.name for goal in case.goals), None)
    model = await desk.create()
    ticket = msgspec.structs.replace(model, id=new_id(), created_at=desk.clock.now, due_at=None, due_goal=None)
    calendar_id = new_id()
    async with desk.work() as work:
        sql = "INSERT INTO calendar_value (company_id, id, value) VALUES ($1, $2, $3::jsonb)"
        await work.uow.execute(sql, work.ctx.company_id, calendar_id, msgspec.json.encode(case.calendar).decode())
        goals = {"goals": msgspec.json.encode(case.goals).decode()}
        await repository.create(
            work.uow,
            ticket,
            "2611",
            calendar_id,
            case.goals,
            due,
            NewEntry("created", details=goals, clock=(case.events[0],)),
            ("system", None, ""),
            [],
        )
    return ticket.id
