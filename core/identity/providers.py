"""A company's identity provider as it is set up: by whom, and what it takes before passwords are switched off.

Whoever names the provider decides who is let in as anybody, so that takes every permission, at every site (AZ-4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import msgspec

from core.auth.permissions import PermissionRegistry
from core.db.ids import new_id
from core.db.uow import UnitOfWork
from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, PreconditionFailed
from core.estate.sealing import Sealer
from core.i18n import msgid
from core.identity.asking import Asking, Failed
from core.identity.model import Administrator, Client, Provider, ProviderEntry
from core.policies.administration import enters_all
from core.tenancy.directory import Company
from core.work import Work

MANAGE: Final = "identity.manage"
BEYOND: Final = msgid(
    "Whoever names the identity provider decides who comes in as anybody: that takes an administrator of all sites."
)
_ADMIN: Final = "admin"
_WORD: Final = re.compile(r"[!#-\[\]-~]{1,60}")  # RFC 6749, scope-token
_TRIED_WITH: Final = ("issuer", "client_id", "scopes", "address_claim")  # what a trial shows to be right

_READ = """
SELECT id, title, issuer, client_id, secret_sealed, scopes, address_claim, factors, active, only_way, emergency_id,
    tried_at, version
FROM identity_provider WHERE company_id = $1
"""
_COUNTS = """
SELECT count(*) FILTER (WHERE l.issuer = $2), count(*)
FROM membership m LEFT JOIN identity_link l ON l.company_id = m.company_id AND l.member_id = m.id
WHERE m.company_id = $1 AND m.active
"""
_ADMINISTRATORS = """
SELECT id, name, staff_no FROM membership
WHERE company_id = $1 AND active AND all_sites AND 'admin' = ANY (roles) ORDER BY staff_no
"""
_SET = """
INSERT INTO identity_provider AS p (company_id, id, title, issuer, client_id, secret_sealed, scopes, address_claim,
    factors, active, only_way, emergency_id, tried_at, updated_at)
