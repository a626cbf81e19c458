"""Why a deadline is what it is, in the JSON API."""

from __future__ import annotations

from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.platform import Platform
from core.tenancy.directory import Site
from core.tickets.explain import Explanation, explain
from core.work import Work


@get("/tickets/{ticket_id:uuid}/goals/{goal:str}/explanation", permission="ticket.view")
async def explain_goal(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    goal: FromPath[str],
) -> Explanation:
    """What counted towards a goal and what did not, stretch by stretch, under which promises and calendars."""
    return await explain(work, platform.policies, site, ticket_id, goal)


HANDLERS = [explain_goal]
