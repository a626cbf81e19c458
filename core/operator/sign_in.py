"""Operators signing in: password, then always a code of an authenticator app; sessions end within a working day."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from core.auth import guesses, places, totp
from core.auth.halfway import Passes
from core.auth.passwords import verify_password
from core.auth.second_factor import Enrolment, Factor, SecondFactors
from core.auth.second_step import WRONG_CODE
from core.auth.sign_in import WRONG
from core.auth.tokens import make_stored, read_stored
from core.db.engine import Database
from core.db.ids import new_id
from core.db.uow import UnitOfWork
from core.errors import Conflict, Invalid, TooMany, Unauthenticated
from core.estate.sealing import Sealer
from core.operator.realm import KIND, NAME, REALM, context
from core.people.credentials import login_of
from core.tenancy.context import Actor
from core.work import Work

TOKEN: Final = "lodgeo"  # the prefix of an operator's session token, not a secret  # noqa: S105
LONGEST, IDLE = timedelta(hours=12), timedelta(minutes=30)
ATTEMPTS: Final = 10  # wrong passwords, and wrong codes, of an account or an address within the window (AU-5)
_TOUCH: Final = timedelta(minutes=1)  # how exactly it is known when a session was last used


class SignedOperator(msgspec.Struct, frozen=True):
    """Who makes a request in the realm."""

    id: UUID
    login: str
    name: str
    session_id: UUID

    @property
    def actor(self) -> Actor:
        return Actor(KIND, self.id, self.name)


class OperatorTokens(msgspec.Struct, frozen=True):
    """A session that has just been opened: what its requests carry, and until when at most."""

    token: str
    session_id: UUID
    expires_at: datetime


class _Account(msgspec.Struct):
    id: UUID
    login: str
    name: str
    password_hash: str
    secret_sealed: bytes | None
    confirmed_at: datetime | None


class _Session(msgspec.Struct):
    secret_hash: bytes
    used_at: datetime
    id: UUID
    login: str
    name: str


_ACCOUNT = """
SELECT id, login, name, password_hash, secret_sealed, confirmed_at FROM operator
WHERE company_id = $1 AND login = $2 AND active AND password_hash IS NOT NULL
"""
_NOTE = """
INSERT INTO operator_sign_in (company_id, id, operator_id, at, outcome, factor, network, user_agent)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_OPEN = """
INSERT INTO operator_session (company_id, id, operator_id, secret_hash, created_at, used_at, expires_at, user_agent,
                              network)
VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8)
"""
_SESSION = """
SELECT s.secret_hash, s.used_at, o.id, o.login, o.name FROM operator_session s
JOIN operator o ON o.company_id = s.company_id AND o.id = s.operator_id
WHERE s.company_id = $1 AND s.id = $2 AND s.revoked_at IS NULL AND s.expires_at > $3 AND s.used_at > $4 AND o.active
"""
_USED = "UPDATE operator_session SET used_at = $3 WHERE company_id = $1 AND id = $2"
_BEGIN = """
UPDATE operator SET secret_sealed = $3 WHERE company_id = $1 AND id = $2 AND confirmed_at IS NULL
"""
_CONFIRM = """
UPDATE operator SET confirmed_at = $3, last_step = $4, recovery = $5
WHERE company_id = $1 AND id = $2 AND confirmed_at IS NULL AND secret_sealed = $6
"""
# The row's lock decides between two processes that were given the same code: the second finds it used (AU-6).
_SPEND = """
UPDATE operator SET last_step = greatest(last_step, coalesce($3, 0)), recovery = array_remove(recovery, $4)
WHERE company_id = $1 AND id = $2 AND (last_step < $3 OR $4 = ANY (recovery))
"""


