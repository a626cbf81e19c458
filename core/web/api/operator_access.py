"""Access by the platform's operator in the company's JSON API: all of them, and deciding on one."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.operator.access import Access
from core.platform import Platform
from core.policies.operator_access import MANAGE
from core.work import Work


class Accesses(msgspec.Struct, frozen=True):
    """Present and past, the newest first. What was looked at is in the audit log, `actor_id` being the access's id."""

    items: list[Access]


@get("/operator-access", permission=MANAGE)
async def accesses(work: NamedDependency[Work], platform: NamedDependency[Platform]) -> Accesses:
    """Every access of the company."""
    return Accesses(await platform.operator.accesses.all(work))


@get("/operator-access/{access_id:uuid}", permission=MANAGE)
async def access(work: NamedDependency[Work], platform: NamedDependency[Platform], access_id: FromPath[UUID]) -> Access:
    """One access."""
    return await platform.operator.accesses.get(work, access_id)


@post("/operator-access/{access_id:uuid}/consent", permission=MANAGE, status_code=204)
async def consent(work: NamedDependency[Work], platform: NamedDependency[Platform], access_id: FromPath[UUID]) -> None:
    """Agree to what is asked: the operator may enter, the hours count from now."""
    await platform.operator.accesses.consent(work, access_id)


@post("/operator-access/{access_id:uuid}/refusal", permission=MANAGE, status_code=204)
async def refuse(work: NamedDependency[Work], platform: NamedDependency[Platform], access_id: FromPath[UUID]) -> None:
    """Refuse what is asked."""
    await platform.operator.accesses.refuse(work, access_id)


@post("/operator-access/{access_id:uuid}/end", permission=MANAGE, status_code=204)
async def end(work: NamedDependency[Work], platform: NamedDependency[Platform], access_id: FromPath[UUID]) -> None:
    """End an access at once."""
    await platform.operator.accesses.end(work, access_id)


HANDLERS = [accesses, access, consent, refuse, end]
