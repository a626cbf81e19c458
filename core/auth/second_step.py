"""The step between the right password and a session: a code, or setting up a second factor first (AU-5, AU-6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from core.auth import guesses, places
from core.auth.permissions import PermissionRegistry
from core.auth.second_factor import Enrolment, SecondFactors
from core.auth.sign_in import GUESSES, IssuedTokens, Membership, SignIn
from core.auth.ways import ways_in
from core.db.engine import Database
from core.db.ids import new_id
from core.db.uow import UnitOfWork
from core.errors import Forbidden, Invalid, TooMany, Unauthenticated
from core.i18n import msgid
from core.tenancy.context import Actor, TenantContext
from core.tenancy.directory import SUSPENDED, Directory
from core.work import Work

Step = Literal["none", "code", "enrolment", "provider"]
WRONG_CODE: Final = msgid("This is not the code, or it was used already. Wait for the next one.")
ADMINS: Final = "policy.manage"  # whoever holds it is among the `admins` of core.sign_in
_MEMBER = """
SELECT m.name, (SELECT login FROM account_of_member($2)),
    m.roles || ARRAY(SELECT jsonb_array_elements_text(jsonb_path_query_array(m.posts, '$.*.roles[*]'))),
    f.confirmed_at IS NOT NULL
FROM membership m LEFT JOIN second_factor f ON f.company_id = m.company_id AND f.member_id = m.id
WHERE m.company_id = $1 AND m.id = $2 AND m.active
"""
_NOTED = """
INSERT INTO sign_in_record (company_id, id, member_id, at, outcome, network, user_agent)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


class _Member(msgspec.Struct):
    name: str
    login: str
    roles: list[str]
    has_factor: bool


class SecondStep:
    """One for the process. Whoever calls has had the password proven; each step is a transaction of its own.

    All raise Unauthenticated for who works there no more.
    """

    def __init__(
        self,
        db: Database,
        sign_in: SignIn,
        factors: SecondFactors,
        permissions: PermissionRegistry,
        directory: Directory,
        clock: Callable[[], datetime],
    ) -> None:
        self._db, self._sign_in, self._factors = db, sign_in, factors
        self._permissions, self._directory, self._clock = permissions, directory, clock

    async def wanted(self, membership: Membership) -> Step:
        """What is missing before a session may be opened; `provider`: no password does, they have to come by the
        company's identity provider."""
        company = await self._directory.company(membership.company_id)
        if company is not None and company.suspended:
            raise Forbidden(SUSPENDED)
        async with self._db.begin(membership.company_id, read_only=True) as uow:
            member = await _member(uow, membership)
            rules = await self._sign_in.rules(uow, membership.company_id)
            ways = await ways_in(uow, membership.company_id, membership.membership_id)
        if membership.by == "password" and not ways.password:
            return "provider"
        if membership.by == "provider_factor":
            return "none"
        if member.has_factor:
            return "code"
        held = self._permissions.of_roles(member.roles, company.roles if company else ())
        asked = rules.second_factor == "everyone" or (rules.second_factor == "admins" and ADMINS in held)
        return "enrolment" if asked else "none"

    async def with_code(
        self, membership: Membership, given: str, user_agent: str, address: str, *, device: str = ""
    ) -> IssuedTokens:
        """A session for a code of the app, or a recovery code. A wrong one raises Unauthenticated, too many of an
        account or an address TooMany, as with passwords (AU-5)."""
        now, member_id = self._clock(), membership.membership_id
        account, place = code_key(member_id), guesses.key("ip", places.origin(address))
        async with self._db.begin(membership.company_id) as uow:
            rules = await self._sign_in.rules(uow, membership.company_id)
            attempts = await guesses.count(uow, account, now, timedelta(minutes=rules.lock_minutes))
            crowded = await guesses.tries(uow, place, now) >= GUESSES
        locked, used = attempts > rules.attempts, None
        async with self._db.begin(membership.company_id) as uow:
            work = self._work(uow, membership, await _member(uow, membership))
            if not (locked or crowded):
                used = await self._factors.spend(work, member_id, given)
            if used is not None:
                await guesses.forgive(uow, account)
            else:
                await guesses.count(uow, place, now)
                if attempts <= rules.attempts + 1:  # once that it is locked is enough
                    outcome, network = "code_locked" if locked else "wrong_code", places.network(address)
                    company_id = membership.company_id
                    await uow.execute(_NOTED, company_id, new_id(), member_id, now, outcome, network, user_agent[:200])
        if locked or crowded:
            wait = timedelta(minutes=rules.lock_minutes) if locked else guesses.WINDOW
            raise TooMany(headers={"Retry-After": str(int(wait.total_seconds()))})
        if used is None:
            raise Unauthenticated(WRONG_CODE)
        return await self._sign_in.open(membership, user_agent, address, device=device, factor=used)

    async def enrol(self, membership: Membership, *, again: bool = False) -> Enrolment:
        """What to put into the app. `again`: what was shown before, if anything was. Raises Conflict where there is a
        factor."""
        async with self._db.begin(membership.company_id) as uow:
            member = await _member(uow, membership)
            work = self._work(uow, membership, member)
            member_id, names = membership.membership_id, (membership.company_name, member.login)
            begun = await self._factors.begun(work, member_id, *names) if again else None
            return begun or await self._factors.begin(work, member_id, *names)

    async def enrolled(
        self, membership: Membership, given: str, user_agent: str, address: str, *, device: str = ""
    ) -> tuple[IssuedTokens, list[str]]:
        """A session and the recovery codes, once a code shows that the app has the secret. Raises Invalid."""
        async with self._db.begin(membership.company_id) as uow:
            work = self._work(uow, membership, await _member(uow, membership))
            codes = await self._factors.confirm(work, membership.membership_id, given)
        if codes is None:
            raise Invalid.field("code", WRONG_CODE)
        tokens = await self._sign_in.open(membership, user_agent, address, device=device, factor="totp")
        return tokens, codes

    def _work(self, uow: UnitOfWork, membership: Membership, member: _Member) -> Work:
        actor = Actor("person", membership.membership_id, member.name)
        return Work(uow, TenantContext(membership.company_id, frozenset(), actor), self._clock())


def code_key(member_id: UUID) -> bytes:
    """What wrong codes of a member are counted under."""
    return guesses.key("code", str(member_id))


async def _member(uow: UnitOfWork, membership: Membership) -> _Member:
    found = await uow.fetch_one(_Member, _MEMBER, membership.company_id, membership.membership_id)
    if found is None:
        raise Unauthenticated
    return found
