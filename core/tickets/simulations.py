"""Trying a draft of a policy on the last ninety days, of a site or of a company: started, carried on in batches by a
job, cancelled, read.

Nothing but the simulation's own rows is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.errors import NotFound
from core.hooks.types import JobSpec, TicketType
from core.jobs.port import enqueue
from core.policies.calendar import CALENDAR, to_calendar
from core.policies.layers import Overrides, validate
from core.policies.sla_targets import SLA_TARGETS, amount_of, goals_for
from core.policies.spec import PolicySpec
from core.policies.ticket_categories import TICKET_CATEGORIES, TicketCategories
from core.sla import Calendar, Goal
from core.tenancy.context import TenantContext
from core.tickets.actions import ACTIONS
from core.tickets.model import GoalRow, Status
from core.tickets.relive import RECLASSIFIED, Draft
from core.tickets.replay import Entry, Past, Result, simulate
from core.tickets.types import MOVED, Types
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies

DAYS = 90
BATCH = 1000  # tickets between two looks at whether somebody has cancelled
KEPT = timedelta(days=1)
PAGE = 200
JOB = "core.simulate"
SIMULATED: dict[str, PolicySpec[Any]] = {spec.name: spec for spec in (SLA_TARGETS, CALENDAR, TICKET_CATEGORIES)}
"""Policies whose drafts can be tried: those that tickets are judged by."""
State = Literal["running", "done", "cancelled"]
Turn = Literal["turned", "lost", "gained", "moved"]
"""Which tickets: those that come out differently, would miss more, would miss less, would be due at another time."""
TURNS: tuple[Turn, ...] = get_args(Turn)


class SiteResult(msgspec.Struct, frozen=True):
    """What a draft comes to at one site."""

    site_id: UUID
    result: Result


class Simulation(msgspec.Struct, frozen=True):
    """How far a simulation is, in tickets, and what it came to so far: at each site, and in sum.

    `site_id` None: of the company's layer.
    """

    id: UUID
    policy: str
    site_id: UUID | None
    state: State
    total: int
    done: int
    result: Result
    sites: tuple[SiteResult, ...]


class SimulatedTicket(msgspec.Struct, frozen=True):
    """A ticket that comes out differently: the goals it would miss (`missed`) and would no longer miss (`kept`), and
    whether its next deadline would be another if it were held to the draft now (`moves`, null: none)."""

    id: UUID
    site_id: UUID
    number: str
    category: str
    status: Status
    missed: list[str]
    kept: list[str]
    moves: bool
    due_before: datetime | None
    due_after: datetime | None


_SPAN = "company_id = $1 AND site_id = ANY ($2::uuid[]) AND (created_at >= $3 OR status <> 'closed')"
_START = f"""
WITH old AS (DELETE FROM policy_simulation WHERE company_id = $1 AND created_at < $8)
INSERT INTO policy_simulation (company_id, site_id, id, policy, draft, author_id, created_at, total)
SELECT $1, $10, $4, $5, $6::jsonb, $7, $9, (SELECT count(*) FROM ticket WHERE {_SPAN}) RETURNING total
"""  # noqa: S608
_MINE = "company_id = $1 AND site_id IS NOT DISTINCT FROM $2 AND policy = $3 AND id = $4"
_GET = f"SELECT id, policy, site_id, state, total, done, result::text FROM policy_simulation WHERE {_MINE}"  # noqa: S608
_CANCEL = f"UPDATE policy_simulation SET state = 'cancelled' WHERE {_MINE} AND state = 'running'"  # noqa: S608
_TAKE = """
SELECT site_id, policy, draft::text, created_at, done, coalesce(last_id, '00000000-0000-0000-0000-000000000000'),
    result::text
