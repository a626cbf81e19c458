"""API tokens in the JSON API: issued once, listed without their text, renewed, revoked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.auth import api_tokens
from core.auth.api_tokens import ApiToken, NewApiToken, Rotation
from core.errors import Malformed
from core.work import Work


class TokenList(msgspec.Struct, frozen=True):
    tokens: list[ApiToken]


class IssuedToken(msgspec.Struct, frozen=True):
    """`token` is the text to send as bearer token; it is not stored and cannot be shown again."""

    id: UUID
    token: str


@get("/tokens", permission="token.manage")
async def list_tokens(work: NamedDependency[Work]) -> TokenList:
    """The company's tokens that reach no further than oneself, the newest first."""
    return TokenList(await api_tokens.list_tokens(work))


@post("/tokens", permission="token.manage")
async def issue_token(
    request: Request[Any, Any, Any], work: NamedDependency[Work], data: JSONBody[NewApiToken]
) -> Response[IssuedToken]:
    """Issue a token for some of one's own permissions and sites. The answer is not kept, so it takes no repetition."""
    once(request)
    return issued(await api_tokens.issue(work, data))


@post("/tokens/{token_id:uuid}/rotate", permission="token.manage")
async def rotate_token(
    request: Request[Any, Any, Any],
    work: NamedDependency[Work],
    token_id: FromPath[UUID],
    data: JSONBody[Rotation],
) -> Response[IssuedToken]:
    """Issue its successor; the former token stays good for some hours. The answer is not kept."""
    once(request)
    return issued(await api_tokens.rotate(work, token_id, data))


@delete("/tokens/{token_id:uuid}", permission="token.manage")
async def revoke_token(work: NamedDependency[Work], token_id: FromPath[UUID]) -> None:
    """Revoke a token; what uses it stops working at once."""
    await api_tokens.revoke(work, token_id)


def once(request: Request[Any, Any, Any]) -> None:
    """Raises Malformed for a request that wants its answer kept."""
    if "idempotency-key" in request.headers:
        raise Malformed("A token is shown this once and never stored: send the request without Idempotency-Key.")


def issued(token: tuple[UUID, str]) -> Response[IssuedToken]:
    """The answer that shows a new token."""
    location = {"Location": f"/api/v1/tokens/{token[0]}"}
    return Response(IssuedToken(*token), status_code=201, headers=location)


HANDLERS = [list_tokens, issue_token, rotate_token, revoke_token]
