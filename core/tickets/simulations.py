"""Trying a draft of a policy on a site's last ninety days: started, carried on in batches by a job, cancelled.

Nothing but the simulation's own row is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.errors import NotFound
from core.hooks.types import JobSpec
from core.jobs.port import enqueue
from core.policies.calendar import CALENDAR, to_calendar
from core.policies.layers import Overrides, validate
from core.policies.sla_targets import SLA_TARGETS, goals_for
from core.policies.spec import PolicySpec
from core.sla import Calendar, Goal
from core.tenancy.context import TenantContext
from core.tenancy.directory import Site
from core.tickets.lifecycle import ACTIONS
from core.tickets.model import GoalRow
from core.tickets.replay import Draft, Entry, Past, Result, simulate
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies

DAYS = 90
BATCH = 1000  # tickets between two looks at whether somebody has cancelled
KEPT = timedelta(days=1)
JOB = "core.simulate"
SIMULATED: dict[str, PolicySpec[Any]] = {spec.name: spec for spec in (SLA_TARGETS, CALENDAR)}
"""Policies whose drafts can be tried: those that tickets are judged by."""


class Simulation(msgspec.Struct, frozen=True):
    """How far a simulation is, in tickets, and what it came to so far."""

    id: UUID
    policy: str
    state: Literal["running", "done", "cancelled"]
    total: int
    done: int
    result: Result


_SPAN = "company_id = $1 AND site_id = $2 AND (created_at >= $3 OR status <> 'closed')"
_START = f"""
WITH old AS (DELETE FROM policy_simulation WHERE company_id = $1 AND created_at < $8)
INSERT INTO policy_simulation (company_id, site_id, id, policy, draft, author_id, created_at, total)
SELECT $1, $2, $4, $5, $6::jsonb, $7, $9, (SELECT count(*) FROM ticket WHERE {_SPAN}) RETURNING total
"""  # noqa: S608
_GET = """
SELECT id, policy, state, total, done, result::text FROM policy_simulation
WHERE company_id = $1 AND site_id = $2 AND policy = $3 AND id = $4
"""
_CANCEL = """
UPDATE policy_simulation SET state = 'cancelled'
WHERE company_id = $1 AND site_id = $2 AND policy = $3 AND id = $4 AND state = 'running'
"""
_TAKE = """
SELECT site_id, policy, draft::text, created_at, done, coalesce(last_id, '00000000-0000-0000-0000-000000000000'),
    result::text
FROM policy_simulation WHERE company_id = $1 AND id = $2 AND state = 'running' FOR UPDATE
"""
_KEEP = """
UPDATE policy_simulation SET done = $3, last_id = $4, result = $5::jsonb, state = $6 WHERE company_id = $1 AND id = $2
"""
# Entries without a clock event count where a step of the life cycle may have stopped a goal that was not owed then.
_PAST = f"""
SELECT t.id, t.number, t.category, t.severity, t.status, t.paused_from, t.due_at, t.calendar_id,
    (SELECT details ->> 'goals' FROM ticket_event WHERE company_id = $1 AND ticket_id = t.id AND seq = 1),
    (SELECT jsonb_agg(jsonb_build_array(kind, at, clock) ORDER BY seq)::text FROM ticket_event
     WHERE company_id = $1 AND ticket_id = t.id AND (clock <> '[]' OR kind = ANY ($6::text[]))),
    (SELECT coalesce(jsonb_agg(to_jsonb(g) ORDER BY g.position), '[]')::text FROM ticket_goal g
     WHERE g.company_id = $1 AND g.ticket_id = t.id)
