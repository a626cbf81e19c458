"""Signing in and staying so: candidates of a login, guessing limits, sessions with rotating refresh tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from core.auth import guesses, places
from core.auth.halfway import Passes
from core.auth.passwords import verify_password
from core.auth.tokens import REFRESH, TokenSigner, read_stored
from core.auth.ways import ONLY_PROVIDER, By, ways_in
from core.db.engine import Database
from core.db.ids import new_id
from core.db.uow import UnitOfWork
from core.errors import TooMany, Unauthenticated
from core.hooks.types import Event, NoticeSpec
from core.i18n import msgid
from core.policies.service import Policies
from core.policies.sign_in import SIGN_IN, SignInRules
from core.tenancy.context import SYSTEM, Actor, TenantContext
from core.work import Work

# Two tabs may refresh with the same token at once; only after this is a second use taken for a theft.
ROTATION_GRACE = timedelta(seconds=20)
GUESSES, GUESS_WINDOW = 10, guesses.WINDOW  # wrong ones from one address, whatever companies say
WRONG = msgid("Login name or password is wrong. After several wrong attempts an account is locked for a while.")
NEW_DEVICE = NoticeSpec(
    event="account.new_device_seen.v1",
    to="member_id",
    text=msgid(
        "You signed in on a device for the first time. If that was not you, end its session and change your password."
    ),
    page="/account/security",
    severity="urgent",
)


class Membership(msgspec.Struct, frozen=True):
    """A company that the person works for who just gave the right password, or came by its identity provider. `proof`
    says so for the next minutes."""

    company_id: UUID
    membership_id: UUID
    company_name: str
    proof: str = ""
    by: By = "password"


class IssuedTokens(msgspec.Struct, frozen=True):
    """`refresh` is None when another request has just rotated it."""

    access: str
    refresh: str | None
    company_id: UUID
    session_id: UUID


class _Candidate(msgspec.Struct):
    person_id: UUID
    password_hash: str
    company_id: UUID
    membership_id: UUID
    company_name: str


class _Opened(msgspec.Struct):
    """`strange`: others were signed in on before, but not this device."""

    name: str
    strange: bool
    site_id: UUID | None


class _Session(msgspec.Struct):
    membership_id: UUID
    refresh_hash: bytes
    previous_hash: bytes | None
    rotated_at: datetime
    name: str


_CANDIDATES = "SELECT * FROM sign_in_candidates($1)"
_REFUSED = "SELECT sign_in_refused($1, $2, $3, $4, $5)"
_OPEN = """
WITH opened AS (
    INSERT INTO session (company_id, id, membership_id, refresh_hash, rotated_at, created_at, expires_at,
                         user_agent, network, by_provider)
    VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $11)
), noted AS (
    INSERT INTO sign_in_record (company_id, id, member_id, at, outcome, factor, network, user_agent, device,
                                by_provider)
    VALUES ($1, $2, $3, $5, 'signed_in', $9, $8, $7, $10, $11)
), before AS (
    SELECT count(*) AS times, count(*) FILTER (WHERE device = $10) AS here FROM sign_in_record
    WHERE company_id = $1 AND member_id = $3 AND outcome = 'signed_in'
)
SELECT m.name, before.times > 0 AND before.here = 0,
       (SELECT id FROM site s WHERE s.company_id = $1 AND (m.all_sites OR s.id = ANY (m.site_ids))
        ORDER BY slug LIMIT 1)
FROM membership m, before WHERE m.company_id = $1 AND m.id = $3
"""
_LOGIN = "SELECT login FROM account_of_member($1)"
_LOCK = """
SELECT membership_id, refresh_hash, previous_hash, rotated_at,
       (SELECT name FROM membership m WHERE m.company_id = $1 AND m.id = membership_id)
