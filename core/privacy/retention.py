"""How long what is known of people is kept: every kind with its period in one list, carried out by a job, and what the
next run takes away. What modules know, they forget by policies and jobs of their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from core.hooks.types import JobSpec
from core.i18n import msgid
from core.policies.privacy import PRIVACY, PrivacyRules
from core.tenancy.context import TenantContext
from core.tickets import repository as tickets
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies

_MONTH: Final = timedelta(days=30.4375)
_BATCH: Final = 5000  # tickets in one run

_EXPORTS = "company_id = $1 AND kind = 'export' AND state = 'done' AND expires_at <= $2"
_NOTICES = "company_id = $1 AND created_at < $2"
_MESSAGES = "company_id = $1 AND created_at < $2 AND state <> 'waiting'"
_SESSIONS = "company_id = $1 AND expires_at < $2"
_CLOSED = """company_id = $1 AND status = 'closed' AND updated_at < $2
    AND (reporter_name <> '' OR reporter_phone <> '' OR convenient_time <> '')"""
_COUNT = f"""
SELECT (SELECT count(*) FROM privacy_request WHERE {_EXPORTS}),
    (SELECT count(*) FROM notification WHERE {_NOTICES.replace("$2", "$3")}),
    (SELECT count(*) FROM notify_delivery WHERE {_MESSAGES.replace("$2", "$3")}),
    (SELECT count(*) FROM session WHERE {_SESSIONS.replace("$2", "$4")}),
    (SELECT count(*) FROM ticket WHERE {_CLOSED.replace("$2", "$5")})
"""  # noqa: S608
_REMOVE = (
    f"UPDATE privacy_request SET state = 'expired', digest = NULL, phone_sealed = NULL WHERE {_EXPORTS}",  # noqa: S608
    f"DELETE FROM notification WHERE {_NOTICES}",  # noqa: S608
    f"DELETE FROM notify_delivery WHERE {_MESSAGES}",  # noqa: S608
    f"DELETE FROM session WHERE {_SESSIONS}",  # noqa: S608
)
_FORGET = f"""
UPDATE ticket SET reporter_name = '', reporter_phone = '', convenient_time = ''
WHERE company_id = $1 AND id IN (SELECT id FROM ticket WHERE {_CLOSED} ORDER BY updated_at LIMIT $3) RETURNING id
"""  # noqa: S608
KINDS: Final = (
    ("exports", msgid("Files with somebody's data")),
    ("notifications", msgid("Notifications")),
    ("messages", msgid("Messages that were sent")),
    ("sessions", msgid("Ended sign-ins")),
    ("contacts", msgid("Names and numbers of whoever reported closed tickets")),
)


class KeptKind(msgspec.Struct, frozen=True):
    """A kind of what is kept: `before` is when what goes was made or ended (None: it is kept without an end), `rows`
    what the next run takes away. `title` is a message id."""

    kind: str
    title: str
    before: datetime | None
    rows: int


class Retention:
    """One for the process."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        self.jobs = (JobSpec("core.retention", self.run, every=3600),)

    async def outlook(self, work: Work) -> list[KeptKind]:
        """What the next run would take away, kind by kind."""
        before = _before(await self._policies.value(work, PRIVACY, None), work.now)
        given = (before[0], before[1], before[3], before[4])
        [counts] = await work.uow.fetch(lambda *row: row, _COUNT, work.ctx.company_id, *given)
        return [
            KeptKind(kind, title, until, count)
            for (kind, title), until, count in zip(KINDS, before, counts, strict=True)
        ]

    async def run(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Take away what is kept no longer, on record as numbers."""
        *plain, closed = _before(await self._policies.value(work, PRIVACY, None), work.now)
        removed = [
            await work.uow.execute(sql, ctx.company_id, until) for sql, until in zip(_REMOVE, plain, strict=True)
        ]
        forgotten = (
            [] if closed is None else await work.uow.fetch(lambda id: id, _FORGET, ctx.company_id, closed, _BATCH)
        )
        if forgotten:
            await tickets.index_again(work.uow, forgotten)
        told = dict(zip((kind for kind, _ in KINDS), (*removed, len(forgotten)), strict=True))
        if any(told.values()):
            work.audit("privacy.forgotten", "company", ctx.company_id, {k: n for k, n in told.items() if n})


def _before(rules: PrivacyRules, now: datetime) -> tuple[datetime | None, ...]:
    """The instant of each kind, in the order of KINDS."""
    notices, sessions = now - timedelta(days=rules.notice_days), now - timedelta(days=rules.session_days)
    closed = now - rules.closed_months * _MONTH if rules.closed_months else None
    return now, notices, notices, sessions, closed
