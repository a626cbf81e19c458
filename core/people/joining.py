"""Following an invitation: somebody new sets up an account, somebody known joins with theirs. Nobody is signed in yet.

Unknown, used, revoked and expired links answer alike (AU-7). Each step opens a unit of work of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from core.auth import guesses, places
from core.auth.links import Links
from core.auth.passwords import hashed, verify_password
from core.auth.posts import read_posts
from core.auth.sign_in import GUESSES, account_key
from core.db.engine import Database
from core.db.ids import new_id
from core.errors import Conflict, FieldError, Invalid, NotFound, TooMany
from core.estate.sealing import Sealer
from core.notify.service import Notices
from core.people.credentials import login_of, wrong_login, wrong_password
from core.people.letters import INVITATION
from core.people.model import NAME
from core.people.service import role_title
from core.policies.service import Policies
from core.policies.sign_in import SIGN_IN
from core.tenancy.context import Actor, TenantContext
from core.tenancy.directory import Company, Directory
from core.work import Work

GONE = "This link is good no more. Ask whoever gave it to you for a new one."


class Offer(msgspec.Struct, frozen=True):
    """What an invitation offers: `roles` are message ids or the company's own words, `sites` names, none meaning all. A
    new password has at least `password_length` characters."""

    company: str
    name: str
    roles: list[str]
    sites: list[str]
    expires_at: datetime
    password_length: int


class Acceptance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`account` new: the login name and password are made now, and `name` corrects what the invitation says. Own: they
    are those of the account that somebody has from another company."""

    account: Literal["new", "own"]
    login: str
    password: str
    name: str = ""


class Joined(msgspec.Struct, frozen=True):
    """Where somebody works now, and the name they sign in by."""

    company: str
    login: str


class _Invitation(msgspec.Struct):
    """`number_taken` and `works_here` say what has come between."""

    id: UUID
    name: str
    staff_no: str
    department: str
    roles: list[str]
    all_sites: bool
    site_ids: list[UUID]
    email_sealed: bytes | None
    expires_at: datetime
    posts: str
    number_taken: bool
    works_here: bool


class _Account(msgspec.Struct):
    person_id: UUID
    password_hash: str


_FIND = """
SELECT i.id, i.name, i.staff_no, i.department, i.roles, i.all_sites, i.site_ids, i.email_sealed, i.expires_at,
    i.posts, EXISTS (SELECT FROM membership m WHERE m.company_id = $1 AND m.staff_no = i.staff_no),
    EXISTS (SELECT FROM membership m WHERE m.company_id = $1 AND m.person_id = $4)
FROM invitation i
WHERE i.company_id = $1 AND i.link_id = $2 AND i.joined_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > $3
"""
_ACCOUNT = "SELECT person_id, password_hash FROM account_of_login($1)"
_ADD_PERSON = "SELECT add_person($1, $2, $3)"
_JOIN = """
WITH followed AS (
    UPDATE invitation SET joined_at = $3, membership_id = $4, email_sealed = NULL, version = version + 1
    WHERE company_id = $1 AND id = $2 RETURNING staff_no, department, roles, all_sites, site_ids, posts
), joined AS (
    INSERT INTO membership (company_id, id, person_id, name, staff_no, department, roles, all_sites, site_ids,
                            posts, created_at)
    SELECT $1, $4, $5, $6, f.*, $3 FROM followed f RETURNING id
)
INSERT INTO notify_preference (company_id, member_id, settings, contacts_sealed, version, updated_at)
SELECT $1, id, $7::jsonb, $8::bytea, 1, $3 FROM joined WHERE $8::bytea IS NOT NULL
"""


