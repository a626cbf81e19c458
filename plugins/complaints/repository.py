"""Every statement about a complaint; each names the company, besides row level security.

All of them read or hold the ticket, so whom a complaint concerns finds none of it (CMP-6).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from core.sdk import Row, UnitOfWork, new_id
from plugins.complaints.model import (
    Case,
    CaseRow,
    CaseStep,
    Compensation,
    Findings,
    NewCompensation,
    NewReferral,
    NewStep,
    Referral,
    State,
    Wanted,
)

Clerk = tuple[UUID | None, str]

_CASE = """
(coalesce(to_jsonb(c), '{}') || jsonb_build_object('ticket_id', t.id, 'number', t.number, 'status', t.status,
    'severity', t.severity, 'description', t.description, 'answered_at', t.answered_at, 'concerns_id', t.concerns_id,
    'concerns_name', t.concerns_name, 'anonymous', coalesce((t.fields ->> 'anonymous')::boolean, false),
    'injury', coalesce(c.injury, (t.fields ->> 'injury')::boolean, false),
    'steps', (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.id), '[]') FROM complaints_step s
              WHERE s.company_id = $1 AND s.ticket_id = t.id),
    'referrals', (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.id), '[]') FROM complaints_referral r
                  WHERE r.company_id = $1 AND r.ticket_id = t.id),
    'compensations', (SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.id), '[]') FROM complaints_compensation p
                      WHERE p.company_id = $1 AND p.ticket_id = t.id)))::text
"""
_FROM = """
FROM ticket t LEFT JOIN complaints_case c ON c.company_id = t.company_id AND c.ticket_id = t.id
WHERE t.company_id = $1 AND t.site_id = $2 AND t.id = $3 AND t.type = 'complaints.complaint'
"""
_READ = f"SELECT {_CASE} {_FROM}"
_READ_WITH_TEAM = f"""
SELECT {_CASE}, (SELECT id FROM team WHERE company_id = $1 AND site_id = $2 AND name = $4 AND active) {_FROM}
"""  # noqa: S608
_NOTED = """
step AS (
    INSERT INTO complaints_step (company_id, ticket_id, site_id, id, kind, heard, text, at, by_id, by_name)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
)
INSERT INTO complaints_case AS c (company_id, ticket_id, site_id, injury, contacted_at, cared_at, remedy, remedy_by)
VALUES ($1, $2, $3, $11, CASE WHEN $5 = 'contact' THEN $8::timestamptz END,
    CASE WHEN $5 = 'care' THEN $8::timestamptz END, CASE WHEN $5 = 'remedy' THEN $7 ELSE '' END, $12)
ON CONFLICT (company_id, ticket_id) DO UPDATE SET contacted_at = coalesce(c.contacted_at, excluded.contacted_at),
    cared_at = coalesce(c.cared_at, excluded.cared_at), version = c.version + 1,
    remedy = CASE WHEN $5 = 'remedy' THEN excluded.remedy ELSE c.remedy END,
    remedy_by = CASE WHEN $5 = 'remedy' THEN excluded.remedy_by ELSE c.remedy_by END
"""
_STEP = f"WITH {_NOTED}"
# Rows that go along with a step of the ticket, or stand alone: company and ticket are $1 and $2.
_FINDINGS = """
INSERT INTO complaints_case AS c (company_id, ticket_id, site_id, kind, cause, department, contractor, injury)
SELECT $1, $2, r.* FROM jsonb_to_record({row}) AS r (site_id uuid, kind text, cause text, department text,
    contractor text, injury boolean)
ON CONFLICT (company_id, ticket_id) DO UPDATE SET kind = excluded.kind, cause = excluded.cause,
    department = excluded.department, contractor = excluded.contractor, injury = excluded.injury,
    version = c.version + 1
"""
_OTHER_KIND = """
INSERT INTO complaints_step (company_id, ticket_id, site_id, id, kind, heard, text, at, by_id, by_name)
SELECT $1, $2, r.* FROM jsonb_to_record({row}) AS r (site_id uuid, id uuid, kind text, heard text, text text,
    at timestamptz, by_id uuid, by_name text)
"""
_LEVEL = """
INSERT INTO complaints_case AS c (company_id, ticket_id, site_id, major_at, major_by_name, major_reason)
SELECT $1, $2, r.* FROM jsonb_to_record({row}) AS r (site_id uuid, major_at timestamptz, major_by_name text,
    major_reason text)
