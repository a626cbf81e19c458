"""Every statement that takes a ticket in or changes it. Each names the company itself, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.db.question import Question, Row
from core.db.uow import UnitOfWork
from core.sla import ClockEvent, Goal
from core.tickets.model import GoalRow, Owed, Status, Ticket
from core.tickets.recorded import NewEntry, Recorded, Timer

_TICKET_T = ", ".join(f"t.{column}" for column in Ticket.__struct_fields__)
# what a change of a ticket may touch; a version is not set but raised
_FIXED = {"id", "site_id", "number", "created_at", "version"}
_SETTABLE = tuple(name for name in Ticket.__struct_fields__ if name not in _FIXED)
_SETTINGS = ", ".join(f"{column} = ${place}" for place, column in enumerate(_SETTABLE, 30))
_CREATED = tuple(name for name in Ticket.__struct_fields__ if name not in {"number", "version"})
_CREATED_NAMES = ", ".join(_CREATED)
_CREATED_AT = {name: f"${place}" for place, name in enumerate(_CREATED, 19)}
_CREATED_PLACES = ", ".join(_CREATED_AT.values())
# Whose area a matter is in: its unit's building or, in words, the one that its place begins with.
_BUILDING = f"""coalesce(
        (SELECT u.building FROM unit u WHERE u.company_id = $1 AND u.id = {_CREATED_AT["unit_id"]}),
        (SELECT b.building FROM (SELECT DISTINCT building FROM unit u WHERE u.company_id = $1 AND u.site_id = $3) b
         WHERE {_CREATED_AT["unit_id"]} IS NULL AND begins_with_building({_CREATED_AT["place"]}, b.building)
         ORDER BY length(b.building) DESC LIMIT 1), '')"""  # noqa: S608
# of a ticket `c`, as `ticket_search` keeps what it is found by
_SEARCHED = """lower(normalize(concat_ws(E'\\n', c.number, c.place, c.reporter_name, c.description), NFKC)),
        regexp_replace(c.reporter_phone, '[^0-9]', '', 'g')"""
_FOUND_BY = "number, place, reporter_name, description, reporter_phone"
_GOAL = "name, amount, unit, clock, state, used, due_at, breached_at, ended"

# One round trip: number, ticket, goals, timeline, counter and timers belong together or not at all.
_CREATE = f"""
WITH sequence AS (
    INSERT INTO ticket_sequence AS s (company_id, site_id, month, last) VALUES ($1, $3, $4, 1)
    ON CONFLICT (company_id, site_id, month) DO UPDATE SET last = s.last + 1 RETURNING last
), created AS (
    INSERT INTO ticket (company_id, number, calendar_id, tally, building, {_CREATED_NAMES})
    SELECT $1, 'GD' || $4 || '-' || lpad(last::text, greatest(4, length(last::text)), '0'), $5,
        (SELECT coalesce(string_agg(tallied(g.name, 'running', NULL, NULL), ' ' ORDER BY g.position), '')
         FROM unnest($6::text[]) WITH ORDINALITY AS g (name, position)), {_BUILDING}, {_CREATED_PLACES}
    FROM sequence RETURNING {_FOUND_BY}
), searched AS (
    INSERT INTO ticket_search (company_id, site_id, ticket_id, text, phone)
    SELECT $1, $3, $2, {_SEARCHED} FROM created c
), goals AS (
    INSERT INTO ticket_goal (company_id, ticket_id, name, position, amount, unit, clock, state, used, due_at)
    SELECT $1, $2, g.name, g.position, g.amount, g.unit, g.clock, 'running', 0, g.due_at
    FROM unnest($6::text[], $7::int[], $8::text[], $9::text[], $10::timestamptz[])
        WITH ORDINALITY AS g (name, amount, unit, clock, due_at, position)
), entry AS (
    INSERT INTO ticket_event (company_id, ticket_id, seq, at, kind, actor_kind, actor_id, actor_name, details, clock)
    VALUES ($1, $2, 1, $11, 'created', $12, $13, $14, $15::jsonb, $16::jsonb)
), counter AS (
    INSERT INTO ticket_counter AS c (company_id, site_id, status, tickets) VALUES ($1, $3, 'new', 1)
    ON CONFLICT (company_id, site_id, status) DO UPDATE SET tickets = c.tickets + 1
), timers AS (
    INSERT INTO ticket_timer (company_id, ticket_id, kind, due_at)
    SELECT $1, $2, t.kind, t.at FROM unnest($17::text[], $18::timestamptz[]) AS t (kind, at)
)/* rows */
SELECT number FROM created
"""  # noqa: S608

_CHANGE = f"""
WITH goals AS (
    INSERT INTO ticket_goal AS t (company_id, ticket_id, position, name, amount, unit, clock, state, used, due_at,
                                  breached_at, ended)
    SELECT $1, $2, g.* FROM unnest($6::smallint[], $7::text[], $8::int[], $9::text[], $10::text[], $11::text[],
                                   $12::bigint[], $13::timestamptz[], $14::timestamptz[], $15::boolean[]) g
    ON CONFLICT (company_id, ticket_id, name) DO UPDATE SET amount = excluded.amount, unit = excluded.unit,
        clock = excluded.clock, state = excluded.state, used = excluded.used, due_at = excluded.due_at,
        breached_at = excluded.breached_at, ended = excluded.ended,
        missed_in = CASE WHEN t.breached_at IS NULL AND excluded.breached_at IS NOT NULL
                         THEN (SELECT status FROM ticket WHERE company_id = $1 AND id = $2) ELSE t.missed_in END
    RETURNING t.name, t.position, t.state, t.missed_in, t.cause
), changed AS (
    UPDATE ticket SET paused_from = $3, version = version + (cardinality($4::int[]) > 0 OR $5)::int,
        tally = (SELECT coalesce(string_agg(tallied(name, state, missed_in, cause), ' ' ORDER BY position), '')
                 FROM goals),
        merged = EXISTS (SELECT FROM ticket_relation r
                         WHERE r.company_id = $1 AND r.from_id = $2 AND r.merged_from IS NOT NULL),
        {_SETTINGS}
    WHERE company_id = $1 AND id = $2 RETURNING version, {_FOUND_BY}
), searched AS (
    UPDATE ticket_search s SET (text, phone) = ROW ({_SEARCHED})
    FROM changed c WHERE s.company_id = $1 AND s.site_id = $25 AND s.ticket_id = $2
    AND (s.text, s.phone) IS DISTINCT FROM ({_SEARCHED})
), entries AS (
    INSERT INTO ticket_event (company_id, ticket_id, seq, at, kind, actor_kind, actor_id, actor_name, text, details,
                              clock)
    SELECT $1, $2, e.seq, $16, e.kind, e.actor_kind, e.actor_id, e.actor_name, e.text, e.details, e.clock
    FROM unnest($17::int[], $18::text[], $19::text[], $20::uuid[], $21::text[], $22::text[], $23::jsonb[],
                $24::jsonb[]) AS e (seq, kind, actor_kind, actor_id, actor_name, text, details, clock)
), counters AS (
    -- in one order for everybody, so that two changes cannot wait for each other
    INSERT INTO ticket_counter AS c (company_id, site_id, status, tickets)
    SELECT $1, $25, d.status, d.by FROM unnest($26::text[], $4::int[]) AS d (status, by) ORDER BY d.status
    ON CONFLICT (company_id, site_id, status) DO UPDATE SET tickets = c.tickets + excluded.tickets
), timers_gone AS (
    DELETE FROM ticket_timer WHERE company_id = $1 AND ticket_id = $2 AND kind = ANY ($27::text[])
), timers AS (
    INSERT INTO ticket_timer (company_id, ticket_id, kind, due_at)
    SELECT $1, $2, t.kind, t.at FROM unnest($28::text[], $29::timestamptz[]) AS t (kind, at)
    ON CONFLICT (company_id, ticket_id, kind) DO UPDATE SET due_at = excluded.due_at
)/* rows */
SELECT version FROM changed
"""  # noqa: S608

_INDEX_AGAIN = f"""
UPDATE ticket_search s SET (text, phone) = ROW ({_SEARCHED})
FROM ticket c WHERE s.company_id = $1 AND s.ticket_id = ANY ($2::uuid[])
AND c.company_id = $1 AND c.id = s.ticket_id AND c.site_id = s.site_id
"""  # noqa: S608

# A statement after the lock: one that had to wait for it would still see goals and timeline as they were before.
_LOAD = f"""
SELECT ARRAY(SELECT r.from_id FROM ticket_relation r JOIN ticket d ON d.company_id = r.company_id AND d.id = r.from_id
             WHERE r.company_id = $1 AND r.to_id = t.id AND r.merged_from IS NOT NULL AND d.answered_at IS NULL),
    t.paused_from, t.calendar_id,
    (SELECT jsonb_agg(jsonb_build_array(name, amount, unit, clock, state, used, due_at, breached_at, ended)
                      ORDER BY position) FROM ticket_goal WHERE company_id = $1 AND ticket_id = t.id),
    (SELECT jsonb_agg(clock ORDER BY seq) FROM ticket_event
     WHERE company_id = $1 AND ticket_id = t.id AND (clock <> '[]' OR seq = 1)),
    (SELECT max(seq) FROM ticket_event WHERE company_id = $1 AND ticket_id = t.id),
    (SELECT details FROM ticket_event WHERE company_id = $1 AND ticket_id = t.id AND seq = 1),
    (SELECT name FROM membership WHERE company_id = $1 AND id = $3 AND active
                                   AND (all_sites OR t.site_id = ANY (site_ids))
                                   AND roles_at(ARRAY['any'], posts, t.site_id, t.building) <> '{{}}'),
    EXISTS (SELECT FROM team_member WHERE company_id = $1 AND team_id = t.team_id AND membership_id = $3),
    (SELECT name FROM team WHERE company_id = $1 AND site_id = t.site_id AND id = $4 AND active),
    jsonb_build_object(
        'offer', (SELECT to_jsonb(o) FROM ticket_offer o WHERE o.company_id = $1 AND o.ticket_id = t.id),
        'callback', (SELECT to_jsonb(c) FROM ticket_callback c
                     WHERE c.company_id = $1 AND c.ticket_id = t.id AND c.ended_at IS NULL),
        'question', (SELECT to_jsonb(q) FROM ticket_question q
                     WHERE q.company_id = $1 AND q.ticket_id = t.id AND q.answered_at IS NULL)),
    {_TICKET_T}/* carried */
