"""Second looks in the JSON API: what waits for one, agreeing, refusing, taking back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.approvals.model import Approval, Verdict
from core.platform import Platform
from core.tenancy.directory import Site
from core.work import Work

PAGE = 50


class ApprovalPage(msgspec.Struct, frozen=True):
    """What one asked or may decide, the newest first; `next_cursor` leads to older ones."""

    approvals: list[Approval]
    next_cursor: UUID | None


@get("/approvals", permission="approval.view")
async def list_approvals(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = PAGE,
) -> ApprovalPage:
    """What one asked or may decide."""
    found = await platform.approvals.page(work, site, cursor, limit + 1)
    shown = found[:limit]
    return ApprovalPage(shown, shown[-1].id if len(found) > limit else None)


@get("/approvals/{approval_id:uuid}", permission="approval.view")
async def get_approval(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    approval_id: FromPath[UUID],
) -> Approval:
    """One of them."""
    return await platform.approvals.get(work, site, approval_id)


@post("/approvals/{approval_id:uuid}/decision", permission="approval.view", status_code=200)
async def decide(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    approval_id: FromPath[UUID],
    data: JSONBody[Verdict],
) -> Approval:
    """Agree, which has its effect at once, or refuse, saying why. Never for who asked, nor for whom it concerns."""
    return await platform.approvals.decide(work, site, approval_id, data, platform)


@post("/approvals/{approval_id:uuid}/withdrawal", permission="approval.view", status_code=200)
async def withdraw(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    approval_id: FromPath[UUID],
) -> Approval:
    """Take back what one has asked."""
    return await platform.approvals.withdraw(work, site, approval_id)


HANDLERS = [list_approvals, get_approval, decide, withdraw]
