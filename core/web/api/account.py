"""Signing in and out, and who one is, in the JSON API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from core.auth.principals import Principal
from core.auth.sign_in import IssuedTokens, end_session
from core.auth.tokens import ACCESS_LIFETIME
from core.errors import Conflict, Unauthenticated
from core.platform import Platform
from core.web.address import client_address
from core.work import Work


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`company_id` is needed by those who work for several companies only."""

    login: str
    password: str
    company_id: UUID | None = None


class Refresh(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    refresh_token: str


class Tokens(msgspec.Struct, frozen=True):
    """`expires_in` in seconds. `refresh_token` is null when another request has just rotated it."""

    access_token: str
    refresh_token: str | None
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme


class SiteOut(msgspec.Struct, frozen=True):
    id: UUID
    slug: str
    name: str
    kind: str
    timezone: str


class Me(msgspec.Struct, frozen=True):
    """Who the token stands for and what it may do where."""

    company_id: UUID
    company: str
    name: str
    kind: str
    roles: list[str]
    permissions: list[str]
    sites: list[SiteOut]


@post("/auth/tokens", public=True)
async def sign_in(
    request: Request[Any, Any, Any], platform: NamedDependency[Platform], data: JSONBody[Credentials]
) -> Response[Tokens]:
    """An access and a refresh token for login name and password."""
    address = client_address(request.scope, platform.settings)
    companies = await platform.sign_in.memberships(data.login, data.password, address)
    chosen = [c for c in companies if data.company_id in (None, c.company_id)]
    if not chosen:
        raise Unauthenticated("Login name or password is wrong.")
    if len(chosen) > 1:
        raise Conflict("You work for several companies. Name one in company_id.")
    return _answer(await platform.sign_in.open(chosen[0], request.headers.get("user-agent", "")), 201)


@post("/auth/refresh", public=True)
async def refresh(platform: NamedDependency[Platform], data: JSONBody[Refresh]) -> Response[Tokens]:
    """New tokens for a refresh token, which is used up by it."""
    return _answer(await platform.sign_in.refresh(data.refresh_token), 200)


@delete("/auth/session", signed_in=True)
async def sign_out(work: NamedDependency[Work], principal: NamedDependency[Principal]) -> None:
    """End the session; its tokens are worth nothing from then on."""
    if principal.session_id is None:
        raise Conflict("An API token has no session. Revoke it instead.")
    await end_session(work, principal.session_id)


@get("/me", signed_in=True)
async def me(principal: NamedDependency[Principal]) -> Me:
    """Who one is."""
    return Me(
        principal.company.id,
        principal.company.name,
        principal.actor.name,
        principal.actor.kind,
        list(principal.roles),
        sorted(principal.permissions),
        [SiteOut(s.id, s.slug, s.name, s.kind, s.timezone) for s in principal.sites],
    )


def _answer(tokens: IssuedTokens, status: int) -> Response[Tokens]:
    body = Tokens(tokens.access, tokens.refresh, int(ACCESS_LIFETIME.total_seconds()))
    return Response(body, status_code=status)


HANDLERS = [sign_in, refresh, sign_out, me]
