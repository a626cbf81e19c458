"""The company's identity provider in the JSON API, and members' links with it."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Response, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.auth.principals import Principal
from core.identity.model import Administrator, Provider, ProviderEntry
from core.platform import Platform
from core.web.api.security import ward
from core.work import Work


class IdentityProviderOut(msgspec.Struct, frozen=True):
    """The provider as it is set up (version 0: not at all), and what it takes to set it up there: `redirect_uri` is
    where it may send people back to. `sign_in_page` is the company's; `trial` the path at which a browser tries what is
    set, for an hour, '' for who may not; `administrators` can be named for emergencies."""

    provider: Provider
    redirect_uri: str
    sign_in_page: str
    trial: str
    administrators: list[Administrator]


@get("/identity-provider", permission="identity.manage")
async def get_provider(
    work: NamedDependency[Work], principal: NamedDependency[Principal], platform: NamedDependency[Platform]
) -> Response[IdentityProviderOut]:
    """By whom the company's people are vouched for, without the secret."""
    found = await platform.identities.providers.get(work)
    return Response(await _out(work, principal, platform, found), headers={"ETag": f'"{found.version}"'})


@put("/identity-provider", permission="identity.manage")
async def put_provider(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    data: JSONBody[ProviderEntry],
) -> Response[IdentityProviderOut]:
    """Set it up, or change it. Needs If-Match, `"0"` the first time."""
    found = await platform.identities.providers.set(work, principal.company, data, if_match)
    return Response(await _out(work, principal, platform, found), headers={"ETag": f'"{found.version}"'})


@delete("/identity-provider", permission="identity.manage")
async def remove_provider(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
) -> None:
    """Take it away: passwords let everybody in again. Needs If-Match."""
    await platform.identities.providers.remove(work, principal.company, if_match)


@delete("/people/{member_id:uuid}/identity-link", permission="people.manage")
async def unlink_member(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    member_id: FromPath[UUID],
) -> None:
    """Forget as whom the provider knows a member; the next time they come by it, their address counts again."""
    await ward(work, platform, principal, member_id)
    await platform.identities.links.unlink(work, member_id)


async def _out(work: Work, principal: Principal, platform: Platform, found: Provider) -> IdentityProviderOut:
    identities, slug = platform.identities, principal.company.slug
    administrators = await identities.providers.administrators(work)
    trial = identities.trial(work, principal.company) if found.version else ""
    return IdentityProviderOut(found, identities.back(slug), identities.page(slug), trial, administrators)


HANDLERS = [get_provider, put_provider, remove_provider, unlink_member]