FROM policy_simulation WHERE company_id = $1 AND id = $2 AND state = 'running' FOR UPDATE
"""
_KEEP = """
WITH found AS (
    INSERT INTO policy_simulation_ticket (company_id, simulation_id, ticket_id, site_id, missed, kept, moves,
                                          due_before, due_after)
    SELECT $1, $2, r.* FROM jsonb_to_recordset($7::jsonb) AS r (id uuid, site_id uuid, missed text[], kept text[],
        moves boolean, due_before timestamptz, due_after timestamptz)
)
UPDATE policy_simulation SET done = $3, last_id = $4, result = $5::jsonb, state = $6 WHERE company_id = $1 AND id = $2
"""
# Entries without a clock event count where a step of the life cycle may have done something to a goal not owed then.
_PAST = f"""
SELECT t.id, t.site_id, t.type, t.category, t.severity, t.status, t.paused_from, t.due_at, t.calendar_id,
    (SELECT details ->> 'goals' FROM ticket_event WHERE company_id = $1 AND ticket_id = t.id AND seq = 1),
    (SELECT jsonb_agg(jsonb_build_array(kind, at, clock, CASE WHEN kind = ANY ($7) THEN details ELSE '{{}}' END)
                      ORDER BY seq)::text FROM ticket_event
     WHERE company_id = $1 AND ticket_id = t.id AND (clock <> '[]' OR kind = ANY ($6::text[]))),
    (SELECT coalesce(jsonb_agg(to_jsonb(g) ORDER BY g.position), '[]')::text FROM ticket_goal g
     WHERE g.company_id = $1 AND g.ticket_id = t.id)
FROM (SELECT * FROM ticket WHERE {_SPAN} AND id > $4 ORDER BY id LIMIT $5) t ORDER BY t.id
"""  # noqa: S608
_DETAILED = [RECLASSIFIED, MOVED, "keep_callback"]
_STEPS = [*ACTIONS, MOVED, "merged"]
_TICKETS = """
SELECT s.ticket_id, s.site_id, t.number, t.category, t.status, s.missed, s.kept, s.moves, s.due_before, s.due_after
FROM policy_simulation_ticket s JOIN ticket t ON t.company_id = s.company_id AND t.id = s.ticket_id
WHERE s.company_id = $1 AND s.simulation_id = $2 AND s.ticket_id > $4
    AND CASE $3::text WHEN 'lost' THEN s.missed <> '{}' WHEN 'gained' THEN s.kept <> '{}' WHEN 'moved' THEN s.moves
             ELSE s.missed <> '{}' OR s.kept <> '{}' END
