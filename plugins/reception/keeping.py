"""How long the desk knows who called and what about: then calls, messages and handed-over sheets are emptied of it for
good, while instants, outcomes and counts stay."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec

from core.sdk import KeptFor, PolicySpec, Work, msgid
from plugins.reception.permissions import MANAGE

BATCH: Final = 2000  # rows of a kind and site in one run
_KEEP = "(SELECT $2::uuid AS site_id, $3::timestamptz AS before) keep"
# What an open ticket came from stays with it.
_OLD_CALLS = """
reception_call c WHERE c.company_id = $1 AND c.site_id = keep.site_id AND c.erased_at IS NULL
    AND c.ringing_at < keep.before AND c.ended_at IS NOT NULL
    AND NOT EXISTS (SELECT FROM ticket t WHERE t.company_id = $1 AND t.status <> 'closed' AND (t.id = c.ticket_id
        OR t.id IN (SELECT i.ticket_id FROM reception_intake i WHERE i.company_id = $1 AND i.call_id = c.id)))
"""
_OLD_MESSAGES = """
reception_message m WHERE m.company_id = $1 AND m.site_id = keep.site_id AND m.erased_at IS NULL
    AND m.taken_at < keep.before AND m.done_at IS NOT NULL
"""
_OLD_SHEETS = """
reception_handover h WHERE h.company_id = $1 AND h.site_id = keep.site_id AND h.erased_at IS NULL
    AND h.handed_at < keep.before
"""
_DUE_CALLS = f"SELECT count(*) FROM {_OLD_CALLS}"  # noqa: S608
_DUE_MESSAGES = f"SELECT count(*) FROM {_OLD_MESSAGES}"  # noqa: S608
_DUE_SHEETS = f"SELECT count(*) FROM {_OLD_SHEETS}"  # noqa: S608
# A lost call whose number got through later counts as called back from then on, since the number that tells so goes;
# the earliest goes first, so that the later one still has it. What the exchange calls it, unique at the site, gives way
# to our own id.
_CALLS = f"""
WITH old AS (
    SELECT c.id FROM {_KEEP}, {_OLD_CALLS} ORDER BY c.ringing_at LIMIT $5 FOR UPDATE OF c
)
UPDATE reception_call c SET external_id = CASE WHEN c.source = 'exchange' THEN c.id::text END, phone = '',
    caller_name = '', place = '', unit_id = NULL, party_id = NULL, note = '', matter = '', answer = '', erased_at = $4,
    called_back_at = coalesce(c.called_back_at, (
        SELECT min(later.answered_at) FROM reception_call later
        WHERE later.company_id = $1 AND later.site_id = $2 AND c.status IN ('missed', 'abandoned') AND c.phone <> ''
            AND later.phone = c.phone AND later.answered_at IS NOT NULL AND later.ringing_at > c.ringing_at
            AND later.ringing_at < c.ringing_at + interval '1 day'))
FROM old WHERE c.company_id = $1 AND c.id = old.id
"""  # noqa: S608
_MESSAGES = f"""
WITH old AS (
    SELECT m.id FROM {_KEEP}, {_OLD_MESSAGES} ORDER BY m.taken_at LIMIT $5 FOR UPDATE OF m
)
UPDATE reception_message m SET caller_name = '', phone = '', place = '', matter = '', outcome = '', erased_at = $4
FROM old WHERE m.company_id = $1 AND m.id = old.id
"""  # noqa: S608
_SHEETS = f"""
WITH old AS (
    SELECT h.id FROM {_KEEP}, {_OLD_SHEETS} ORDER BY h.handed_at LIMIT $5 FOR UPDATE OF h
)
UPDATE reception_handover h SET keys = '', remarks = '', note = '', erased_at = $4, sheet = (
    SELECT jsonb_object_agg(key, CASE WHEN jsonb_typeof(value) <> 'array' THEN value ELSE (
        SELECT coalesce(jsonb_agg(line || '{{"title": "", "detail": ""}}'), '[]') FROM jsonb_array_elements(value) line
    ) END) FROM jsonb_each(h.sheet))
FROM old WHERE h.company_id = $1 AND h.id = old.id
"""  # noqa: S608
Months = Annotated[int, msgspec.Meta(ge=3, le=120, extra={"unit": "months"})]


class KeepingRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the desk knows people."""

    calls_months: Annotated[
        Months,
        msgspec.Meta(
            title="Calls and visits at the desk",
            description="Then phones, names, addresses and what was said are erased for good, unless a ticket that "
            "came of it is still open. Time, outcome, clerk and ticket number stay, so that the figures do.",
        ),
    ] = 24
    messages_months: Annotated[
        Months,
        msgspec.Meta(
            title="Messages",
            description="Then callers, phones, matters and outcomes of messages that were dealt with are erased for "
            "good; for whom they were and whether in time stays. A message that still waits is kept.",
        ),
    ] = 12
    sheets_months: Annotated[
        Months,
        msgspec.Meta(
            title="Handed-over shifts",
            description="Then the names and remarks on the sheets are erased for good; who handed over to whom, and "
            "how much was open, stays.",
        ),
    ] = 6


KEEPING = PolicySpec(
    name="reception.keeping",
    struct=KeepingRules,
    default=KeepingRules(),
    title="How long the desk keeps names",
    help="After how long calls, messages and handover sheets are emptied of personal data.",
    permission=MANAGE.id,
    plugin="reception",
)


def by(sql: str) -> Callable[[Work, UUID, datetime], Awaitable[int]]:
    """Forgetting by a statement: company $1, site $2, what is older than $3, the present $4, rows at most $5."""

    async def forget(work: Work, site_id: UUID, before: datetime) -> int:
        return await work.uow.execute(sql, work.ctx.company_id, site_id, before, work.now, BATCH)

    return forget


RETENTION: Final = [
    KeptFor(id=f"reception.{kind}", title=title, policy=KEEPING, field=f"{kind}_months", due=due, forget=by(forget))
    for kind, title, due, forget in (
        ("calls", msgid("Calls and visits at the desk"), _DUE_CALLS, _CALLS),
        ("messages", msgid("Messages"), _DUE_MESSAGES, _MESSAGES),
        ("sheets", msgid("Handed-over shifts"), _DUE_SHEETS, _SHEETS),
    )
]