class Joining:
    """What stands behind an invitation's link; one for the process."""

    def __init__(
        self,
        db: Database,
        links: Links,
        directory: Directory,
        policies: Policies,
        notices: Notices,
        sealer: Sealer,
        clock: Callable[[], datetime],
    ) -> None:
        self._db, self._links, self._directory = db, links, directory
        self._policies, self._notices, self._sealer, self._clock = policies, notices, sealer, clock

    async def offer(self, link: str, address: str) -> Offer:
        """What the link leads to. Raises NotFound for one that is good no more, TooMany."""
        return await self._offer(*await self._company(link, address))

    async def _offer(self, company: Company, link_id: UUID) -> Offer:
        async with self._db.begin(company.id, read_only=True) as uow:
            work = Work(uow, _nobody(company), self._clock())
            found = await self._find(work, link_id, None)
            rules = await self._policies.value(work, SIGN_IN, None)
        names = [site.name for site in company.sites if site.id in found.site_ids]
        held = dict.fromkeys([*found.roles, *(key for post in read_posts(found.posts) for key in post.roles)])
        roles = [role_title(company, key) for key in held]
        return Offer(company.name, found.name, roles, names, found.expires_at, rules.password_length)

    async def join(self, link: str, given: Acceptance, address: str) -> Joined:
        """Make somebody a member. Raises NotFound for a link that is good no more, Invalid, Conflict for somebody who
        works there already, TooMany for whoever guesses."""
        company, link_id = await self._company(link, address)
        offer = await self._offer(company, link_id)
        login = login_of(given.login)
        if given.account == "own":
            person_id, password_hash = await self._own(login, given.password, address), ""
        else:
            wrong = wrong_login(login) + wrong_password(given.password, offer.password_length, login)
            if len(given.name.strip()) > NAME:
                wrong.append(FieldError("name", "Write 1 to {most} characters.", {"most": NAME}))
            if wrong:
                raise Invalid(fields=wrong)
            person_id, password_hash = new_id(), await hashed(given.password)
        await self._join(company, link_id, person_id, login, password_hash, given.name.strip())
        return Joined(company.name, login)

    async def _join(
        self, company: Company, link_id: UUID, person_id: UUID, login: str, password_hash: str, name: str
    ) -> None:
        """`password_hash` '': the person is there already."""
        member_id = new_id()
        async with self._db.begin(company.id) as uow:
            work = Work(uow, _nobody(company), self._clock())
            await uow.wait_for_turn(f"people {company.id}")
            found = await self._find(work, link_id, person_id)
            if found.works_here:
                raise Conflict("You work for this company already. Sign in, or ask its administrator.")
            if found.number_taken:
                raise Conflict("Your staff number went to somebody else meanwhile. Ask for a new invitation.")
            if password_hash and not await uow.value(_ADD_PERSON, person_id, login, password_hash):
                raise Invalid.field("login", "This login name is taken. Choose another, or join with that account.")
            name = name if name and password_hash else found.name
            settings, contacts = None, None
            if found.email_sealed is not None:
                email = self._sealer.unseal(company.id, found.id, found.email_sealed).decode()
                settings, contacts = self._notices.first(company.id, member_id, email)
            await uow.execute(_JOIN, company.id, found.id, work.now, member_id, person_id, name, settings, contacts)
            work.ctx = msgspec.structs.replace(work.ctx, actor=Actor("person", member_id, name))
            work.audit("person.joined", "person", member_id, {"invitation": found.id, "roles": found.roles})
            work.announce("access", None)

    async def _own(self, login: str, password: str, address: str) -> UUID:
        """The person who has that account. Raises Invalid, for unknown logins and locked accounts alike, or TooMany for
        an address that only guesses (AU-5)."""
        now = self._clock()
        async with self._db.begin(None, read_only=True) as uow:
            found = await uow.fetch_one(_Account, _ACCOUNT, login)
        account = account_key(found.person_id) if found else guesses.key("login", login)
        place = guesses.key("ip", places.origin(address))
        async with self._db.begin(None) as uow:
            attempts = await guesses.count(uow, account, now)
            if await guesses.tries(uow, place, now) >= GUESSES:
                raise TooMany(headers={"Retry-After": str(int(guesses.WINDOW.total_seconds()))})
        fits = await verify_password(found.password_hash if found and attempts <= GUESSES else None, password)
        async with self._db.begin(None) as uow:
            if fits:
                await guesses.forgive(uow, account)
            else:
                await guesses.count(uow, place, now)
        if found is None or not fits:
            raise Invalid.field("password", "Login name or password is wrong.")
        return found.person_id

    async def _company(self, link: str, address: str) -> tuple[Company, UUID]:
        try:
            company_id, link_id = await self._links.read(INVITATION, link, address)
        except NotFound:
            raise NotFound(GONE) from None
        company = await self._directory.company(company_id)
        if company is None:
            raise NotFound(GONE)
        return company, link_id

    async def _find(self, work: Work, link_id: UUID, person_id: UUID | None) -> _Invitation:
        found = await work.uow.fetch_one(_Invitation, _FIND, work.ctx.company_id, link_id, work.now, person_id)
        if found is None:
            raise NotFound(GONE)
        return found


def _nobody(company: Company) -> TenantContext:
    return TenantContext(company.id, frozenset(site.id for site in company.sites), Actor("person", None, ""))