ORDER BY s.ticket_id LIMIT $5
"""

_initial = msgspec.json.Decoder(tuple[Goal, ...]).decode
_entries = msgspec.json.Decoder(tuple[Entry, ...]).decode
_goals = msgspec.json.Decoder(tuple[GoalRow, ...]).decode
_results = msgspec.json.Decoder(dict[UUID, Result]).decode


class Simulations:
    """One for the process. `site_id` None is the company's layer, whose drafts are tried at every site of the actor's:
    callers make sure that these are all."""

    def __init__(self, policies: Policies, types: Types) -> None:
        self._policies = policies
        self._types = types
        self.jobs = (JobSpec(JOB, self.carry_on),)

    async def start(self, work: Work, site_id: UUID | None, spec: PolicySpec[Any], overrides: Overrides) -> Simulation:
        """Begin to try the draft of a layer. Raises NotFound for a policy no ticket is judged by, Invalid for a draft
        that could not be saved."""
        if spec.name not in SIMULATED:
            raise NotFound
        validate(spec, overrides, await self._policies.inherited(work, spec, site_id))
        id = new_id()
        total: int = await work.uow.value(
            _START,
            work.ctx.company_id,
            _sites(work.ctx, site_id),
            work.now - timedelta(days=DAYS),
            id,
            spec.name,
            msgspec.json.encode(overrides).decode(),
            work.ctx.actor.id,
            work.now - KEPT,
            work.now,
            site_id,
        )
        await enqueue(work, JOB, {"simulation": str(id)})
        return Simulation(id, spec.name, site_id, "running", total, 0, Result(), ())

    async def get(self, work: Work, site_id: UUID | None, policy: str, id: UUID) -> Simulation:
        """Raises NotFound, also for one of another layer; they are kept for a day."""
        found = await work.uow.fetch_one(_read, _GET, work.ctx.company_id, site_id, policy, id)
        if found is None:
            raise NotFound
        return found

    async def cancel(self, work: Work, site_id: UUID | None, policy: str, id: UUID) -> Simulation:
        """Stop it after the batch under way; nothing if it has ended. Raises NotFound."""
        await work.uow.execute(_CANCEL, work.ctx.company_id, site_id, policy, id)
        return await self.get(work, site_id, policy, id)

    async def tickets(
        self, work: Work, simulation: Simulation, turn: Turn, after: UUID | None = None, limit: int = PAGE
    ) -> list[SimulatedTicket]:
        """Tickets that come out differently, the oldest first, those `after` that one; `limit` at most."""
        first = after or UUID(int=0)
        return await work.uow.fetch(SimulatedTicket, _TICKETS, work.ctx.company_id, simulation.id, turn, first, limit)

    async def carry_on(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Try the draft on the next tickets, and queue the rest. Sees the tickets as of now, judges as of the start."""
        id = UUID(ids["simulation"])
        row = await work.uow.fetch_one(lambda *columns: columns, _TAKE, ctx.company_id, id)
        if row is None:
            return  # cancelled, or done
        layer, policy, overrides, now, done, last_id, result = row
        sites = _sites(ctx, layer)
        draft: Overrides = msgspec.json.decode(overrides)
        drafts = {site_id: await self._draft(work, SIMULATED[policy], layer, draft, site_id) for site_id in sites}
        past = await self._past(work, sites, now, last_id)
        # the clocks of a thousand tickets would keep the worker's other tasks waiting
        found, outcomes = await asyncio.to_thread(simulate, past, drafts, now)
        results = _results(result)
        for site_id, each in found.items():
            results.setdefault(site_id, Result()).add(each)
        more = len(past) == BATCH
        await work.uow.execute(
            _KEEP,
            ctx.company_id,
            id,
            done + len(past),
            past[-1].id if past else last_id,
            msgspec.json.encode(results).decode(),
            "running" if more else "done",
            msgspec.json.encode(outcomes).decode(),
        )
        if more:
            await enqueue(work, JOB, ids)

    async def _draft(
        self, work: Work, spec: PolicySpec[Any], layer: UUID | None, overrides: Overrides, site_id: UUID
    ) -> Draft:
        value = await self._policies.drafted(work, spec, layer, overrides, site_id)
        if spec.name == CALENDAR.name:
            return Draft(calendar=to_calendar(value))
        if spec.name == TICKET_CATEGORIES.name:
            targets = await self._policies.value(work, SLA_TARGETS, site_id)
            return Draft(kind=partial(self._kind, _types(value)), amount=partial(amount_of, targets))
        taken_in_as = _types(await self._policies.value(work, TICKET_CATEGORIES, site_id))

        def kind(category: str, known: str | None) -> TicketType | None:
            return self._types.find(known or taken_in_as.get(category, ""))

        return Draft(promises=partial(goals_for, value), kind=kind, amount=partial(amount_of, value))

    def _kind(self, types: Mapping[str, str], category: str, known: str | None) -> TicketType | None:
        return self._types.find(types.get(category, known or ""))

    async def _past(self, work: Work, sites: list[UUID], now: datetime, after: UUID) -> list[Past]:
        rows = await work.uow.fetch(
            lambda *columns: columns,
            _PAST,
            work.ctx.company_id,
            sites,
            now - timedelta(days=DAYS),
            after,
            BATCH,
            _STEPS,
            _DETAILED,
        )
        calendars = {id: await self._policies.calendar_by_id(work, id) for id in {row[8] for row in rows}}
        return [_ticket(calendars[row[8]], *row) for row in rows]


def _sites(ctx: TenantContext, site_id: UUID | None) -> list[UUID]:
    return sorted(ctx.site_ids) if site_id is None else [site_id]


def _types(categories: TicketCategories) -> dict[str, str]:
    return {category.key: category.ticket_type for category in categories.categories}


def _read(id: UUID, policy: str, site_id: UUID | None, state: State, total: int, done: int, result: str) -> Simulation:
    results, whole = _results(result), Result()
    for each in results.values():
        whole.add(each)
    sites = tuple(SiteResult(*pair) for pair in results.items())
    return Simulation(id, policy, site_id, state, total, done, whole, sites)


def _ticket(calendar: Calendar, *row: Any) -> Past:
    *columns, _, goals, entries, rows = row
    known = dict(zip(Past.__struct_fields__, columns, strict=False))
    return Past(**known, calendar=calendar, initial=_initial(goals), entries=_entries(entries), goals=_goals(rows))
