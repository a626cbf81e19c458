"""CMP-6: whom a complaint concerns reads nothing of it anywhere, whatever their role; made from the routes there are.

A complaint about an administrator, with a row of every table that can hang on a ticket, all of its texts recognisable.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import msgspec
import pytest

from core.hooks.manager import PluginHost
from core.tickets.model import NewTicket, Ticket
from tests.isolation.requests import Target, send, told_by, values_of
from tests.isolation.stage import Stage, staged
from tests.support.filling import Table, fill, tables_of
from tests.support.lodge import NOW, Databases, SettableClock
from tests.support.routes import Route
from tests.world_rows import VALUES

CANARY = "for-nobody-else"
PLACE = "90-9001"
AT_ONCE = 12
# Rows that are of the ticket and tell nobody but a worker, or only whose they are.
NOT_FILLED = {
    "ticket_timer": "the dispatcher's: ids and an instant",
    "ticket_search": "written with the ticket",
    "ticket_goal": "written with the ticket",
    "policy_simulation_ticket": "a trial's; it names tickets by joining them",
}
# What a column must hold where a word will not do.
WORDS: Mapping[str, Mapping[str, Any]] = {
    **VALUES,
    "ticket_attachment": {"kind": "png", "thumbnail": None},
    "ticket_event": {"kind": "comment", "actor_kind": "person", "details": "{}", "clock": "[]", "seq": 99},
    "agenda_item": {**VALUES["agenda_item"], "repeat_case_id": None},
    "repairs_visit": {**VALUES["repairs_visit"], "cancelled_at": NOW},  # one is agreed at a time
    # what figures are grouped by: a clerk's calls, a rule's and an area's visits
    "reception_call": {**VALUES.get("reception_call", {}), "answered_by_name": "a clerk"},
    "returnvisits_visit": {
        **VALUES["returnvisits_visit"],
        "rule": "a rule",
        "title": "its title",
        "area_name": "an area",
    },
}


class Case(msgspec.Struct, frozen=True):
    """The complaint, and an ordinary ticket that it is tied to."""

    ticket: Ticket
    other: Ticket
    ids: dict[str, UUID]


@pytest.fixture(scope="module")
async def stage(
    databases: Databases, host: PluginHost, shared_clock: SettableClock, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    async with staged(databases, host, shared_clock, tmp_path_factory.mktemp("concerned")) as stage:
        yield stage


@pytest.fixture(scope="module")
async def case(stage: Stage) -> Case:
    """As filed by a clerk who has nothing to do with it."""
    house, tickets = stage.world.a.house, stage.lodge.platform.tickets
    site = house.sites[0]
    new = NewTicket(description=CANARY, category="noise", place=PLACE, reporter_name=CANARY)
    async with stage.lodge.work(house, "clerk") as work:
        other = await tickets.create(work, site, msgspec.structs.replace(new, description="高空抛物", reporter_name=""))
        about = house.staff["admin"].membership_id
        ticket = await tickets.create(work, site, msgspec.structs.replace(new, concerns_id=about))
    return Case(ticket, other, await hang(stage, ticket, CANARY, about))


async def hang(stage: Stage, ticket: Ticket, canary: str, member_id: UUID) -> dict[str, UUID]:
    """A row of every table that can hang on a ticket, all of its texts recognisable; the ids by table."""
    house = stage.world.a.house
    ids: dict[str, UUID] = {"ticket": ticket.id}
    for table in await _of_tickets(stage):
        numbers = {
            column: 77
            for column, kind in table.columns.items()
            if kind in ("smallint", "integer") and column not in table.least
        }
        values = {**numbers, "ticket_id": ticket.id, **WORDS.get(table.name, {})}
        if "member_id" in table.columns:
            values["member_id"] = member_id
        async with stage.lock:
            await stage.admin.execute("SET search_path = lodge")
            await fill(stage.admin, table, house.company_id, ticket.site_id, canary, NOW, values, ticket.id)
            if "id" in table.columns:
                ids[table.name] = await stage.admin.fetchval(
                    f"SELECT id FROM {table.name} WHERE ticket_id = $1 LIMIT 1", ticket.id
                )
    return ids


async def _of_tickets(stage: Stage) -> list[Table]:
    """Tables with a row that is of a ticket, plugins' too, each after those it refers to."""
    async with stage.lock:
        await stage.admin.execute("SET search_path = lodge")
        tables = await tables_of(stage.admin, stage.world.tables)
    return [table for table in tables if "ticket_id" in table.columns and table.name not in NOT_FILLED]


def test_every_kind_of_row_that_a_ticket_has_is_there(case: Case) -> None:
    assert {"notification", "ticket_attachment", "agenda_item"} <= case.ids.keys()


async def test_nothing_that_is_read_tells_whom_a_complaint_concerns_of_it(stage: Stage, case: Case) -> None:
    site = stage.world.a.house.sites[0]
    hidden = (CANARY, case.ticket.number, str(case.ticket.id))
    first = {(table, site.id): [id, *stage.ids.get((table, site.id), [])] for table, id in case.ids.items()}
    named = msgspec.structs.replace(stage, ids={**stage.ids, **first})
    turns = asyncio.Semaphore(AT_ONCE)

    async def read(route: Route, values: Mapping[str, object], **more: Any) -> str | None:
        async with turns:
            answer = await send(stage, route, stage.company, values, **more)
        told = told_by(answer, *values.values())
        found = [text for text in hidden if text in told]
        return (
            f"{route.key} {values} tells of {found}: {told[max(0, told.find(found[0]) - 200) :][:300]}"
            if found
            else None
        )

    attempts = []
    for route in stage.routes:
        if route.safe:
            for shown in (stage, named) if "uuid" in route.parameters.values() else (named,):
                for values in values_of(shown, route, Target(site.slug, stage.world.a, site)):
                    attempts.append(read(route, values))
                    if "tickets" in route.path:
                        attempts.append(read(route, values, query={"q": CANARY[:6], "status": "all"}))
    found = [complaint for complaint in await asyncio.gather(*attempts) if complaint]

    assert found == []
    assert len(attempts) > len(stage.routes) / 2


async def test_counts_leave_it_out_for_whom_it_concerns_alone(stage: Stage, case: Case) -> None:
    site = stage.world.a.house.sites[0]
    counted = {}
    for role in ("admin", "manager"):
        for read_only in (True, False):
            async with stage.lodge.work(stage.world.a.house, role, read_only=read_only) as work:
                counted[role, read_only] = (await stage.lodge.platform.tickets.counts(work, site))["new"]
    assert counted["manager", True] == counted["manager", False]
    about = [
        t for t in stage.world.a.tickets.values() if t.concerns_id == stage.world.a.house.staff["admin"].membership_id
    ]
    assert counted["admin", True] == counted["admin", False] == counted["manager", True] - 1 - len(about)
