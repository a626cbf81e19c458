"""How long what is known of people is kept: every kind with its period in one list, carried out by a job, and what the
next run takes away. Files of tickets and what modules know (`register_retention`) have a time at each site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec

from core.db.rows import count_kept
from core.hooks.types import JobSpec, KeptFor
from core.i18n import msgid
from core.policies.privacy import PRIVACY, PrivacyRules
from core.tenancy.context import TenantContext
from core.tickets import repository as tickets
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies
    from core.tenancy.directory import Directory

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
    what the next run takes away. `title` is a message id; `sites` are those that it says so of, none: the company."""

    kind: str
    title: str
    before: datetime | None
    rows: int
    sites: tuple[str, ...] = ()


class Retention:
    """One for the process. `kinds` are those with a time at each site."""

    def __init__(self, policies: Policies, directory: Directory, kinds: Iterable[KeptFor]) -> None:
        self._policies = policies
        self._directory = directory
        self._kinds = {kind.id: kind for kind in kinds}
        self._due = count_kept({kind.id: kind.due for kind in self._kinds.values()})
        self.jobs = (JobSpec("core.retention", self.run, every=3600),)

    async def outlook(self, work: Work) -> list[KeptKind]:
        """What the next run would take away, kind by kind."""
        before = _before(await self._policies.value(work, PRIVACY, None), work.now)
        given = (before[0], before[1], before[3], before[4])
        [counts] = await work.uow.fetch(lambda *row: row, _COUNT, work.ctx.company_id, *given)
        of_company = [
            KeptKind(kind, title, until, count)
            for (kind, title), until, count in zip(KINDS, before, counts, strict=True)
        ]
        return [*of_company, *await self._of_sites(work)]

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
        for site_id, periods in (await self._periods(work)).items():
            gone = {
                kind: await self._kinds[kind].forget(work, site_id, until) for kind, until in periods.items() if until
            }
            if any(gone.values()):
                told = {kind: n for kind, n in gone.items() if n}
                work.audit("privacy.forgotten", "site", site_id, told, site_id=site_id)

    async def _of_sites(self, work: Work) -> list[KeptKind]:
        """What sites keep: those of one period together."""
        periods = await self._periods(work)
        due = [(kind, site, until) for site, each in periods.items() for kind, until in each.items() if until]
        given = [list(column) for column in zip(*due, strict=True)] or [[], [], []]
        found = await work.uow.fetch(lambda *row: row, self._due, work.ctx.company_id, *given)
        counts = {(kind, site): count for kind, site, count in found}
        company = self._directory.known(work.ctx.company_id)
        names = {site.id: site.name for site in company.sites} if company else {}
        together: dict[tuple[str, datetime | None], list[UUID]] = {}
        for kind in self._kinds:
            for site, each in periods.items():
                together.setdefault((kind, each[kind]), []).append(site)
        return [
            KeptKind(
                kind,
                self._kinds[kind].title,
                until,
                sum(counts.get((kind, site), 0) for site in sites),
                () if len(sites) == len(periods) else tuple(names[site] for site in sites),
            )
            for (kind, until), sites in together.items()
        ]

    async def _periods(self, work: Work) -> dict[UUID, dict[str, datetime | None]]:
        """By site, since when each kind is kept; None without an end."""
        return {
            site_id: {
                id: _since(await self._policies.value(work, kind.policy, site_id), kind.field, work.now)
                for id, kind in self._kinds.items()
            }
            for site_id in sorted(work.ctx.site_ids)
        }


def _since(rules: msgspec.Struct, field: str, now: datetime) -> datetime | None:
    period: int = getattr(rules, field)
    if not period:
        return None
    return now - (period * _MONTH if field.endswith("_months") else timedelta(days=period))


def _before(rules: PrivacyRules, now: datetime) -> tuple[datetime | None, ...]:
    """The instant of each kind, in the order of KINDS."""
    notices, sessions = now - timedelta(days=rules.notice_days), now - timedelta(days=rules.session_days)
    closed = now - rules.closed_months * _MONTH if rules.closed_months else None
    return now, notices, notices, sessions, closed
