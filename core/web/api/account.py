"""Signing in and out, and who one is, in the JSON API."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody

from core.auth.halfway import GOOD_FOR
from core.auth.principals import Principal
from core.auth.second_factor import Enrolment
from core.auth.sign_in import WRONG, IssuedTokens, Membership, end_session
from core.auth.tokens import ACCESS_LIFETIME
from core.errors import Conflict, Unauthenticated
from core.platform import Platform
from core.web.address import client_address
from core.work import Work

AnyRequest = Request[Any, Any, Any]


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


class SecondStepAsked(msgspec.Struct, frozen=True):
    """The password was right, and a session takes more: a `code`, or first the `enrolment` of an authenticator app.
    `proof` goes along with it, within `expires_in` seconds. `provider`: the company lets people in by its own sign-in
    only, which takes a browser."""

    asks: Literal["code", "enrolment", "provider"]
    proof: str
    company_id: UUID
    expires_in: int


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That the password was right, and where one signs in."""

    proof: str
    company_id: UUID


class ProofAndCode(Proof, frozen=True, forbid_unknown_fields=True):
    """With a code of the authenticator app, or a recovery code."""

    code: str


class Enrolled(msgspec.Struct, frozen=True):
    """The session, and the recovery codes, which are not shown again."""

    tokens: Tokens
    recovery_codes: list[str]


class SiteOut(msgspec.Struct, frozen=True):
    id: UUID
    slug: str
    name: str
    kind: str
    timezone: str


class PostOut(msgspec.Struct, frozen=True):
    """What may be done at a site where it is not what may be done at all; nothing outside `buildings`, if any."""

    site_id: UUID
    permissions: list[str]
    buildings: list[str]


class Me(msgspec.Struct, frozen=True):
    """Who the token stands for and what it may do where: `permissions` for the company as a whole, and at every site
    that has no post."""

    company_id: UUID
    company: str
    name: str
    kind: str
    roles: list[str]
    permissions: list[str]
    sites: list[SiteOut]
    posts: list[PostOut]


@post("/auth/tokens", public=True, responses={200: ResponseSpec(SecondStepAsked, description="One more step")})
async def sign_in(
    request: AnyRequest, platform: NamedDependency[Platform], data: JSONBody[Credentials]
) -> Response[Tokens | SecondStepAsked]:
    """An access and a refresh token for login name and password; where those are not enough, what else it takes."""
    agent, address = _origin(request, platform)
    companies = await platform.sign_in.memberships(data.login, data.password, address, agent)
    chosen = [c for c in companies if data.company_id in (None, c.company_id)]
    if not chosen:
        raise Unauthenticated(WRONG)
    if len(chosen) > 1:
        raise Conflict("You work for several companies. Name one in company_id.")
    return await _opened(request, platform, chosen[0])


@post("/auth/company", public=True, responses={200: ResponseSpec(SecondStepAsked, description="One more step")})
async def enter_company(
    request: AnyRequest, platform: NamedDependency[Platform], data: JSONBody[Proof]
) -> Response[Tokens | SecondStepAsked]:
    """The tokens for another company that one works for, with the proof that leaving one gave."""
    return await _opened(request, platform, await _proven(platform, data))


@post("/auth/second-step", public=True)
async def second_step(request: AnyRequest, platform: NamedDependency[Platform], data: JSONBody[ProofAndCode]) -> Tokens:
    """The tokens, for a code; each code serves once."""
    membership = await _proven(platform, data)
    return _tokens(await platform.second_step.with_code(membership, data.code, *_origin(request, platform)))


@post("/auth/enrolment", public=True, status_code=200)
async def enrol(platform: NamedDependency[Platform], data: JSONBody[Proof]) -> Enrolment:
    """What to put into an authenticator app, where the company asks for one before anything else."""
    return await platform.second_step.enrol(await _proven(platform, data))


@post("/auth/enrolment/confirmation", public=True)
async def confirm_enrolment(
    request: AnyRequest, platform: NamedDependency[Platform], data: JSONBody[ProofAndCode]
) -> Enrolled:
    """The tokens, once a code shows that the app has the secret."""
    membership = await _proven(platform, data)
    tokens, codes = await platform.second_step.enrolled(membership, data.code, *_origin(request, platform))
    return Enrolled(_tokens(tokens), codes)


@post("/auth/refresh", public=True)
async def refresh(platform: NamedDependency[Platform], data: JSONBody[Refresh]) -> Response[Tokens]:
    """New tokens for a refresh token, which is used up by it."""
    return Response(_tokens(await platform.sign_in.refresh(data.refresh_token)), status_code=200)


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
        [PostOut(id, sorted(held.permissions), sorted(held.buildings)) for id, held in sorted(principal.posts.items())],
    )


async def _opened(
    request: AnyRequest, platform: Platform, membership: Membership
) -> Response[Tokens | SecondStepAsked]:
    asks = await platform.second_step.wanted(membership)
    if asks != "none":
        good_for = int(GOOD_FOR.total_seconds())
        return Response(SecondStepAsked(asks, membership.proof, membership.company_id, good_for), status_code=200)
    return Response(_tokens(await platform.sign_in.open(membership, *_origin(request, platform))), status_code=201)


def _tokens(tokens: IssuedTokens) -> Tokens:
    return Tokens(tokens.access, tokens.refresh, int(ACCESS_LIFETIME.total_seconds()))


def _origin(request: AnyRequest, platform: Platform) -> tuple[str, str]:
    """What asks, and from where."""
    return request.headers.get("user-agent", ""), client_address(request.scope, platform.settings)


async def _proven(platform: Platform, data: Proof) -> Membership:
    """Whose password was right a moment ago, at the company they named."""
    companies = await platform.sign_in.proven(data.proof)
    found = next((c for c in companies if c.company_id == data.company_id), None)
    if found is None:
        raise Unauthenticated
    return found


HANDLERS = [sign_in, enter_company, second_step, enrol, confirm_enrolment, refresh, sign_out, me]