ON CONFLICT (company_id, ticket_id) DO UPDATE SET major_at = excluded.major_at, major_by_name = excluded.major_by_name,
    major_reason = excluded.major_reason, version = c.version + 1
"""
_REFER = f"""
WITH referral AS (
    INSERT INTO complaints_referral (company_id, ticket_id, site_id, id, authority, reference, forwarded_on, chase_on,
        by_name)
    VALUES ($1, $2, $3, $13, $14, $15, $16, $17, $10)
),
{_NOTED}
"""  # noqa: S608
_HEAR = """
UPDATE complaints_referral SET answer = $4, answered_on = $5, chase_on = coalesce($6, chase_on),
    reference = CASE WHEN $7 = '' THEN reference ELSE $7 END, chased = chased + ($5::date IS NULL)::int
WHERE company_id = $1 AND ticket_id = $2 AND id = $3
"""
_PROPOSE = """
INSERT INTO complaints_compensation (company_id, ticket_id, site_id, id, amount_fen, reason, proposed_at, proposed_by,
    proposed_by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_DECIDE = """
UPDATE complaints_compensation SET state = $4, decided_by = $5, decided_by_name = $6, decided_at = $7, decision = $8,
    version = version + 1
WHERE company_id = $1 AND ticket_id = $2 AND id = $3
"""
_PAY = """
UPDATE complaints_compensation SET state = 'paid', paid_at = $4, paid_by_name = $5, paid_note = $6,
    version = version + 1
WHERE company_id = $1 AND ticket_id = $2 AND id = $3
"""
_LIST = """
SELECT t.id, t.number, t.status, t.severity, t.place, left(t.description, 80), c.kind, coalesce(c.cause, ''),
    coalesce(c.department, ''), t.created_at, g.due_at, coalesce(g.breached_at IS NOT NULL OR g.due_at <= $4, false),
    c.contacted_at IS NOT NULL OR t.answered_at IS NOT NULL OR coalesce((t.fields ->> 'anonymous')::boolean, false),
    t.assignee_name,
    (SELECT p.state FROM complaints_compensation p WHERE p.company_id = $1 AND p.ticket_id = t.id
     ORDER BY p.id DESC LIMIT 1)
FROM ticket t LEFT JOIN complaints_case c ON c.company_id = t.company_id AND c.ticket_id = t.id
LEFT JOIN ticket_goal g ON g.company_id = t.company_id AND g.ticket_id = t.id AND g.name = 'answer' AND NOT g.ended
WHERE t.company_id = $1 AND t.site_id = $2 AND t.type = 'complaints.complaint'
    AND ($3::uuid IS NULL OR t.id < $3)
    AND CASE $5 WHEN 'open' THEN t.status <> 'closed' WHEN 'closed' THEN t.status = 'closed' ELSE true END
    AND ($6::text IS NULL OR coalesce(c.kind, 'unknown') = $6)
    AND ($7::boolean IS NULL OR (t.severity = 'critical') = $7)
    AND ($8::text IS NULL OR c.department = $8)
    AND (NOT $9 OR g.breached_at IS NOT NULL OR g.due_at <= $4)
    AND ($10::text IS NULL OR strpos(lower(concat_ws(' ', t.number, t.place, t.description)), lower($10)) > 0)
ORDER BY t.id DESC LIMIT $11
"""
_case = msgspec.json.Decoder(Case).decode


class _Found(msgspec.Struct, frozen=True):
    site_id: UUID
    kind: str | None
    cause: str
    department: str
    contractor: str
    injury: bool


class _Noted(msgspec.Struct, frozen=True):
    site_id: UUID
    id: UUID
    kind: str
    heard: str
    text: str
    at: datetime
    by_id: UUID | None
    by_name: str


class _Declared(msgspec.Struct, frozen=True):
    site_id: UUID
    major_at: datetime | None
    major_by_name: str
    major_reason: str


async def read(uow: UnitOfWork, site_id: UUID, ticket_id: UUID) -> Case | None:
    """None for what is no complaint of the site, and for one about the reader."""
    found: str | None = await uow.value(_READ, uow.company_id, site_id, ticket_id)
    return None if found is None else _case(found)


async def read_with_team(uow: UnitOfWork, site_id: UUID, ticket_id: UUID, team: str) -> tuple[Case | None, UUID | None]:
    """The same, and the site's team of that name."""
    found = await uow.fetch_one(lambda *row: row, _READ_WITH_TEAM, uow.company_id, site_id, ticket_id, team)
    return (None, None) if found is None else (_case(found[0]), found[1])


async def add_step(uow: UnitOfWork, site_id: UUID, case: Case, new: NewStep, at: datetime, by: Clerk) -> None:
    """Put a step on record; contact, care and remedy show in the case too."""
    key = (uow.company_id, case.ticket_id, site_id, new_id())
    await uow.execute(_STEP, *key, new.kind, new.heard, new.text, at, *by, case.injury, new.remedy_by)


def findings(site_id: UUID, found: Findings) -> Row:
    """What was found out, as a row to write."""
    return Row(_FINDINGS, _Found(site_id, found.kind, found.cause, found.department, found.contractor, found.injury))


def other_kind(site_id: UUID, step: CaseStep, by_id: UUID | None) -> Row:
    """The step that says why it is of another kind than it was taken for, as a row to write."""
    return Row(_OTHER_KIND, _Noted(site_id, step.id, step.kind, step.heard, step.text, step.at, by_id, step.by_name))


def level(site_id: UUID, at: datetime | None, name: str, reason: str) -> Row:
    """Who declared it major and why, as a row to write; an instant of None takes that back."""
    return Row(_LEVEL, _Declared(site_id, at, name, reason))


async def write(uow: UnitOfWork, ticket_id: UUID, rows: Sequence[Row]) -> None:
    """Write rows that no step of the ticket takes along, in one statement."""
    parts, given = [], list[str]()
    for row in rows:
        sql, values = row.at(3 + len(given))
        parts.append(sql)
        given += values
    beside = ", ".join(f"beside_{n} AS ({sql})" for n, sql in enumerate(parts[1:]))
    await uow.execute(f"WITH {beside} {parts[0]}" if beside else parts[0], uow.company_id, ticket_id, *given)


async def refer(
    uow: UnitOfWork, site_id: UUID, case: Case, new: NewReferral, on: date, chase: date, at: datetime, by: Clerk
) -> None:
    """Store an authority that was asked `on` that day, and that as a step."""
    said = " · ".join(filter(None, (new.authority, new.reference)))
    step = (uow.company_id, case.ticket_id, site_id, new_id(), "refer", "", said, at, *by, case.injury, None)
    await uow.execute(_REFER, *step, new_id(), new.authority, new.reference, on, chase)


async def hear(
    uow: UnitOfWork,
    ticket_id: UUID,
    referral: Referral,
    answer: str,
    on: date | None,
    chase: date | None,
    reference: str,
) -> None:
    """An answer came `on` that day; without one the authority was asked again."""
    await uow.execute(_HEAR, uow.company_id, ticket_id, referral.id, answer, on, chase, reference)


async def propose(
    uow: UnitOfWork, site_id: UUID, ticket_id: UUID, new: NewCompensation, at: datetime, by: Clerk
) -> UUID:
    id = new_id()
    await uow.execute(_PROPOSE, uow.company_id, ticket_id, site_id, id, new.amount_fen, new.reason, at, *by)
    return id


async def decide(
    uow: UnitOfWork, ticket_id: UUID, asked: Compensation, state: State, by: Clerk, at: datetime, text: str
) -> None:
    await uow.execute(_DECIDE, uow.company_id, ticket_id, asked.id, state, *by, at, text)


async def pay(uow: UnitOfWork, ticket_id: UUID, asked: Compensation, at: datetime, name: str, note: str) -> None:
    await uow.execute(_PAY, uow.company_id, ticket_id, asked.id, at, name, note)


async def listed(uow: UnitOfWork, site_id: UUID, wanted: Wanted, now: datetime, most: int) -> list[CaseRow]:
    """The newest first; one more than fits on a page."""
    major = None if wanted.level is None else wanted.level == "major"
    narrowed: tuple[Any, ...] = (wanted.which, wanted.kind, major, wanted.department, wanted.late, wanted.q)
    return await uow.fetch(CaseRow, _LIST, uow.company_id, site_id, wanted.before, now, *narrowed, most + 1)
