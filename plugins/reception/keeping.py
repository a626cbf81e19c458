"""How long the desk knows who called and what about: then calls, messages and handed-over sheets are emptied of it for
good, while instants, outcomes and counts stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from core.sdk import Platform, PolicySpec, TenantContext, Work
from plugins.reception.permissions import MANAGE

BATCH: Final = 2000  # rows of a kind and site in one run
# What an open ticket came from stays with it. A lost call whose number got through later counts as called back from
# then on, since the number that tells so goes; the earliest goes first, so that the later one still has it. What the
# exchange calls it, unique at the site, gives way to our own id.
_CALLS = """
WITH old AS (
    SELECT c.id FROM reception_call c WHERE c.company_id = $1 AND c.site_id = $2 AND c.erased_at IS NULL
        AND c.ringing_at < $3::timestamptz - make_interval(months => $4) AND c.ended_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM ticket t WHERE t.company_id = $1 AND t.status <> 'closed' AND (t.id = c.ticket_id
            OR t.id IN (SELECT i.ticket_id FROM reception_intake i WHERE i.company_id = $1 AND i.call_id = c.id)))
    ORDER BY c.ringing_at LIMIT $5 FOR UPDATE OF c
)
UPDATE reception_call c SET external_id = CASE WHEN c.source = 'exchange' THEN c.id::text END, phone = '',
    caller_name = '', place = '', unit_id = NULL, party_id = NULL, note = '', matter = '', answer = '', erased_at = $3,
    called_back_at = coalesce(c.called_back_at, (
        SELECT min(later.answered_at) FROM reception_call later
        WHERE later.company_id = $1 AND later.site_id = $2 AND c.status IN ('missed', 'abandoned') AND c.phone <> ''
            AND later.phone = c.phone AND later.answered_at IS NOT NULL AND later.ringing_at > c.ringing_at
            AND later.ringing_at < c.ringing_at + interval '1 day'))
FROM old WHERE c.company_id = $1 AND c.id = old.id
"""
_MESSAGES = """
WITH old AS (
    SELECT id FROM reception_message WHERE company_id = $1 AND site_id = $2 AND erased_at IS NULL
        AND taken_at < $3::timestamptz - make_interval(months => $4) AND done_at IS NOT NULL
    ORDER BY taken_at LIMIT $5 FOR UPDATE
)
UPDATE reception_message m SET caller_name = '', phone = '', place = '', matter = '', outcome = '', erased_at = $3
FROM old WHERE m.company_id = $1 AND m.id = old.id
"""
_SHEETS = """
WITH old AS (
    SELECT id FROM reception_handover WHERE company_id = $1 AND site_id = $2 AND erased_at IS NULL
        AND handed_at < $3::timestamptz - make_interval(months => $4)
    ORDER BY handed_at LIMIT $5 FOR UPDATE
)
UPDATE reception_handover h SET keys = '', remarks = '', note = '', erased_at = $3, sheet = (
    SELECT jsonb_object_agg(key, CASE WHEN jsonb_typeof(value) <> 'array' THEN value ELSE (
        SELECT coalesce(jsonb_agg(line || '{"title": "", "detail": ""}'), '[]') FROM jsonb_array_elements(value) line
    ) END) FROM jsonb_each(h.sheet))
FROM old WHERE h.company_id = $1 AND h.id = old.id
"""


class KeepingRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the desk knows people."""

    calls_months: Annotated[
        int,
        msgspec.Meta(
            title="Calls and visits at the desk",
            description="Then phones, names, addresses and what was said are erased for good, unless a ticket that "
            "came of it is still open. Time, outcome, clerk and ticket number stay, so that the figures do.",
            ge=3,
            le=120,
            extra={"unit": "months"},
        ),
    ] = 24
    messages_months: Annotated[
        int,
        msgspec.Meta(
            title="Messages",
            description="Then callers, phones, matters and outcomes of messages that were dealt with are erased for "
            "good; for whom they were and whether in time stays. A message that still waits is kept.",
            ge=3,
            le=120,
            extra={"unit": "months"},
        ),
    ] = 12
    sheets_months: Annotated[
        int,
        msgspec.Meta(
            title="Handed-over shifts",
            description="Then the names and remarks on the sheets are erased for good; who handed over to whom, and "
            "how much was open, stays.",
            ge=3,
            le=120,
            extra={"unit": "months"},
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


async def forget(work: Work, ctx: TenantContext, ids: Mapping[str, str], platform: Platform) -> None:
    """A job: erase what each site keeps no longer, on record as numbers."""
    for site_id in sorted(ctx.site_ids):
        rules = await platform.policies.value(work, KEEPING, site_id)
        which = ctx.company_id, site_id, work.now
        counts = {
            "calls": await work.uow.execute(_CALLS, *which, rules.calls_months, BATCH),
            "messages": await work.uow.execute(_MESSAGES, *which, rules.messages_months, BATCH),
            "sheets": await work.uow.execute(_SHEETS, *which, rules.sheets_months, BATCH),
        }
        if any(counts.values()):
            work.audit("reception.desk.forgotten", "site", site_id, counts, site_id=site_id)
