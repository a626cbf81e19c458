"""From a token to who it is: the principal of a request, cached for seconds and dropped when access changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from core.auth.permissions import PermissionRegistry
from core.auth.posts import read_posts
from core.auth.tokens import AccessClaims, TokenSigner, read_stored
from core.db.engine import Database
from core.errors import Unauthenticated
from core.remembered import Remembered
from core.tenancy.context import Actor
from core.tenancy.directory import KEEP, SUSPENDED, Company, Directory, Site, Visit

API_TOKEN = "lodge"  # the prefix of API token texts, not a secret  # noqa: S105


class Held(msgspec.Struct, frozen=True):
    """What may be done at a site, and the `buildings` that it is confined to; none named: the whole site."""

    permissions: frozenset[str]
    buildings: frozenset[str] = frozenset()


class Principal(msgspec.Struct, frozen=True):
    """Who makes a request. `sites` are those the principal may enter; `session_id` is None for API tokens, `token_id`
    for everybody else. `permissions` hold at every one of the sites, `posts` are those where others do.
    `visit` is the access by which an operator of the platform has entered."""

    company: Company
    actor: Actor
    permissions: frozenset[str]
    sites: tuple[Site, ...]
    session_id: UUID | None
    staff_no: str = ""
    department: str = ""
    roles: tuple[str, ...] = ()
    token_id: UUID | None = None
    posts: Mapping[UUID, Held] = {}
    visit: Visit | None = None

    def site(self, key: str) -> Site | None:
        """By slug or id; None for one that does not exist as for one the principal may not enter."""
        return next((s for s in self.sites if s.slug == key or str(s.id) == key), None)

    def permissions_at(self, site: Site | None) -> frozenset[str]:
        """What the principal may do at the site; None: for the company as a whole."""
        held = self.posts.get(site.id) if site else None
        return held.permissions if held else self.permissions

    @property
    def areas(self) -> dict[UUID, frozenset[str]]:
        """The buildings that the principal is confined to, by site."""
        return {site_id: held.buildings for site_id, held in self.posts.items() if held.buildings}


_MEMBER = """
SELECT m.id, m.name, m.staff_no, m.department, m.roles, m.all_sites, m.site_ids, m.posts
FROM session s JOIN membership m ON m.company_id = s.company_id AND m.id = s.membership_id
WHERE s.company_id = $1 AND s.id = $2 AND m.id = $3 AND m.active AND s.revoked_at IS NULL AND s.expires_at > $4
"""
# A token ends with the account it belongs to, or with whoever issued it.
_API = """
SELECT t.id, t.name, t.secret_hash, t.permissions, t.site_ids, t.created_by,
    a.id, a.name, m.roles, m.all_sites, m.site_ids, m.posts
FROM api_token t JOIN membership m ON m.company_id = t.company_id AND m.id = t.created_by
LEFT JOIN service_account a ON a.company_id = t.company_id AND a.id = t.service_account_id
WHERE t.company_id = $1 AND t.id = $2 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $3)
    AND coalesce(a.active, m.active)
"""


class Principals:
    """Resolves tokens. A revoked session or token, a changed role: gone at once, or after `KEEP` at the latest."""

    def __init__(
        self,
        db: Database,
        directory: Directory,
        permissions: PermissionRegistry,
        signer: TokenSigner,
        clock: Callable[[], datetime],
    ) -> None:
        self._db, self._directory, self._permissions = db, directory, permissions
        self._signer, self._clock = signer, clock
        self._known: Remembered[str, Principal] = Remembered(4096)
        self.forget = self._known.forget

    async def of_access_token(self, token: str) -> Principal:
        claims = self._signer.verify(token, self._clock())
        return await self._remembered(token, claims.company_id, lambda: self._member(claims))

    async def of_api_token(self, text: str) -> Principal:
        stored = read_stored(API_TOKEN, text)
        return await self._remembered(
            text, stored.company_id, lambda: self._api_token(stored.company_id, stored.id, stored.hash)
        )

    async def _remembered(self, token: str, company_id: UUID, read: Callable[[], Awaitable[Principal]]) -> Principal:
        known = self._known.get(company_id, token, self._clock())
        if known is None:
            since = self._known.changes
            known = await read()
            self._known.keep(company_id, token, known, self._clock() + KEEP, since=since)
        return known

    async def _company(self, company_id: UUID) -> Company:
        company = await self._directory.company(company_id)
        if company is None:
            raise Unauthenticated
        if company.suspended:
            raise Unauthenticated(SUSPENDED)
        return company

    async def _member(self, claims: AccessClaims) -> Principal:
        company = await self._company(claims.company_id)
        async with self._db.begin(claims.company_id, read_only=True) as uow:
            row = await uow.fetch_one(
                _Member, _MEMBER, claims.company_id, claims.session_id, claims.membership_id, self._clock()
            )
        if row is None:
            raise Unauthenticated
        return Principal(
            company=company,
            actor=Actor("person", row.id, row.name),
            permissions=self._permissions.of_roles(row.roles, company.roles),
            sites=_within(company, row.all_sites, row.site_ids),
            session_id=claims.session_id,
            staff_no=row.staff_no,
            department=row.department,
            roles=tuple(row.roles),
            posts=self._posts(company, row.roles, row.posts),
        )

    async def _api_token(self, company_id: UUID, token_id: UUID, secret_hash: bytes) -> Principal:
        company = await self._company(company_id)
        async with self._db.begin(company_id, read_only=True) as uow:
            row = await uow.fetch_one(_Token, _API, company_id, token_id, self._clock())
        if row is None or row.secret_hash != secret_hash:
            raise Unauthenticated
        permissions = self._permissions.with_implied(frozenset(row.permissions))
        sites = _within(company, all_sites=False, site_ids=row.site_ids)
        posts: dict[UUID, Held] = {}
        if row.account_id is None:  # never more than its issuer may by now (AZ-4)
            asked, permissions = permissions, permissions & self._permissions.of_roles(row.issuer_roles, company.roles)
            sites = tuple(site for site in sites if row.issuer_all_sites or site.id in row.issuer_site_ids)
            issuers = self._posts(company, row.issuer_roles, row.issuer_posts)
            posts = {site_id: Held(asked & held.permissions, held.buildings) for site_id, held in issuers.items()}
        return Principal(
            company=company,
            actor=Actor("token", row.account_id or row.id, row.account or row.name, row.created_by),
            permissions=permissions,
            sites=sites,
            session_id=None,
            token_id=row.id,
            posts=posts,
        )

    def _posts(self, company: Company, roles: list[str], stored: str) -> dict[UUID, Held]:
        """What roles held at every site and those held at one come to there, by site."""
        held = {}
        for post in read_posts(stored):
            permissions = self._permissions.of_roles([*roles, *post.roles], company.roles)
            kept = self._permissions.by_area(permissions) if post.buildings else permissions
            held[post.site_id] = Held(kept, frozenset(post.buildings))
        return held


class _Member(msgspec.Struct):
    id: UUID
    name: str
    staff_no: str
    department: str
    roles: list[str]
    all_sites: bool
    site_ids: list[UUID]
    posts: str


class _Token(msgspec.Struct):
    id: UUID
    name: str
    secret_hash: bytes
    permissions: list[str]
    site_ids: list[UUID]
    created_by: UUID
    account_id: UUID | None
    account: str | None
    issuer_roles: list[str]
    issuer_all_sites: bool
    issuer_site_ids: list[UUID]
    issuer_posts: str


def _within(company: Company, all_sites: bool, site_ids: list[UUID]) -> tuple[Site, ...]:
    return tuple(s for s in company.sites if all_sites or s.id in site_ids)