FROM session WHERE company_id = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > $3 FOR UPDATE
"""
_ROTATE = """
UPDATE session SET previous_hash = refresh_hash, refresh_hash = $3, rotated_at = $4 WHERE company_id = $1 AND id = $2
"""
_REVOKE = """
UPDATE session SET revoked_at = $3 WHERE company_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING by_provider
"""


class SignIn:
    """Opens, refreshes and ends sessions. Each step is a transaction of its own, before any request has a tenant."""

    def __init__(
        self, db: Database, signer: TokenSigner, passes: Passes, policies: Policies, clock: Callable[[], datetime]
    ) -> None:
        self._db, self._signer, self._passes, self._policies, self._clock = db, signer, passes, policies, clock

    async def memberships(self, login: str, password: str, address: str, user_agent: str = "") -> list[Membership]:
        """The companies of a person, after the password. Raises Unauthenticated, for unknown logins and locked
        accounts alike, or TooMany for an address that only guesses (AU-5)."""
        login, now = login.strip().lower(), self._clock()
        async with self._db.begin(None, read_only=True) as uow:
            candidates = await uow.fetch(_Candidate, _CANDIDATES, login)
        rules = await self._strictest([c.company_id for c in candidates])
        person_id = candidates[0].person_id if candidates else None
        account = account_key(person_id) if person_id else guesses.key("login", login)
        place, window = guesses.key("ip", places.origin(address)), timedelta(minutes=rules.lock_minutes)
        async with self._db.begin(None) as uow:
            # An attempt counts before its password is looked at, or many at once would each find the count low. An
            # address may have many people behind it who sign in at once: there only what failed counts.
            attempts = await guesses.count(uow, account, now, window)
            if await guesses.tries(uow, place, now) >= GUESSES:
                raise TooMany(headers={"Retry-After": str(int(GUESS_WINDOW.total_seconds()))})
        # A locked account answers as a wrong password does, after as long, or the lock would tell which logins exist.
        open_to_all = candidates[0].password_hash if candidates and attempts <= rules.attempts else None
        fits = await verify_password(open_to_all, password)
        async with self._db.begin(None) as uow:
            if fits:
                await guesses.forgive(uow, account)
            else:
                await guesses.count(uow, place, now)
                if attempts <= rules.attempts + 1:  # once that it is locked is enough
                    outcome = "wrong_password" if attempts <= rules.attempts else "locked"
                    await uow.execute(_REFUSED, person_id, now, outcome, places.network(address), user_agent[:200])
        if not fits:
            raise Unauthenticated(WRONG)
        proof = self._passes.make(login, candidates[0].password_hash, now)
        return [Membership(c.company_id, c.membership_id, c.company_name, proof) for c in candidates]

    async def proven(self, proof: str) -> list[Membership]:
        """The companies that a proof from before opens. Raises Unauthenticated, also where the password is another one
        by now, or the person has been shut out."""
        halfway = self._passes.read(proof, self._clock())
        async with self._db.begin(None, read_only=True) as uow:
            candidates = await uow.fetch(_Candidate, _CANDIDATES, halfway.login)
        if not candidates or self._passes.mark(candidates[0].password_hash) != halfway.mark:
            raise Unauthenticated("That took too long. Sign in again.")
        by: By = "provider" if halfway.company_id else "password"
        return [
            Membership(c.company_id, c.membership_id, c.company_name, proof, by)
            for c in candidates
            if halfway.company_id in (None, c.company_id)
        ]

    async def vouched(self, company_id: UUID, member_id: UUID, by: By) -> Membership:
        """A member for whom the company's identity provider has vouched: good in this company alone. Raises
        Unauthenticated for who works there no more."""
        async with self._db.begin(company_id, read_only=True) as uow:
            login = await uow.value(_LOGIN, member_id)
        async with self._db.begin(None, read_only=True) as uow:
            candidates = await uow.fetch(_Candidate, _CANDIDATES, login)
        found = next((c for c in candidates if c.membership_id == member_id), None)
        if found is None:
            raise Unauthenticated
        proof = self._passes.make(login, found.password_hash, self._clock(), company_id)
        return Membership(company_id, member_id, found.company_name, proof, by)

    async def open(
        self, membership: Membership, user_agent: str, address: str = "", *, device: str = "", factor: str = ""
    ) -> IssuedTokens:
        """A new session of that membership. `device` is what its browser keeps to be known by, `factor` the second one
        that was given. Whoever was never seen on this device is told so. Raises Unauthenticated where the company lets
        nobody in by what they came by."""
        now, session_id = self._clock(), new_id()
        company_id, member_id = membership.company_id, membership.membership_id
        refresh, refresh_hash = self._signer.make_refresh(company_id, session_id)
        known_by = hashlib.sha256((device or places.device(user_agent)).encode()).digest()
        provider = membership.by != "password"
        async with self._db.begin(company_id) as uow:
            rules = await self.rules(uow, company_id)
            ways = await ways_in(uow, company_id, member_id)
            if not (ways.provider if provider else ways.password):
                raise Unauthenticated(ONLY_PROVIDER if ways.provider else None)
            opened = await uow.fetch_one(
                _Opened,
                _OPEN,
                company_id,
                session_id,
                member_id,
                refresh_hash,
                now,
                now + timedelta(days=rules.session_days),
                user_agent[:200],
                places.network(address),
                factor or ("provider" if membership.by == "provider_factor" else ""),
                known_by,
                provider,
            )
            if opened is None:
                raise Unauthenticated
            work = Work(uow, _context(company_id, member_id, opened.name), now)
            work.audit("session.opened", "session", session_id, {"by_provider": True} if provider else {})
            if opened.strange and opened.site_id is not None:
                work.emit(Event(NEW_DEVICE.event, opened.site_id, member_id, {NEW_DEVICE.to: str(member_id)}))
        return self._issued(company_id, member_id, session_id, refresh, now)

    async def refresh(self, text: str) -> IssuedTokens:
        """New tokens for a refresh token. One used again after its grace revokes the session (theft, AU-3)."""
        stored = read_stored(REFRESH, text)
        now = self._clock()
        refresh: str | None = None
        async with self._db.begin(stored.company_id) as uow:
            session = await uow.fetch_one(_Session, _LOCK, stored.company_id, stored.id, now)
            rules = await self.rules(uow, stored.company_id)
            if session is None or now - session.rotated_at >= timedelta(hours=rules.idle_hours):
                raise Unauthenticated
            if stored.hash == session.refresh_hash:
                refresh, new_hash = self._signer.make_refresh(stored.company_id, stored.id)
                await uow.execute(_ROTATE, stored.company_id, stored.id, new_hash, now)
            elif not self._signer.made_refresh(text):
                raise Unauthenticated
            just_rotated = stored.hash == session.previous_hash and now - session.rotated_at <= ROTATION_GRACE
            reused = refresh is None and not just_rotated
            if reused:
                await uow.execute(_REVOKE, stored.company_id, stored.id, now)
                work = Work(uow, _context(stored.company_id, session.membership_id, session.name), now)
                work.audit("session.revoked", "session", stored.id, {"reason": "refresh token used twice"})
                work.announce("access", None)
        if reused:
            raise Unauthenticated
        return self._issued(stored.company_id, session.membership_id, stored.id, refresh, now)

    async def _strictest(self, companies: Sequence[UUID]) -> SignInRules:
        """What counts before a company is chosen; nobody's is the default."""
        found = []
        for company_id in companies:
            async with self._db.begin(company_id, read_only=True) as uow:
                found.append(await self.rules(uow, company_id))
        return msgspec.structs.replace(
            SIGN_IN.default,
            attempts=min((rules.attempts for rules in found), default=SIGN_IN.default.attempts),
            lock_minutes=max((rules.lock_minutes for rules in found), default=SIGN_IN.default.lock_minutes),
        )

    async def rules(self, uow: UnitOfWork, company_id: UUID) -> SignInRules:
        """What the company asks of those who sign in; `uow` is of it."""
        work = Work(uow, TenantContext(company_id, frozenset(), SYSTEM), self._clock())
        return await self._policies.value(work, SIGN_IN, None)

    def _issued(
        self, company_id: UUID, membership_id: UUID, session_id: UUID, refresh: str | None, now: datetime
    ) -> IssuedTokens:
        access = self._signer.issue(company_id, membership_id, session_id, now)
        return IssuedTokens(access, refresh, company_id, session_id)


def account_key(person_id: UUID) -> bytes:
    """What wrong passwords of a person are counted under, from wherever they come."""
    return guesses.key("account", str(person_id))


async def end_session(work: Work, session_id: UUID, reason: str = "signed out") -> bool:
    """Sign out: the session's tokens are worth nothing from the commit on. Whether the company's identity provider had
    let them in."""
    by_provider = await work.uow.value(_REVOKE, work.ctx.company_id, session_id, work.now)
    work.audit("session.revoked", "session", session_id, {"reason": reason})
    work.announce("access", None)
    return bool(by_provider)


def _context(company_id: UUID, membership_id: UUID, name: str) -> TenantContext:
    return TenantContext(company_id, frozenset(), Actor("person", membership_id, name))