FROM (SELECT * FROM ticket WHERE {_SPAN} AND id > $4 ORDER BY id LIMIT $5) t ORDER BY t.id
"""  # noqa: S608

_initial = msgspec.json.Decoder(tuple[Goal, ...]).decode
_entries = msgspec.json.Decoder(tuple[Entry, ...]).decode
_goals = msgspec.json.Decoder(tuple[GoalRow, ...]).decode
_result = msgspec.json.Decoder(Result).decode


class Simulations:
    """One for the process."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        self.jobs = (JobSpec(JOB, self.carry_on),)

    async def start(self, work: Work, site: Site, spec: PolicySpec[Any], overrides: Overrides) -> Simulation:
        """Begin to try the draft of the site's layer. Raises NotFound for a policy no ticket is judged by, Invalid for
        a draft that could not be saved."""
        if spec.name not in SIMULATED:
            raise NotFound
        validate(spec, overrides, await self._policies.inherited(work, spec, site.id))
        id = new_id()
        total: int = await work.uow.value(
            _START,
            work.ctx.company_id,
            site.id,
            work.now - timedelta(days=DAYS),
            id,
            spec.name,
            msgspec.json.encode(overrides).decode(),
            work.ctx.actor.id,
            work.now - KEPT,
            work.now,
        )
        await enqueue(work, JOB, {"simulation": str(id)})
        return Simulation(id, spec.name, "running", total, 0, Result())

    async def get(self, work: Work, site: Site, policy: str, id: UUID) -> Simulation:
        """Raises NotFound, also for one of another site; they are kept for a day."""

        found = await work.uow.fetch_one(_read, _GET, work.ctx.company_id, site.id, policy, id)
        if found is None:
            raise NotFound
        return found

    async def cancel(self, work: Work, site: Site, policy: str, id: UUID) -> Simulation:
        """Stop it after the batch under way; nothing if it has ended. Raises NotFound."""
        await work.uow.execute(_CANCEL, work.ctx.company_id, site.id, policy, id)
        return await self.get(work, site, policy, id)

    async def carry_on(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Try the draft on the next tickets, and queue the rest. Sees the tickets as of now, judges as of the start."""
        id = UUID(ids["simulation"])
        row = await work.uow.fetch_one(lambda *columns: columns, _TAKE, ctx.company_id, id)
        if row is None:
            return  # cancelled, or done
        site_id, policy, overrides, now, done, last_id, result = row
        draft = await self._draft(work, site_id, SIMULATED[policy], msgspec.json.decode(overrides))
        past = await self._past(work, site_id, now, last_id)
        found = _result(result)
        # the clocks of a thousand tickets would keep the worker's other tasks waiting
        found.add(await asyncio.to_thread(simulate, past, draft, now))
        more = len(past) == BATCH
        await work.uow.execute(
            _KEEP,
            ctx.company_id,
            id,
            done + len(past),
            past[-1].id if past else last_id,
            msgspec.json.encode(found).decode(),
            "running" if more else "done",
        )
        if more:
            await enqueue(work, JOB, ids)

    async def _draft(self, work: Work, site_id: UUID, spec: PolicySpec[Any], overrides: Overrides) -> Draft:
        value = validate(spec, overrides, await self._policies.inherited(work, spec, site_id))
        if spec.name == CALENDAR.name:
            return Draft(calendar=to_calendar(value))
        return Draft(promises=partial(goals_for, value))

    async def _past(self, work: Work, site_id: UUID, now: datetime, after: UUID) -> list[Past]:
        rows = await work.uow.fetch(
            lambda *columns: columns,
            _PAST,
            work.ctx.company_id,
            site_id,
            now - timedelta(days=DAYS),
            after,
            BATCH,
            [action.name for action in ACTIONS.values() if action.stops],
        )
        calendars = {id: await self._policies.calendar_by_id(work, id) for id in {row[7] for row in rows}}
        return [_ticket(calendars[row[7]], *row) for row in rows]


def _read(
    id: UUID, policy: str, state: Literal["running", "done", "cancelled"], total: int, done: int, result: str
) -> Simulation:
    return Simulation(id, policy, state, total, done, _result(result))


def _ticket(calendar: Calendar, *row: Any) -> Past:
    id, number, category, severity, status, paused_from, due_at, _, goals, entries, rows = row
    return Past(
        id=id,
        number=number,
        category=category,
        severity=severity,
        status=status,
        paused_from=paused_from,
        due_at=due_at,
        calendar=calendar,
        initial=_initial(goals),
        entries=_entries(entries),
        goals=_goals(rows),
    )
