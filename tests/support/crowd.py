"""Many tickets in little time: some are lived through by the service itself, then copied set-based to every company."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg

from core.jobs.timers import Timers
from core.tickets.lifecycle import SEVERITIES
from core.tickets.model import NewTicket
from core.tickets.service import Step
from tests.support.lodge import House, Lodge, SettableClock

PERIOD = timedelta(days=60)
# Of twenty tickets sixteen are closed; each step is taken so many hours after the ticket was taken in.
_CLOSED = (("accept", 0.1), ("arrive", 0.6), ("resolve", 2.0), ("answer", 3.0), ("close", 20.0))
_LIVES: Final[tuple[tuple[tuple[str, float], ...], ...]] = (
    *(_CLOSED,) * 16,
    (),
    (("accept", 0.2),),
    (("accept", 0.2), ("arrive", 1.0)),
    (("accept", 0.2), ("pause", 1.0)),
)
_TEXTS = {"pause": "等配件到货", "resolve": "已更换阀门，试水正常", "answer": "已电话答复业主"}

_STAGE = """
CREATE SCHEMA crowd;
CREATE TABLE crowd.ticket AS SELECT * FROM lodge.ticket WHERE company_id = '{company}';
CREATE TABLE crowd.goal AS SELECT * FROM lodge.ticket_goal WHERE company_id = '{company}';
CREATE TABLE crowd.event AS SELECT * FROM lodge.ticket_event WHERE company_id = '{company}';
CREATE TABLE crowd.timer AS SELECT * FROM lodge.ticket_timer WHERE company_id = '{company}';
CREATE TABLE crowd.calendar AS SELECT * FROM lodge.calendar_value WHERE company_id = '{company}';
-- keeps the order of the ids and is another for every copy of every company
CREATE FUNCTION crowd.id(pattern uuid, copy int, company uuid) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT (left(pattern::text, 24) || right(md5(concat(pattern, copy, company)), 12))::uuid $$;
GRANT USAGE ON SCHEMA crowd TO lodge_owner;
GRANT SELECT ON ALL TABLES IN SCHEMA crowd TO lodge_owner;
"""
# $1 company, $2 its sites, $3 copies of each pattern, $4 and $5 staff of the pattern's company and of this one
_COPIES = (
    "INSERT INTO calendar_value SELECT $1, id, value, created_at FROM crowd.calendar",
    """
    INSERT INTO ticket (company_id, id, site_id, number, type, status, paused_from, severity, category, channel,
        description, place, reporter_name, reporter_phone, convenient_time, owner_id, owner_name, assignee_id,
        assignee_name, calendar_id, due_at, due_goal, due_seconds, answered_at, created_at, updated_at, version, tally)
    SELECT $1, crowd.id(id, copy, $1), ($2::uuid[])[site],
        left(number, 7) || to_char(row_number() OVER (PARTITION BY site, left(number, 7) ORDER BY id), 'FM0000'), type,
        status, paused_from, severity, category, channel, description, place, reporter_name, reporter_phone,
        convenient_time, ($5::uuid[])[array_position($4::uuid[], owner_id)], owner_name,
        ($5::uuid[])[array_position($4::uuid[], assignee_id)], assignee_name, calendar_id, due_at, due_goal,
        due_seconds, answered_at, created_at, updated_at, version, tally
    FROM crowd.ticket, generate_series(1, $3) copy, LATERAL (SELECT copy % cardinality($2::uuid[]) + 1) s (site)
    """,
    """
    INSERT INTO ticket_search (company_id, site_id, ticket_id, text, phone)
    SELECT company_id, site_id, id,
        lower(normalize(concat_ws(E'\\n', number, place, reporter_name, description), NFKC)),
        regexp_replace(reporter_phone, '[^0-9]', '', 'g')
    FROM ticket WHERE company_id = $1
    """,
    """
    INSERT INTO ticket_goal (company_id, ticket_id, name, position, amount, unit, clock, state, used, due_at,
        breached_at, ended, missed_in)
    SELECT $1, crowd.id(ticket_id, copy, $1), name, position, amount, unit, clock, state, used, due_at, breached_at,
        ended, missed_in
    FROM crowd.goal, generate_series(1, $2) copy
    """,
    """
    INSERT INTO ticket_event (company_id, ticket_id, seq, at, kind, actor_kind, actor_id, actor_name, text, details,
        clock)
    SELECT $1, crowd.id(ticket_id, copy, $1), seq, at, kind, actor_kind,
        ($4::uuid[])[array_position($3::uuid[], actor_id)], actor_name, text, details, clock
    FROM crowd.event, generate_series(1, $2) copy
    """,
    """
    INSERT INTO ticket_timer (company_id, ticket_id, kind, due_at)
    SELECT $1, crowd.id(ticket_id, copy, $1), kind, due_at FROM crowd.timer, generate_series(1, $2) copy
    """,
    """
    INSERT INTO ticket_counter (company_id, site_id, status, tickets)
    SELECT company_id, site_id, status, count(*) FROM ticket WHERE company_id = $1 GROUP BY 1, 2, 3
    """,
    """
    INSERT INTO ticket_sequence (company_id, site_id, month, last)
    SELECT company_id, site_id, substr(number, 3, 4), count(*) FROM ticket WHERE company_id = $1 GROUP BY 1, 2, 3
    """,
)


async def crowd(
    lodge: Lodge, clock: SettableClock, admin_dsn: str, houses: Sequence[House], *, patterns: int, copies: int
) -> None:
    """Give each house `patterns` × `copies` tickets of the last 60 days, with all that belongs to them; ANALYZE.

    `clock` is the platform's; it is left at the instant it had.
    """
    pattern = await _live_through(lodge, clock, patterns)
    admin = await asyncpg.connect(admin_dsn)
    try:
        await admin.execute(_STAGE.format(company=pattern.company_id))
        for house in houses:
            await _copy(lodge, pattern, house, copies)
        await admin.execute("DROP SCHEMA crowd CASCADE; ANALYZE")
    finally:
        await admin.close()


async def _live_through(lodge: Lodge, clock: SettableClock, patterns: int) -> House:
    """A house of its own whose tickets the service took in and worked on."""
    house, end = await lodge.house(), clock.now
    site, tickets = house.sites[0], lodge.platform.tickets
    async with lodge.work(house, read_only=True) as work:
        categories = await tickets.categories(work, site)
    for n in range(patterns):
        taken_in = clock.now = end - PERIOD * (1 - n / patterns)
        new = NewTicket(
            description=f"厨房水管漏水，第 {n} 次报修，水已流到楼下",
            category=categories[n % len(categories)].key,
            severity=SEVERITIES[n % 7 % len(SEVERITIES)],
            place=f"{n % 9 + 1}-{n % 30 + 1}02",
            reporter_name="王芳",
            reporter_phone="13800001234",
        )
        async with lodge.work(house) as work:
            ticket = await tickets.create(work, site, new)
        for name, hours in _LIVES[n % len(_LIVES)]:
            clock.now = taken_in + timedelta(hours=hours)
            if clock.now <= end:
                await _step(lodge, house, ticket.id, name)
    clock.now = end
    while await Timers(lodge.platform).run_once():
        pass
    return house


async def _step(lodge: Lodge, house: House, ticket_id: UUID, name: str) -> None:
    async with lodge.work(house, "supervisor") as work:
        await lodge.platform.tickets.act(work, house.sites[0], ticket_id, name, Step(_TEXTS.get(name, "")), None)


async def _copy(lodge: Lodge, pattern: House, house: House, copies: int) -> None:
    company = house.company_id
    sites = [site.id for site in house.sites]
    staff = [[h.staff[role].membership_id for role in pattern.staff] for h in (pattern, house)]
    calendars, tickets, found_by, goals, events, timers, counters, sequences = _COPIES
    async with lodge.owner.begin(company) as uow:
        await uow.execute("SET LOCAL synchronous_commit = off")
        await uow.execute(calendars, company)
        await uow.execute(tickets, company, sites, copies, *staff)
        await uow.execute(found_by, company)
        await uow.execute(goals, company, copies)
        await uow.execute(events, company, copies, *staff)
        await uow.execute(timers, company, copies)
        await uow.execute(counters, company)
        await uow.execute(sequences, company)
