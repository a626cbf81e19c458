"""Passwords set anew, in the JSON API. Links stand in bodies, where no log keeps them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.auth.principals import Principal
from core.people.passwords import GOOD_FOR, ResetLink, Resetting
from core.platform import Platform
from core.web.address import client_address
from core.web.api.people import MANAGE
from core.work import Work

AnyRequest = Request[Any, Any, Any]


class Forgotten(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    login: str


class Asked(msgspec.Struct, frozen=True):
    """For how many seconds a link is good, if one is sent."""

    good_for: int


class ResetBy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`link` is the last part of the link's address."""

    link: str


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`link` is the last part of the link's address."""

    link: str
    password: str


class OwnPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The present password and the new one."""

    old_password: str
    new_password: str


class Changed(msgspec.Struct, frozen=True):
    """Whether the password is another one now; false: the present one was wrong."""

    changed: bool


@post("/auth/password/forgotten", public=True, status_code=202)
async def forgotten(
    request: AnyRequest, platform: NamedDependency[Platform], data: JSONBody[Forgotten]
) -> Response[Asked]:
    """Have a link mailed to a confirmed address. The answer is the same whether there is such a login or not."""
    address = client_address(request.scope, platform.settings)
    send = await platform.passwords.ask(data.login, address)
    later = BackgroundTask(platform.passwords.send, data.login) if send else None
    return Response(Asked(int(GOOD_FOR.total_seconds())), status_code=202, background=later)


@post("/auth/password/link", public=True, status_code=200)
async def see_reset(request: AnyRequest, platform: NamedDependency[Platform], data: JSONBody[ResetBy]) -> Resetting:
    """Whose password a link sets. One that is unknown, used or over answers 404."""
    return await platform.passwords.look(data.link, client_address(request.scope, platform.settings))


@post("/auth/password/reset", public=True, status_code=204)
async def reset(request: AnyRequest, platform: NamedDependency[Platform], data: JSONBody[NewPassword]) -> None:
    """Set a password by a link; the person is signed out everywhere."""
    await platform.passwords.use(data.link, data.password, client_address(request.scope, platform.settings))


@post("/me/password", signed_in=True, personal=True, status_code=200)
async def change_password(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    data: JSONBody[OwnPassword],
) -> Response[Changed]:
    """Change one's own password; all one's other sessions end."""
    ended = await platform.passwords.change(work, data.old_password, data.new_password, principal.session_id)
    later = BackgroundTask(platform.passwords.tell, ended, principal.company.id) if ended else None
    return Response(Changed(ended is not None), background=later)


@post("/people/{member_id:uuid}/password-reset", permission=MANAGE, personal=True, status_code=200)
async def issue_reset(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    member_id: FromPath[UUID],
) -> ResetLink:
    """A link to hand over to a member who has forgotten their password; good once, for half an hour."""
    return await platform.passwords.issue(work, principal.company, member_id)


HANDLERS = [forgotten, see_reset, reset, change_password, issue_reset]
