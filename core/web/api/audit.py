"""The audit log in the JSON API: entries, how their chain stands, and a file of them to take along."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, QueryParameter
from litestar.response import Stream

from core.audit import jobs, log
from core.audit.jobs import ChainState
from core.audit.log import MOST, AuditFilter, AuditPage
from core.errors import Invalid
from core.exchange.sheet import MEDIA_TYPE
from core.web.console import audit_book
from core.web.console.audit import reader_of
from core.web.console.audit_book import Format as Format
from core.web.view import View
from core.work import Work


class NewAuditExport(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is wanted as a file; the fields are those of the list's query. `since` counts, `until` does not."""

    format: Format = "xlsx"
    action: str | None = None
    subject_type: str | None = None
    subject_id: str | None = None
    actor_id: UUID | None = None
    site_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None


@get("/audit", permission="audit.view")
async def list_audit(
    work: NamedDependency[Work],
    action: FromQuery[str | None] = None,
    subject_type: FromQuery[str | None] = None,
    subject_id: FromQuery[str | None] = None,
    actor_id: FromQuery[UUID | None] = None,
    site_id: FromQuery[UUID | None] = None,
    since: Annotated[datetime | None, QueryParameter(name="from")] = None,
    until: Annotated[datetime | None, QueryParameter(name="to")] = None,
    text: FromQuery[str | None] = None,
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> AuditPage:
    """Who did what, the newest first. `action` may be a noun, for all its actions; `from` counts, `to` does not."""
    _with_offset({"from": since, "to": until})
    return await log.page(
        work,
        AuditFilter(
            action=action,
            subject_type=subject_type,
            subject_id=subject_id,
            actor_id=actor_id,
            site_id=site_id,
            since=since,
            until=until,
            text=text,
            cursor=cursor,
            limit=limit,
        ),
    )


@get("/audit/chain", permission="audit.view")
async def audit_chain(work: NamedDependency[Work]) -> ChainState:
    """How many entries the chain holds, how many wait for their link, and what the last daily check found (OB-1)."""
    return await jobs.state(work)


@post("/audit/export", permission="audit.view", status_code=200, personal=True, media_type=MEDIA_TYPE, also="text/csv")
async def export_audit(view: NamedDependency[View], data: JSONBody[NewAuditExport]) -> Stream:
    """Entries as .xlsx or as CSV, 50,000 at most, in words of the reader's language. Every export is on record."""
    _with_offset({"since": data.since, "until": data.until})
    fields = {name: value for name, value in msgspec.structs.asdict(data).items() if name != "format"}
    return await audit_book.answer(view, reader_of(view), AuditFilter(**fields), data.format)


def _with_offset(instants: Mapping[str, datetime | None]) -> None:
    """Raises Invalid for an instant of no certain time zone."""
    for name, instant in instants.items():
        if instant is not None and instant.tzinfo is None:
            raise Invalid.field(name, "Give the instant with its offset, such as 2026-11-22T08:00:00+08:00.")


HANDLERS = [list_audit, audit_chain, export_audit]
