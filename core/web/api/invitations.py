"""Invitations in the JSON API, for those who keep staff accounts."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.auth.principals import Principal
from core.people.invitations import Invitation, InvitationPage, NewInvitation
from core.platform import Platform
from core.web.api.people import MANAGE
from core.work import Work


class InvitationList(msgspec.Struct, frozen=True):
    """Those that nobody has followed or taken back, the newest first."""

    invitations: list[Invitation]


@get("/invitations", permission=MANAGE)
async def list_invitations(
    work: NamedDependency[Work], principal: NamedDependency[Principal], platform: NamedDependency[Platform]
) -> InvitationList:
    """Who was asked to work for the company and has not joined yet."""
    return InvitationList(await platform.invitations.open(work, principal.company))


@post("/invitations", permission=MANAGE)
async def invite(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    data: JSONBody[NewInvitation],
) -> Response[Invitation]:
    """Ask somebody to join. The link is mailed where there is an address; the invitation shows it."""
    made = await platform.invitations.invite(work, principal.company, data)
    headers = {"Location": f"/api/v1/invitations/{made.invitation.id}"}
    return Response(made.invitation, status_code=201, headers=headers)


@get("/invitations/{invitation_id:uuid}", permission=MANAGE)
async def get_invitation(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    invitation_id: FromPath[UUID],
) -> InvitationPage:
    """An invitation with the link to hand over."""
    return await platform.invitations.get(work, principal.company, invitation_id)


@post("/invitations/{invitation_id:uuid}/renewal", permission=MANAGE, status_code=200)
async def renew_invitation(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    invitation_id: FromPath[UUID],
) -> Invitation:
    """A new link, mailed again where there is an address; the former one is worth nothing."""
    return (await platform.invitations.renew(work, principal.company, invitation_id)).invitation


@delete("/invitations/{invitation_id:uuid}", permission=MANAGE)
async def revoke_invitation(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    invitation_id: FromPath[UUID],
) -> None:
    """Take an invitation back; its link is worth nothing."""
    await platform.invitations.revoke(work, principal.company, invitation_id)


HANDLERS = [list_invitations, invite, get_invitation, renew_invitation, revoke_invitation]