FROM ticket t WHERE t.company_id = $1 AND t.id = $2
"""  # noqa: S608

_goal_rows = msgspec.json.Decoder(list[tuple[Any, ...]])
_owed = msgspec.json.Decoder(Owed).decode
_clocks = msgspec.json.Decoder(list[list[ClockEvent]])


async def create(
    uow: UnitOfWork,
    ticket: Ticket,
    month: str,
    calendar_id: UUID,
    goals: Sequence[Goal],
    due: dict[str, datetime | None],
    entry: NewEntry,
    actor: tuple[str, UUID | None, str],
    timers: Sequence[Timer],
    rows: Sequence[Row] = (),
) -> str:
    """Insert a ticket with all that belongs to it; its number. `entry` is the first one of its timeline."""
    waiting = [timer for timer in timers if timer.at is not None]
    beside, given = _beside(rows, 19 + len(_CREATED))
    number: str = await uow.value(
        _CREATE.replace("/* rows */", beside),
        uow.company_id,
        ticket.id,
        ticket.site_id,
        month,
        calendar_id,
        [g.name for g in goals],
        [g.amount for g in goals],
        [g.unit for g in goals],
        [g.clock for g in goals],
        [due[g.name] for g in goals],
        ticket.created_at,
        *actor,
        msgspec.json.encode(entry.details).decode(),
        msgspec.json.encode(entry.clock).decode(),
        [timer.kind for timer in waiting],
        [timer.at for timer in waiting],
        *(_column(ticket, name) for name in _CREATED),
        *given,
    )
    return number


async def lock(
    uow: UnitOfWork,
    ticket_id: UUID,
    colleague_id: UUID | None = None,
    team_id: UUID | None = None,
    question: Question[Any] | None = None,
) -> Recorded | None:
    """Load a ticket for a change; other changes of it wait until this transaction ends. `question`, of one column, is
    answered as things stand then; it shares the company and the ticket as $1 and $2."""
    await uow.lock_row("ticket", ticket_id)
    connection = await uow.open()
    arguments: list[object] = [uow.company_id, ticket_id, colleague_id, team_id]
    carried = ""
    if question is not None:
        arguments.append(question.argument)
        carried = f", ({question.sql(len(arguments))})"
    found = await connection.fetchrow(_LOAD.replace("/* carried */", carried), *arguments)
    if found is None:
        return None
    unanswered, *row = found
    if question is not None:
        question.read(row.pop())
    paused_from, calendar_id, goals, clocks, last_seq, start, colleague, in_team, team, owed = row[:10]
    return Recorded(
        ticket=Ticket(*row[10:]),
        paused_from=paused_from,
        calendar_id=calendar_id,
        goals=tuple(
            msgspec.convert(dict(zip(_GOAL.split(", "), g, strict=True)), GoalRow) for g in _goal_rows.decode(goals)
        )
        if goals
        else (),
        initial=msgspec.json.decode(msgspec.json.decode(start, type=dict[str, str])["goals"], type=tuple[Goal, ...]),
        events=tuple(event for entry in _clocks.decode(clocks) for event in entry),
        last_seq=last_seq,
        colleague=colleague,
        in_team=in_team,
        team=team,
        owed=_owed(owed),
        unanswered=tuple(unanswered),
    )


async def change(
    uow: UnitOfWork,
    recorded: Recorded,
    after: Ticket,
    paused_from: Status | None,
    goals: Sequence[GoalRow],
    entries: Sequence[NewEntry],
    actor: tuple[str, UUID | None, str],
    timers: Sequence[Timer],
    rows: Sequence[Row] = (),
) -> int:
    """Write what a step came to; the ticket's version, which a person's step alone raises."""
    before = recorded.ticket
    moved = before.status != after.status
    actors = [("system", None, "") if entry.system else actor for entry in entries]
    waiting = [timer for timer in timers if timer.at is not None]
    beside, given = _beside(rows, 30 + len(_SETTABLE))
    version: int = await uow.value(
        _CHANGE.replace("/* rows */", beside),
        uow.company_id,
        before.id,
        paused_from,
        [-1, 1] if moved else [],
        any(not e.system for e in entries),
        list(range(1, len(goals) + 1)),
        [g.name for g in goals],
        [g.amount for g in goals],
        [g.unit for g in goals],
        [g.clock for g in goals],
        [g.state for g in goals],
        [g.used for g in goals],
        [g.due_at for g in goals],
        [g.breached_at for g in goals],
        [g.ended for g in goals],
        after.updated_at,
        [recorded.last_seq + i for i in range(1, len(entries) + 1)],
        [e.kind for e in entries],
        [a[0] for a in actors],
        [a[1] for a in actors],
        [a[2] for a in actors],
        [e.text for e in entries],
        [msgspec.json.encode(e.details).decode() for e in entries],
        [msgspec.json.encode(e.clock).decode() for e in entries],
        before.site_id,
        [before.status, after.status] if moved else [],
        [timer.kind for timer in timers if timer.at is None],
        [timer.kind for timer in waiting],
        [timer.at for timer in waiting],
        *(_column(after, name) for name in _SETTABLE),
        *given,
    )
    return version


def _beside(rows: Sequence[Row], place: int) -> tuple[str, list[str]]:
    """The statements of further rows, and their values, which begin at that place."""
    parts, given = "", list[str]()
    for n, row in enumerate(rows):
        sql, values = row.at(place + len(given))
        parts += f", beside_{n} AS ({sql})"
        given += values
    return parts, given


def _column(ticket: Ticket, name: str) -> Any:
    value = getattr(ticket, name)
    return msgspec.json.encode(value).decode() if name == "fields" else value


async def timer_is_due(uow: UnitOfWork, ticket_id: UUID, kind: str, now: datetime) -> bool:
    """Whether the ticket's timer of that kind fell due before `now`."""
    sql = """SELECT EXISTS (SELECT FROM ticket_timer
             WHERE company_id = $1 AND ticket_id = $2 AND kind = $3 AND due_at < $4)"""
    return bool(await uow.value(sql, uow.company_id, ticket_id, kind, now))


async def index_again(uow: UnitOfWork, ticket_ids: Sequence[UUID]) -> None:
    """Have these tickets be found by what they hold now, where something else than a change of them has altered it."""
    await uow.execute(_INDEX_AGAIN, uow.company_id, ticket_ids)
