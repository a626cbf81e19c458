"""Scheduled work on the audit log's chains: anchoring where they are, and computing them again every day (OB-1)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec
import structlog

from core.audit import chain
from core.audit.anchors import Anchor, Anchors
from core.audit.verify import Kind, verify
from core.db.ids import new_id
from core.hooks.types import Event, JobSpec, NoticeSpec
from core.i18n import msgid
from core.notify.egress import Egress, Unreachable
from core.tenancy.context import TenantContext
from core.work import Work

if TYPE_CHECKING:
    from core.settings import Settings

log = structlog.get_logger(__name__)
_CHECKED = """
INSERT INTO audit_check (company_id, id, at, linked, fault, seq, day) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_LAST = "SELECT fault, seq, day FROM audit_check WHERE company_id = $1 ORDER BY id DESC LIMIT 1"
_ADMINS = """
SELECT a.site_id, string_agg(a.id::text, ',' ORDER BY a.id) FROM (
    SELECT m.id, (SELECT s.id FROM site s WHERE s.company_id = $1 AND (m.all_sites OR s.id = ANY (m.site_ids))
                  ORDER BY s.slug LIMIT 1) AS site_id
    FROM membership m WHERE m.company_id = $1 AND m.active AND 'admin' = ANY (m.roles)) a
WHERE a.site_id IS NOT NULL GROUP BY a.site_id
"""
TAMPERED = NoticeSpec(
    event="audit.tampered.v1",
    to="to",
    text=msgid("The audit log was tampered with: its chain is broken. Look where, and tell whoever operates Lodge."),
    page="/admin/audit",
    severity="critical",
)
_STATE = """
SELECT (SELECT coalesce(max(seq), 0) FROM audit_link WHERE company_id = $1),
       (SELECT count(*) FROM audit_unlinked WHERE company_id = $1), c.at, c.linked, c.fault, c.seq, c.day
FROM (SELECT) one LEFT JOIN LATERAL (
    SELECT * FROM audit_check WHERE company_id = $1 ORDER BY id DESC LIMIT 1) c ON true
"""


class ChainState(msgspec.Struct, frozen=True):
    """How many entries the company's chain holds, how many wait for their link (seconds, as a rule), and what the last
    daily check found: when, up to which place, and the first break, if any."""

    linked: int
    waiting: int
    checked_at: datetime | None
    checked: int | None
    fault: Kind | None
    fault_seq: int | None
    fault_day: date | None


async def state(work: Work) -> ChainState:
    """How the chain of the company stands."""
    found = await work.uow.fetch_one(ChainState, _STATE, work.ctx.company_id)
    if found is None:
        raise RuntimeError("an aggregate without a row")
    return found


class Upkeep:
    """Anchors and checks of every company. With `settings.audit_url`, ends of chains are posted there every day."""

    def __init__(self, settings: Settings, anchors: Anchors, egress: Egress) -> None:
        self._url = settings.audit_url
        self._anchors = anchors
        self._egress = egress
        self.jobs = (
            # of a company that is silent too, and what a worker that was killed has not anchored any more
            JobSpec("core.audit_anchor", self.anchor, every=3600, made_up=True),
            JobSpec("core.audit_check", self.check, every=86400, made_up=True),
            *((JobSpec("core.audit_post", self.post, every=86400, made_up=True),) if self._url else ()),
        )

    async def anchor(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Append where the company's chain is."""
        if found := await self._end(work):
            await asyncio.to_thread(self._anchors.add, [found])

    async def check(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Compute the company's chain again and keep what came of it. Administrators are told once of a break."""
        anchors = await asyncio.to_thread(self._anchors.of, ctx.company_id)
        found = await verify(work.uow, ctx.company_id, anchors)
        fault = found.fault
        if fault is not None:
            log.error("the audit log was tampered with", company=str(ctx.company_id), fault=fault.kind, seq=fault.seq)
        kind, seq, day = (None, None, None) if fault is None else (fault.kind, fault.seq, fault.day)
        last = await work.uow.fetch_one(lambda *row: row, _LAST, ctx.company_id)
        if kind is not None and last != (kind, seq, day):
            await self._tell(work)
        await work.uow.execute(_CHECKED, ctx.company_id, new_id(), work.now, found.linked, kind, seq, day)

    async def _tell(self, work: Work) -> None:
        """Each administrator by a site that is theirs: it decides when and how they are told."""
        company_id = work.ctx.company_id
        for site_id, admins in await work.uow.fetch(lambda *row: row, _ADMINS, company_id):
            work.emit(Event(TAMPERED.event, site_id, company_id, {TAMPERED.to: admins}))

    async def post(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Tell the operator's own archive where the company's chain is. Raises Unreachable: it is tried again."""
        if found := await self._end(work):
            content = msgspec.json.encode(found)
            headers = {"Content-Type": "application/json"}
            answer = await asyncio.to_thread(self._egress.post, str(self._url), content, headers)
            if not 200 <= answer.status < 300:
                raise Unreachable(f"the archive of anchors answered {answer.status}")

    async def _end(self, work: Work) -> Anchor | None:
        end = await chain.head(work.uow, work.ctx.company_id)
        return None if end is None else Anchor(work.ctx.company_id, end.seq, end.hash.hex(), work.now)
