"""Staff accounts in the JSON API."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core.auth.principals import Principal
from core.people.model import Member, MemberEntry, MemberPage, StaffPage, State, Wanted
from core.platform import Platform
from core.work import Work

MANAGE = "people.manage"


@get("/people", permission=MANAGE)
async def list_people(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    q: FromQuery[str] = "",
    status: FromQuery[State | None] = None,
    role: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
) -> StaffPage:
    """Those who work for the company, as far as one has a say over them, by staff number."""
    return await platform.people.list(work, principal.company, Wanted(q, status, role, after))


@get("/people/{member_id:uuid}", permission=MANAGE)
async def get_person(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    member_id: FromPath[UUID],
) -> Response[MemberPage]:
    """A member and their account."""
    page = await platform.people.page(work, principal.company, member_id)
    return Response(page, headers={"ETag": f'"{page.member.version}"'})


@put("/people/{member_id:uuid}", permission=MANAGE)
async def change_person(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    member_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[MemberEntry],
) -> Response[Member]:
    """Change a member as a whole; what they may do changes at once."""
    return _answer(await platform.people.change(work, principal.company, member_id, data, if_match))


@post("/people/{member_id:uuid}/disable", permission=MANAGE, status_code=200)
async def disable_person(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    member_id: FromPath[UUID],
    if_match: NamedDependency[int],
) -> Response[Member]:
    """Switch an account off; every session of it ends at once."""
    return _answer(await platform.people.disable(work, principal.company, member_id, if_match))


@post("/people/{member_id:uuid}/enable", permission=MANAGE, status_code=200)
async def enable_person(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    member_id: FromPath[UUID],
    if_match: NamedDependency[int],
) -> Response[Member]:
    """Switch an account on again."""
    return _answer(await platform.people.enable(work, principal.company, member_id, if_match))


def _answer(member: Member) -> Response[Member]:
    return Response(member, headers={"ETag": f'"{member.version}"'})


HANDLERS = [list_people, get_person, change_person, disable_person, enable_person]
