"""API tokens in the JSON API: issued once, listed without their text, revoked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.auth import api_tokens
from core.auth.api_tokens import ApiToken, NewApiToken
from core.errors import Malformed
from core.platform import Platform
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
    if "idempotency-key" in request.headers:
        raise Malformed("A token is shown this once and never stored: send the request without Idempotency-Key.")
    token_id, text = await api_tokens.issue(work, data)
    return Response(IssuedToken(token_id, text), status_code=201, headers={"Location": f"/api/v1/tokens/{token_id}"})


@delete("/tokens/{token_id:uuid}", permission="token.manage")
async def revoke_token(
    work: NamedDependency[Work], platform: NamedDependency[Platform], token_id: FromPath[UUID]
) -> None:
    """Revoke a token; what uses it stops working at once."""
    await api_tokens.revoke(work, token_id)


HANDLERS = [list_tokens, issue_token, revoke_token]
