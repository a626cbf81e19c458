"""Roles in the JSON API: the built-in ones, and those that a company makes for itself."""

from __future__ import annotations

import msgspec
from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.auth.principals import Principal
from core.auth.roles import Holder, NewRole, Role, RoleEntry
from core.platform import Platform
from core.work import Work


class PermissionOut(msgspec.Struct, frozen=True):
    """A right, and the built-in roles that have it; `title` is English."""

    id: str
    title: str
    roles: list[str]


class RoleList(msgspec.Struct, frozen=True):
    """The built-in roles, then the company's own, and all the rights there are."""

    roles: list[Role]
    permissions: list[PermissionOut]


class HeldRole(msgspec.Struct, frozen=True):
    """A role and who has it at the sites that one may enter."""

    role: Role
    held_by: list[Holder]


@get("/roles", permission="role.manage")
async def list_roles(work: NamedDependency[Work], platform: NamedDependency[Platform]) -> RoleList:
    """All roles of the company."""
    permissions = [PermissionOut(p.id, p.title, sorted(p.roles)) for p in platform.permissions]
    return RoleList(await platform.roles.all(work), permissions)


@post("/roles", permission="role.manage")
async def make_role(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    data: JSONBody[NewRole],
) -> Response[Role]:
    """Make a role of the company's own, of permissions that one has oneself."""
    role = await platform.roles.make(work, principal.company, data)
    return Response(role, status_code=201, headers={"ETag": '"1"', "Location": f"/api/v1/roles/{role.key}"})


@get("/roles/{role_key:str}", permission="role.manage")
async def get_role(
    work: NamedDependency[Work], platform: NamedDependency[Platform], role_key: FromPath[str]
) -> Response[HeldRole]:
    """One role."""
    role = await platform.roles.get(work, role_key)
    return Response(HeldRole(role, await platform.roles.holders(work, role_key)), headers={"ETag": f'"{role.version}"'})


@put("/roles/{role_key:str}", permission="role.manage")
async def put_role(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    role_key: FromPath[str],
    data: JSONBody[RoleEntry],
) -> Response[Role]:
    """Change a role of the company's own for everybody who holds it. Needs If-Match."""
    role = await platform.roles.revise(work, principal.company, role_key, data, if_match)
    return Response(role, headers={"ETag": f'"{role.version}"'})


@delete("/roles/{role_key:str}", permission="role.manage")
async def remove_role(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    role_key: FromPath[str],
) -> None:
    """Remove a role of the company's own that nobody holds any more."""
    await platform.roles.remove(work, principal.company, role_key)


HANDLERS = [list_roles, make_role, get_role, put_role, remove_role]
