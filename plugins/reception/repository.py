"""Every statement that changes a call; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.reception.schemas import Call, Channel, Who

_COLUMNS = ", ".join(Call.__struct_fields__)
_CALL = ", ".join(f"c.{column}" for column in Call.__struct_fields__)
_OTHER = "$4::uuid IS NOT NULL AND (unit_id, party_id) IS DISTINCT FROM ($4, $6::uuid)"


class Before(msgspec.Struct, frozen=True):
    """Of a call that is reported on: what was known before; all None for a new one."""

    ringing_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None


class TakenIn(msgspec.Struct, frozen=True):
    """What came of a saved form: whether it was saved for the first time, whether that answered the call, the call."""

    fresh: bool
    answered: bool
    call: Call | None


# Reports may come twice and in any order: the earliest instant of each event counts, and the state follows from them.
# The count makes the lock be taken before the insert.
_REPORT = f"""
WITH before AS MATERIALIZED (
    SELECT ringing_at, answered_at, ended_at FROM reception_call
    WHERE company_id = $1 AND site_id = $3 AND external_id = $4 FOR UPDATE
), reported AS (
    INSERT INTO reception_call AS c (company_id, id, site_id, external_id, channel, source, phone, ringing_at,
        answered_at, ended_at, unit_id, place, party_id, caller_name)
    SELECT $1, $2, $3, $4, 'call', 'exchange', $5, $6, $7, $8, $9, $10, $11, $12 FROM (SELECT count(*) FROM before) n
    ON CONFLICT (company_id, site_id, external_id) DO UPDATE SET
        ringing_at = least(c.ringing_at, excluded.ringing_at),
        answered_at = least(c.answered_at, excluded.answered_at),
        ended_at = least(c.ended_at, excluded.ended_at),
        phone = coalesce(nullif(c.phone, ''), excluded.phone),
        (unit_id, place, party_id, caller_name) = (
            SELECT w.* FROM (VALUES (c.unit_id, c.place, c.party_id, c.caller_name),
                                    (excluded.unit_id, excluded.place, excluded.party_id, excluded.caller_name)) w
            ORDER BY w.column1 IS NULL LIMIT 1)
    RETURNING {_COLUMNS}
)
SELECT (SELECT ringing_at FROM before), (SELECT answered_at FROM before), (SELECT ended_at FROM before), {_CALL}
FROM reported c
"""  # noqa: S608
_TAKE_DOWN = f"""
INSERT INTO reception_call (company_id, id, site_id, channel, source, phone, ringing_at, answered_at, answered_by,
    answered_by_name, unit_id, place, party_id, caller_name, note)
