"""Why goals were missed, in the JSON API."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.platform import Platform
from core.tenancy.directory import Site
from core.tickets import causes
from core.tickets.causes import SaidCause
from core.work import Work


@put("/tickets/{ticket_id:uuid}/goals/{goal:str}/cause", permission="ticket.cause")
async def name_cause(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    ticket_id: FromPath[UUID],
    goal: FromPath[str],
    data: JSONBody[SaidCause],
) -> Response[SaidCause]:
    """Put on record why the ticket missed that goal: one of the site's causes (policy `core.breach_causes`), with a
    note where the cause asks for one. Needs If-Match with the ticket's version."""
    version = await causes.say(work, platform.policies, site, ticket_id, goal, data, if_match)
    return Response(data, headers={"ETag": f'"{version}"'})


HANDLERS = [name_cause]
