"""Service accounts in the JSON API: what programs may do, and their tokens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.auth import api_tokens, service_accounts
from core.auth.api_tokens import ApiToken
from core.auth.service_accounts import AccountEntry, NewAccountToken, ServiceAccount
from core.web.api.tokens import IssuedToken, issued, once
from core.work import Work


class ServiceAccounts(msgspec.Struct, frozen=True):
    accounts: list[ServiceAccount]


class AccountWithTokens(msgspec.Struct, frozen=True):
    """An account and its tokens, the newest first."""

    account: ServiceAccount
    tokens: list[ApiToken]


@get("/service-accounts", permission="token.manage")
async def list_accounts(work: NamedDependency[Work]) -> ServiceAccounts:
    """The accounts that reach no further than oneself."""
    return ServiceAccounts(await service_accounts.accounts(work))


@post("/service-accounts", permission="token.manage")
async def make_account(work: NamedDependency[Work], data: JSONBody[AccountEntry]) -> Response[ServiceAccount]:
    """An account with some of one's own permissions and sites."""
    account = await service_accounts.make(work, data)
    location = f"/api/v1/service-accounts/{account.id}"
    return Response(account, status_code=201, headers={"ETag": '"1"', "Location": location})


@get("/service-accounts/{service_account_id:uuid}", permission="token.manage")
async def get_account(work: NamedDependency[Work], service_account_id: FromPath[UUID]) -> Response[AccountWithTokens]:
    """One account."""
    account = await service_accounts.account(work, service_account_id)
    tokens = await api_tokens.list_tokens(work, service_account_id)
    return Response(AccountWithTokens(account, tokens), headers={"ETag": f'"{account.version}"'})


@put("/service-accounts/{service_account_id:uuid}", permission="token.manage")
async def put_account(
    work: NamedDependency[Work],
    if_match: NamedDependency[int],
    service_account_id: FromPath[UUID],
    data: JSONBody[AccountEntry],
) -> Response[ServiceAccount]:
    """Change an account, and with it what its tokens may do. Needs If-Match."""
    account = await service_accounts.revise(work, service_account_id, data, if_match)
    return Response(account, headers={"ETag": f'"{account.version}"'})


@post("/service-accounts/{service_account_id:uuid}/tokens", permission="token.manage")
async def issue_account_token(
    request: Request[Any, Any, Any],
    work: NamedDependency[Work],
    service_account_id: FromPath[UUID],
    data: JSONBody[NewAccountToken],
) -> Response[IssuedToken]:
    """Issue a token of the account. The answer is not kept, so it takes no repetition."""
    once(request)
    return issued(await service_accounts.issue(work, service_account_id, data))


HANDLERS = [list_accounts, make_account, get_account, put_account, issue_account_token]
