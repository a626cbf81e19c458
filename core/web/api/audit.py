"""The audit log in the JSON API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from core.audit import log
from core.audit.log import MOST, AuditFilter, AuditPage
from core.errors import Invalid
from core.work import Work


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
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> AuditPage:
    """Who did what, the newest first. `action` may be a noun, for all its actions; `from` counts, `to` does not."""
    for name, instant in (("from", since), ("to", until)):
        if instant is not None and instant.tzinfo is None:
            raise Invalid.field(name, "Give the instant with its offset, such as 2026-11-22T08:00:00+08:00.")
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
            cursor=cursor,
            limit=limit,
        ),
    )


HANDLERS = [list_audit]