class OperatorSignIn:
    """One for the process; each step is a transaction of its own. `passes` are signed by the realm's own key."""

    def __init__(
        self, db: Database, passes: Passes, factors: SecondFactors, sealer: Sealer, clock: Callable[[], datetime]
    ) -> None:
        self._db, self._passes, self._factors, self._sealer, self._clock = db, passes, factors, sealer, clock

    async def prove(self, login: str, password: str, address: str, user_agent: str = "") -> str:
        """What proves for ten minutes that the password was right. Raises Unauthenticated, for unknown logins and
        locked accounts alike, or TooMany for an address that only guesses (AU-5, AU-7)."""
        login, now = login_of(login), self._clock()
        counted, place = guesses.key("operator", login), _place(address)
        async with self._db.begin(REALM) as uow:
            account = await uow.fetch_one(_Account, _ACCOUNT, REALM, login)
            attempts = await guesses.count(uow, counted, now)
            crowded = await guesses.tries(uow, place, now) >= ATTEMPTS
        if crowded:
            raise TooMany(headers=_WAIT)
        open_to_all = account.password_hash if account and attempts <= ATTEMPTS else None
        fits = await verify_password(open_to_all, password)
        async with self._db.begin(REALM) as uow:
            if fits:
                await guesses.forgive(uow, counted)
            else:
                await guesses.count(uow, place, now)
                if account and attempts <= ATTEMPTS + 1:  # once that it is locked is enough
                    outcome = "wrong_password" if attempts <= ATTEMPTS else "locked"
                    await self._note(uow, account.id, outcome, "", address, user_agent)
        if not fits or account is None:
            raise Unauthenticated(WRONG)
        return self._passes.make(login, account.password_hash, now)

    async def wants(self, proof: str) -> Literal["code", "enrolment"]:
        """The second step, which nobody is spared. Raises Unauthenticated."""
        return "code" if (await self._proven(proof)).confirmed_at else "enrolment"

    async def with_code(self, proof: str, given: str, address: str, user_agent: str = "") -> OperatorTokens:
        """A session for a code of the app, or a recovery code. Raises Unauthenticated for a wrong one, TooMany."""
        account, now = await self._proven(proof), self._clock()
        counted, place = guesses.key("operator code", str(account.id)), _place(address)
        async with self._db.begin(REALM) as uow:
            attempts = await guesses.count(uow, counted, now)
            crowded = await guesses.tries(uow, place, now) >= ATTEMPTS
        locked, used = attempts > ATTEMPTS, None
        async with self._db.begin(REALM) as uow:
            if not (locked or crowded):
                used = await self._spend(uow, account, given)
            if used is not None:
                await guesses.forgive(uow, counted)
            else:
                await guesses.count(uow, place, now)
                if attempts <= ATTEMPTS + 1:
                    outcome = "code_locked" if locked else "wrong_code"
                    await self._note(uow, account.id, outcome, "", address, user_agent)
        if locked or crowded:
            raise TooMany(headers=_WAIT)
        if used is None:
            raise Unauthenticated(WRONG_CODE)
        async with self._db.begin(REALM) as uow:
            return await self._open(uow, account, used, address, user_agent)

    async def enrol(self, proof: str, *, again: bool = False) -> Enrolment:
        """What goes into the app; `again`: what was shown before. Raises Unauthenticated, Conflict where there is one
        already."""
        account = await self._proven(proof)
        if account.confirmed_at is not None:
            raise Conflict("The second factor is on already.")
        if again and account.secret_sealed is not None:
            secret = self._sealer.unseal(REALM, account.id, account.secret_sealed)
        else:
            secret = totp.new_secret()
            async with self._db.begin(REALM) as uow:
                work = Work(uow, context(Actor(KIND, account.id, account.name)), self._clock())
                await uow.execute(_BEGIN, REALM, account.id, self._sealer.seal(REALM, account.id, secret))
                work.audit("second_factor.begun", "operator", account.id)
        return Enrolment(totp.typed(secret), totp.uri(secret, NAME, account.login))

    async def enrolled(
        self, proof: str, given: str, address: str, user_agent: str = ""
    ) -> tuple[OperatorTokens, list[str]]:
        """A session and the recovery codes, once a code shows that the app has the secret. Raises Invalid."""
        account = await self._proven(proof)
        if account.confirmed_at is not None or account.secret_sealed is None:
            raise Unauthenticated
        secret = self._sealer.unseal(REALM, account.id, account.secret_sealed)
        async with self._db.begin(REALM) as uow:
            work = Work(uow, context(Actor(KIND, account.id, account.name)), self._clock())
            step = totp.step_of(secret, totp.cleaned(given), work.now)
            codes, hashes = self._factors.new_recovery_codes(work, account.id)
            if step is None or not await uow.execute(
                _CONFIRM, REALM, account.id, work.now, step, hashes, account.secret_sealed
            ):
                raise Invalid.field("code", WRONG_CODE)
            work.audit("second_factor.switched_on", "operator", account.id)
            return await self._open(uow, account, "totp", address, user_agent), codes

    async def signed_in(self, token: str) -> SignedOperator:
        """Whose session that is; it counts as used. Raises Unauthenticated."""
        stored, now = read_stored(TOKEN, token), self._clock()
        async with self._db.begin(REALM) as uow:
            found = await uow.fetch_one(_Session, _SESSION, REALM, stored.id, now, now - IDLE)
            if stored.company_id != REALM or found is None or not hmac.compare_digest(found.secret_hash, stored.hash):
                raise Unauthenticated
            if now - found.used_at >= _TOUCH:
                await uow.execute(_USED, REALM, stored.id, now)
        return SignedOperator(found.id, found.login, found.name, stored.id)

    async def stands(self, session_id: UUID) -> bool:
        """Whether that session goes on."""
        now = self._clock()
        async with self._db.begin(REALM, read_only=True) as uow:
            return await uow.fetch_one(_Session, _SESSION, REALM, session_id, now, now - IDLE) is not None

    async def _spend(self, uow: UnitOfWork, account: _Account, given: str) -> Factor | None:
        """Use up a code: which kind it was, None for one that is wrong or was used (AU-6)."""
        if account.confirmed_at is None or account.secret_sealed is None:
            return None
        work = Work(uow, context(Actor(KIND, account.id, account.name)), self._clock())
        step, used = self._factors.spends(work, account.id, account.secret_sealed, given)
        if not await uow.execute(_SPEND, REALM, account.id, step, used):
            return None
        if step is not None:
            return "totp"
        work.audit("second_factor.recovery_code_used", "operator", account.id)
        return "recovery"

    async def _open(
        self, uow: UnitOfWork, account: _Account, factor: Factor, address: str, user_agent: str
    ) -> OperatorTokens:
        work, session_id = Work(uow, context(Actor(KIND, account.id, account.name)), self._clock()), new_id()
        token, secret_hash = make_stored(TOKEN, REALM, session_id)
        until, agent, network = work.now + LONGEST, user_agent[:200], places.network(address)
        await uow.execute(_OPEN, REALM, session_id, account.id, secret_hash, work.now, until, agent, network)
        await self._note(uow, account.id, "signed_in", factor, address, user_agent)
        work.audit("session.opened", "session", session_id)
        return OperatorTokens(token, session_id, until)

    async def _note(
        self, uow: UnitOfWork, operator_id: UUID, outcome: str, factor: str, address: str, user_agent: str
    ) -> None:
        network = places.network(address)
        await uow.execute(
            _NOTE, REALM, new_id(), operator_id, self._clock(), outcome, factor, network, user_agent[:200]
        )

    async def _proven(self, proof: str) -> _Account:
        halfway = self._passes.read(proof, self._clock())
        async with self._db.begin(REALM, read_only=True) as uow:
            account = await uow.fetch_one(_Account, _ACCOUNT, REALM, halfway.login)
        if account is None or self._passes.mark(account.password_hash) != halfway.mark:
            raise Unauthenticated("That took too long. Sign in again.")
        return account


_WAIT: Final = {"Retry-After": str(int(guesses.WINDOW.total_seconds()))}


def _place(address: str) -> bytes:
    return guesses.key("operator ip", places.origin(address))