VALUES ($1, $2, $3, $4, 'manual', $5, $6, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING {_COLUMNS}
"""  # noqa: S608
# Whether it was answered before, seen under the lock.
_BEFORE = """
SELECT id, answered_at IS NULL AS fresh FROM reception_call
WHERE company_id = $1 AND site_id = $2 AND id = $3 FOR UPDATE
"""
_ANSWER = f"""
WITH before AS MATERIALIZED ({_BEFORE})
UPDATE reception_call c SET answered_at = coalesce(c.answered_at, $4), answered_by = $5, answered_by_name = $6
FROM before b WHERE c.company_id = $1 AND c.id = b.id AND c.ended_at IS NULL
    AND (c.answered_by_name = '' OR (c.answered_by IS NOT DISTINCT FROM $5 AND c.answered_by_name = $6))
RETURNING b.fresh, {_CALL}
"""  # noqa: S608
_END = f"""
UPDATE reception_call SET ended_at = $4, hung_up = $5
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND ended_at IS NULL RETURNING {_COLUMNS}
"""  # noqa: S608
# Somebody else has confirmed nothing yet (REC-5).
_LINK = f"""
UPDATE reception_call SET
    confirmed = CASE WHEN {_OTHER} THEN '{{}}' ELSE confirmed END,
    confirmed_at = CASE WHEN {_OTHER} THEN NULL ELSE confirmed_at END,
    confirmed_by_name = CASE WHEN {_OTHER} THEN '' ELSE confirmed_by_name END,
    unit_id = coalesce($4, unit_id), place = CASE WHEN $4::uuid IS NULL THEN place ELSE $5 END,
    party_id = CASE WHEN $4::uuid IS NULL THEN party_id ELSE $6 END,
    caller_name = CASE WHEN $7 = '' THEN caller_name ELSE $7 END,
    ticket_id = coalesce($8, ticket_id), ticket_number = CASE WHEN $8::uuid IS NULL THEN ticket_number ELSE $9 END
WHERE company_id = $1 AND site_id = $2 AND id = $3 RETURNING {_COLUMNS}
"""  # noqa: S608
# One round trip: the call says what came of it, the form is used up. Whoever takes the matter in has answered.
_TAKE_IN = f"""
WITH before AS MATERIALIZED ({_BEFORE}), linked AS (
    UPDATE reception_call c SET ticket_id = $5, ticket_number = $6,
        answered_at = CASE WHEN c.ended_at IS NULL THEN coalesce(c.answered_at, $7) ELSE c.answered_at END,
        answered_by = CASE WHEN c.answered_by_name = '' THEN $8 ELSE c.answered_by END,
        answered_by_name = CASE WHEN c.answered_by_name = '' THEN $9 ELSE c.answered_by_name END,
        matter = coalesce(nullif(c.matter, ''), $14),
        unit_id = coalesce(c.unit_id, $10), party_id = CASE WHEN c.unit_id IS NULL THEN $12 ELSE c.party_id END,
        place = coalesce(nullif(c.place, ''), $11), caller_name = coalesce(nullif(c.caller_name, ''), $13)
    FROM before b WHERE c.company_id = $1 AND c.id = b.id RETURNING b.fresh, {_CALL}
), taken AS (
    INSERT INTO reception_intake (company_id, site_id, call_id, id, ticket_id, taken_at)
    SELECT $1, $2, (SELECT id FROM linked), $4, $5, $7 ON CONFLICT (company_id, id) DO NOTHING RETURNING id
)
SELECT EXISTS (SELECT FROM taken), c.fresh AND c.answered_at IS NOT NULL, {_CALL}
FROM (SELECT) one LEFT JOIN linked c ON true
"""  # noqa: S608
_NOTE = f"""
UPDATE reception_call SET matter = $4, answer = $5 WHERE company_id = $1 AND site_id = $2 AND id = $3
RETURNING {_COLUMNS}
"""  # noqa: S608
_CALL_BACK = f"""
UPDATE reception_call SET called_back_at = $4, called_back_by_name = $5
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND status IN ('missed', 'abandoned') AND called_back_at IS NULL
RETURNING {_COLUMNS}
"""  # noqa: S608
_CLOSE = f"""
UPDATE reception_call SET ended_at = $3 WHERE company_id = $1 AND site_id = ANY ($2) AND ended_at IS NULL
    AND (answered_at < $5 OR (answered_at IS NULL AND ringing_at < $4)) RETURNING {_COLUMNS}
"""  # noqa: S608


async def wait_for_turn(uow: UnitOfWork, site_id: UUID, external_id: str) -> None:
    """Of two reports of one call at once the second goes on when the first is stored, if there was no call yet too."""
    key = f"{uow.company_id} {site_id} {external_id}"
    await uow.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", key)


async def report(
    uow: UnitOfWork,
    site_id: UUID,
    call_id: UUID,
    external_id: str,
    phone: str,
    instants: tuple[datetime, datetime | None, datetime | None],
    who: Who,
) -> tuple[Before, Call]:
    """Record what the exchange reports; the call as it was and as it is. `instants`: ringing, answered, ended."""

    def row(
        ringing: datetime | None, answered: datetime | None, ended: datetime | None, *call: Any
    ) -> tuple[Before, Call]:
        return Before(ringing, answered, ended), Call(*call)

    found = await uow.fetch_one(
        row,
        _REPORT,
        uow.company_id,
        call_id,
        site_id,
        external_id,
        phone,
        *instants,
        *msgspec.structs.astuple(who),
    )
    assert found is not None
    return found


async def take_down(
    uow: UnitOfWork,
    site_id: UUID,
    call_id: UUID,
    channel: Channel,
    phone: str,
    now: datetime,
    clerk: tuple[UUID | None, str],
    who: Who,
    note: str,
) -> Call:
    call = await uow.fetch_one(
        Call,
        _TAKE_DOWN,
        uow.company_id,
        call_id,
        site_id,
        channel,
        phone,
        now,
        *clerk,
        *msgspec.structs.astuple(who),
        note,
    )
    assert call is not None
    return call


async def answer(
    uow: UnitOfWork, site_id: UUID, call_id: UUID, now: datetime, clerk: tuple[UUID | None, str]
) -> tuple[bool, Call] | None:
    """Whether nobody had answered it before, and the call; None: there is none, it is over, or another has it."""

    def row(fresh: bool, *call: Any) -> tuple[bool, Call]:
        return fresh, Call(*call)

    return await uow.fetch_one(row, _ANSWER, uow.company_id, site_id, call_id, now, *clerk)


async def end(uow: UnitOfWork, site_id: UUID, call_id: UUID, now: datetime, *, hung_up: bool) -> Call | None:
    """None: there is no such call, or it is over."""
    return await uow.fetch_one(Call, _END, uow.company_id, site_id, call_id, now, hung_up)


async def link(
    uow: UnitOfWork, site_id: UUID, call_id: UUID, who: Who, ticket_id: UUID | None, ticket_number: str
) -> Call | None:
    """Write down who called, if `who` says so, and the ticket, if there is one."""
    return await uow.fetch_one(
        Call, _LINK, uow.company_id, site_id, call_id, *msgspec.structs.astuple(who), ticket_id, ticket_number
    )


async def take_in(
    uow: UnitOfWork,
    site_id: UUID,
    call_id: UUID | None,
    form_id: UUID,
    ticket: tuple[UUID, str],
    now: datetime,
    clerk: tuple[UUID | None, str],
    who: Who,
    matter: str,
) -> TakenIn:
    """Note the ticket (id, number) at its call, and who called where the call does not say."""

    def row(taken: bool, answered: bool | None, *call: Any) -> TakenIn:
        return TakenIn(taken, bool(answered), None if call[0] is None else Call(*call))

    found = await uow.fetch_one(
        row,
        _TAKE_IN,
        uow.company_id,
        site_id,
        call_id,
        form_id,
        *ticket,
        now,
        *clerk,
        *msgspec.structs.astuple(who),
        matter,
    )
    assert found is not None
    return found


async def note(uow: UnitOfWork, site_id: UUID, call_id: UUID, matter: str, answer: str) -> Call | None:
    """Write down what it was about and what was answered; None: there is no such call."""
    return await uow.fetch_one(Call, _NOTE, uow.company_id, site_id, call_id, matter, answer)


async def call_back(uow: UnitOfWork, site_id: UUID, call_id: UUID, now: datetime, name: str) -> Call | None:
    """Note that a lost call was called back; None: there is no such call, it was answered, or that is noted."""
    return await uow.fetch_one(Call, _CALL_BACK, uow.company_id, site_id, call_id, now, name)


async def close(
    uow: UnitOfWork, site_ids: Iterable[UUID], now: datetime, rung_before: datetime, answered_before: datetime
) -> list[Call]:
    """End the calls whose end nobody reported."""
    return await uow.fetch(Call, _CLOSE, uow.company_id, list(site_ids), now, rung_before, answered_before)
