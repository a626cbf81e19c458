"""Accounts of programs, such as the telephone exchange: what they may do where, whoever issued their tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from core.auth import api_tokens
from core.auth.api_tokens import NAME, check_sites, only_people
from core.auth.roles import lacking
from core.db.ids import new_id
from core.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed
from core.work import Work

PURPOSE = 200  # characters


class AccountEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an account is for and may do where; whatever is added must be among one's own (AZ-4).

    Tokens of an account that is not `active` are worth nothing.
    """

    name: str
    permissions: Annotated[list[str], msgspec.Meta(max_length=1000)]
    site_ids: Annotated[list[UUID], msgspec.Meta(max_length=1000)]
    purpose: str = ""
    active: bool = True


class ServiceAccount(msgspec.Struct, frozen=True):
    """An account as listed, with how many of its tokens are good."""

    id: UUID
    name: str
    purpose: str
    permissions: list[str]
    site_ids: list[UUID]
    active: bool
    version: int
    tokens: int


class NewAccountToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token that may do what its account may."""

    name: str
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


_LIST = """
SELECT a.id, a.name, a.purpose, a.permissions, a.site_ids, a.active, a.version, (
    SELECT count(*) FROM api_token t WHERE t.company_id = $1 AND t.service_account_id = a.id AND t.revoked_at IS NULL
        AND (t.expires_at IS NULL OR t.expires_at > $3))
FROM service_account a WHERE a.company_id = $1 AND a.site_ids <@ $2 AND ($4::uuid IS NULL OR a.id = $4)
ORDER BY a.active DESC, a.name, a.id
"""
_MAKE = """
INSERT INTO service_account (company_id, id, name, purpose, permissions, site_ids, active, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
# Its tokens hold what it holds, so that a request reads one row.
_REVISE = """
WITH account AS (
    UPDATE service_account SET name = $4, purpose = $5, permissions = $6, site_ids = $7, active = $8,
        version = version + 1
    WHERE company_id = $1 AND id = $2 AND version = $3 RETURNING id
), tokens AS (
    UPDATE api_token t SET permissions = $6, site_ids = $7 FROM account
    WHERE t.company_id = $1 AND t.service_account_id = account.id
)
SELECT count(*) FROM account
"""


async def accounts(work: Work, account_id: UUID | None = None) -> list[ServiceAccount]:
    """Those that reach no further than the actor, active ones first."""
    return await work.uow.fetch(
        ServiceAccount, _LIST, work.ctx.company_id, list(work.ctx.site_ids), work.now, account_id
    )


async def account(work: Work, account_id: UUID) -> ServiceAccount:
    """Raises NotFound, also for one that reaches further than the actor."""
    found = await accounts(work, account_id)
    if not found:
        raise NotFound
    return found[0]


async def make(work: Work, entry: AccountEntry) -> ServiceAccount:
    """A new account, without a token yet. Raises Invalid naming what is wrong, Forbidden where a token asks."""
    only_people(work)
    _check(work, entry, frozenset())
    account_id = new_id()
    columns = _columns(entry)
    await work.uow.execute(_MAKE, work.ctx.company_id, account_id, *columns, work.ctx.actor.id, work.now)
    work.audit("account.made", "service_account", account_id, _said(entry))
    return _shown(account_id, entry, 1, 0)


async def revise(work: Work, account_id: UUID, entry: AccountEntry, expected: int) -> ServiceAccount:
    """Change it, and with it what its tokens may do, from the commit on. Raises NotFound, Invalid, PreconditionFailed,
    Forbidden where a token asks."""
    only_people(work)
    before = await account(work, account_id)
    _check(work, entry, frozenset(before.permissions))
    if not await work.uow.value(_REVISE, work.ctx.company_id, account_id, expected, *_columns(entry)):
        raise PreconditionFailed
    work.audit("account.changed", "service_account", account_id, _said(entry))
    work.announce("access", None)
    return _shown(account_id, entry, expected + 1, before.tokens)


async def issue(work: Work, account_id: UUID, new: NewAccountToken) -> tuple[UUID, str]:
    """A token of the account: its id, and its text to be shown this once. Who hands it out could use it, so must have
    all that the account may do. Raises NotFound, Conflict while it is off, and Invalid."""
    only_people(work)
    found = await account(work, account_id)
    if not found.active:
        raise Conflict("The account is switched off. Switch it on first.")
    wrong = lacking(work, found.permissions, "name")
    if wrong:
        raise Invalid(fields=wrong)
    return await api_tokens.store(
        work, new.name, found.permissions, found.site_ids, new.expires_at, service_account_id=account_id
    )


def _check(work: Work, entry: AccountEntry, before: frozenset[str]) -> None:
    wrong = []
    if not 1 <= len(entry.name.strip()) <= NAME:
        wrong.append(FieldError("name", "Give it a name of up to {maximum} characters.", {"maximum": NAME}))
    if len(entry.purpose.strip()) > PURPOSE:
        wrong.append(FieldError("purpose", "Give at most {maximum} characters.", {"maximum": PURPOSE}))
    if not entry.permissions:
        wrong.append(FieldError("permissions", "Choose at least one permission."))
    wrong += [*lacking(work, {*entry.permissions} - before), *check_sites(work, entry.site_ids)]
    if wrong:
        raise Invalid(fields=wrong)


def _columns(entry: AccountEntry) -> tuple[object, ...]:
    """In the order in which both statements take them."""
    permissions, sites = sorted({*entry.permissions}), sorted({*entry.site_ids})
    return entry.name.strip(), entry.purpose.strip(), permissions, sites, entry.active


def _said(entry: AccountEntry) -> dict[str, object]:
    return {"name": entry.name.strip(), "permissions": sorted({*entry.permissions}), "active": entry.active}


def _shown(account_id: UUID, entry: AccountEntry, version: int, tokens: int) -> ServiceAccount:
    permissions, sites = sorted({*entry.permissions}), sorted({*entry.site_ids})
    return ServiceAccount(
        account_id, entry.name.strip(), entry.purpose.strip(), permissions, sites, entry.active, version, tokens
    )