VALUES ($1, $2, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (company_id) DO UPDATE SET title = excluded.title, issuer = excluded.issuer, client_id = excluded.client_id,
    secret_sealed = excluded.secret_sealed, scopes = excluded.scopes, address_claim = excluded.address_claim,
    factors = excluded.factors, active = excluded.active, only_way = excluded.only_way,
    emergency_id = excluded.emergency_id, tried_at = excluded.tried_at, updated_at = excluded.updated_at,
    version = p.version + 1
WHERE p.version = $3
"""
_TRIED = """
UPDATE identity_provider SET tried_at = $4, version = version + 1 WHERE company_id = $1 AND id = $2 AND version = $3
"""
_REMOVE = "DELETE FROM identity_provider WHERE company_id = $1 AND version = $2"


class _Row(msgspec.Struct):
    id: UUID
    title: str
    issuer: str
    client_id: str
    secret_sealed: bytes | None
    scopes: list[str]
    address_claim: str
    factors: list[str]
    active: bool
    only_way: bool
    emergency_id: UUID | None
    tried_at: Any
    version: int


class Providers:
    """One for the process. Callers commit."""

    def __init__(self, sealer: Sealer, permissions: PermissionRegistry, asking: Asking) -> None:
        self._sealer, self._permissions, self._asking = sealer, permissions, asking

    async def get(self, work: Work) -> Provider:
        """As it is set up; version 0 where there is none."""
        row = await work.uow.fetch_one(_Row, _READ, work.ctx.company_id)
        if row is None:
            return Provider()
        linked, members = (await work.uow.fetch(_pair, _COUNTS, work.ctx.company_id, row.issuer))[0]
        kept = {field: getattr(row, field) for field in Provider.__struct_fields__ if hasattr(row, field)}
        return Provider(**kept, has_secret=row.secret_sealed is not None, linked=linked, members=members)

    async def administrators(self, work: Work) -> list[Administrator]:
        """Who can be named for emergencies."""
        return await work.uow.fetch(Administrator, _ADMINISTRATORS, work.ctx.company_id)

    async def set(self, work: Work, company: Company, entry: ProviderEntry, expected: int) -> Provider:
        """Set it up, or change it. What it takes to come in has to be tried anew once it is another.

        Raises Forbidden, Invalid, PreconditionFailed.
        """
        self._refuse_lesser(work, company)
        before = await work.uow.fetch_one(_Row, _READ, work.ctx.company_id)
        if (before.version if before else 0) != expected:
            raise PreconditionFailed
        entry = _tidied(entry)
        same_client = before is not None and (before.issuer, before.client_id) == (entry.issuer, entry.client_id)
        tried_at = before.tried_at if before is not None and _tried_with(before, entry) else None
        named = {each.id for each in await self.administrators(work)}
        wrong = [*self._wrong(entry), *_too_soon(entry, tried_at is not None, entry.emergency_id in named)]
        if before is not None and before.secret_sealed and entry.client_secret is None and not same_client:
            wrong.append(FieldError("client_secret", "Give the secret too: the one that is kept is of another client."))
        if wrong:
            raise Invalid(fields=wrong)
        provider_id = before.id if before else new_id()
        sealed = before.secret_sealed if before else None
        if entry.client_secret is not None:
            secret = entry.client_secret.encode()
            sealed = self._sealer.seal(work.ctx.company_id, provider_id, secret) if secret else None
        columns = (entry.title, entry.issuer, entry.client_id, sealed, entry.scopes, entry.address_claim, entry.factors)
        switches = (entry.active, entry.only_way, entry.emergency_id, tried_at, work.now)
        if not await work.uow.execute(_SET, work.ctx.company_id, provider_id, expected, *columns, *switches):
            raise PreconditionFailed
        told = {"name": entry.title, "url": entry.issuer, "active": entry.active, "only_way": entry.only_way}
        work.audit("identity.set", "identity_provider", provider_id, told)
        return await self.get(work)

    async def remove(self, work: Work, company: Company, expected: int) -> None:
        """Take it away: passwords let everybody in again. Raises Forbidden, NotFound, PreconditionFailed."""
        self._refuse_lesser(work, company)
        before = await work.uow.fetch_one(_Row, _READ, work.ctx.company_id)
        if before is None:
            raise NotFound
        if not await work.uow.execute(_REMOVE, work.ctx.company_id, expected):
            raise PreconditionFailed
        work.audit("identity.removed", "identity_provider", before.id, {"name": before.title})

    async def tried(self, work: Work, client: Client) -> None:
        """Note that somebody came in with what was set. Raises Conflict where that has changed meanwhile."""
        if not await work.uow.execute(_TRIED, work.ctx.company_id, client.id, client.version, work.now):
            raise Conflict("The settings were changed meanwhile. Try again.")
        work.audit("identity.tried", "identity_provider", client.id)

    async def client(self, uow: UnitOfWork, company_id: UUID) -> Client | None:
        """What it takes to ask the provider of the company that `uow` is of."""
        row = await uow.fetch_one(_Row, _READ, company_id)
        if row is None:
            return None
        secret = self._sealer.unseal(company_id, row.id, row.secret_sealed).decode() if row.secret_sealed else ""
        kept = {field: getattr(row, field) for field in Client.__struct_fields__ if hasattr(row, field)}
        return Client(company_id=company_id, secret=secret, **kept)

    def may(self, work: Work, company: Company) -> bool:
        """Whether the actor may set it."""
        return enters_all(work, company) and self._permissions.of_roles([_ADMIN]) <= work.ctx.permissions

    def _refuse_lesser(self, work: Work, company: Company) -> None:
        if not self.may(work, company):
            raise Forbidden(BEYOND)

    def _wrong(self, entry: ProviderEntry) -> Iterator[FieldError]:
        for field in ("title", "client_id", "address_claim"):
            if not getattr(entry, field):
                yield FieldError(field, "Fill this in.")
        try:
            self._asking.check(entry.issuer)
        except Failed:
            yield FieldError("issuer", "Give the issuer as the provider shows it: public, beginning with https://.")
        if "?" in entry.issuer or "#" in entry.issuer:
            yield FieldError("issuer", "An issuer has neither ? nor #.")
        if "openid" not in entry.scopes or not all(map(_WORD.fullmatch, entry.scopes)):
            yield FieldError("scopes", "Give scopes with blanks between them; openid has to be among them.")


def _too_soon(entry: ProviderEntry, tried: bool, named: bool) -> Iterator[FieldError]:
    """What is missing before passwords may end, so that nobody shuts the company out of itself."""
    if entry.emergency_id is not None and not named:
        yield FieldError("emergency_id", "Name an administrator of the whole company.")
    if not entry.only_way:
        return
    if not entry.active or not tried:
        yield FieldError(
            "only_way",
            "First save with passwords allowed, switched on, and try it: it must have let you in as it is.",
        )
    if entry.emergency_id is None:
        yield FieldError("emergency_id", "Name somebody who may still use a password when the provider fails.")


def _tried_with(before: _Row, entry: ProviderEntry) -> bool:
    """Whether what a trial has shown is still what is set; switching it on or off or renaming it changes nothing."""
    same = all(getattr(before, field) == getattr(entry, field) for field in _TRIED_WITH)
    return same and entry.client_secret is None


def _tidied(entry: ProviderEntry) -> ProviderEntry:
    texts = {field: getattr(entry, field).strip() for field in ("title", "issuer", "client_id", "address_claim")}
    secret = entry.client_secret.strip() if entry.client_secret is not None else None
    words = {field: list(dict.fromkeys(getattr(entry, field))) for field in ("scopes", "factors")}
    return msgspec.structs.replace(entry, client_secret=secret, **texts, **words)


def _pair(linked: int, members: int) -> tuple[int, int]:
    return linked, members
