"""Signing in and staying so: candidates of a login, guessing limits, sessions with rotating refresh tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from core.auth import guesses
from core.auth.passwords import verify_password
from core.auth.tokens import REFRESH, TokenSigner, read_stored
from core.db.engine import Database
from core.db.ids import new_id
from core.errors import TooMany, Unauthenticated
from core.tenancy.context import Actor, TenantContext
from core.work import Work

SESSION_LIFETIME = timedelta(days=14)
# Two tabs may refresh with the same token at once; only after this is a second use taken for a theft.
ROTATION_GRACE = timedelta(seconds=20)
GUESSES, GUESS_WINDOW = 10, guesses.WINDOW


class Membership(msgspec.Struct, frozen=True):
    """A company that the person who just gave the right password works for."""

    company_id: UUID
    membership_id: UUID
    company_name: str


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


class _Session(msgspec.Struct):
    membership_id: UUID
    refresh_hash: bytes
    previous_hash: bytes | None
    rotated_at: datetime
    name: str


_OPEN = """
INSERT INTO session (company_id, id, membership_id, refresh_hash, rotated_at, created_at, expires_at, user_agent)
VALUES ($1, $2, $3, $4, $5, $5, $6, $7)
RETURNING (SELECT name FROM membership WHERE company_id = $1 AND id = $3)
"""
_LOCK = """
SELECT membership_id, refresh_hash, previous_hash, rotated_at,
       (SELECT name FROM membership m WHERE m.company_id = $1 AND m.id = membership_id)
FROM session WHERE company_id = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > $3 FOR UPDATE
"""
_ROTATE = """
UPDATE session SET previous_hash = refresh_hash, refresh_hash = $3, rotated_at = $4 WHERE company_id = $1 AND id = $2
"""
_REVOKE = "UPDATE session SET revoked_at = $3 WHERE company_id = $1 AND id = $2 AND revoked_at IS NULL"


class SignIn:
    """Opens, refreshes and ends sessions. Each step is a transaction of its own, before any request has a tenant."""

    def __init__(self, db: Database, signer: TokenSigner, clock: Callable[[], datetime]) -> None:
        self._db, self._signer, self._clock = db, signer, clock

    async def memberships(self, login: str, password: str, address: str) -> list[Membership]:
        """The companies of a person, after the password. Raises Unauthenticated or TooMany (AU-5), for unknown logins
        alike."""
        login = login.strip().lower()
        account, place = guesses.key("login", login), guesses.key("ip", address)
        now = self._clock()
        async with self._db.begin(None) as uow:
            # An attempt counts before its password is looked at, or many at once would each find the count low. An
            # address may have many people behind it who sign in at once: there only what failed counts.
            attempts = await guesses.count(uow, account, now)
            if attempts > GUESSES or await guesses.tries(uow, place, now) >= GUESSES:
                raise TooMany(headers={"Retry-After": str(int(GUESS_WINDOW.total_seconds()))})
            candidates = await uow.fetch(_Candidate, "SELECT * FROM sign_in_candidates($1)", login)
        fits = await verify_password(candidates[0].password_hash if candidates else None, password)
        async with self._db.begin(None) as uow:
            if fits:
                await guesses.forgive(uow, account)
            else:
                await guesses.count(uow, place, now)
        if not fits:
            raise Unauthenticated("Login name or password is wrong.")
        return [Membership(c.company_id, c.membership_id, c.company_name) for c in candidates]

    async def open(self, membership: Membership, user_agent: str) -> IssuedTokens:
        """A new session of that membership."""
        now, session_id = self._clock(), new_id()
        refresh, refresh_hash = self._signer.make_refresh(membership.company_id, session_id)
        async with self._db.begin(membership.company_id) as uow:
            name = await uow.value(
                _OPEN,
                membership.company_id,
                session_id,
                membership.membership_id,
                refresh_hash,
                now,
                now + SESSION_LIFETIME,
                user_agent[:200],
            )
            ctx = _context(membership.company_id, membership.membership_id, name)
            Work(uow, ctx, now).audit("session.opened", "session", session_id)
        return self._issued(membership.company_id, membership.membership_id, session_id, refresh, now)

    async def refresh(self, text: str) -> IssuedTokens:
        """New tokens for a refresh token. One used again after its grace revokes the session (theft, AU-3)."""
        stored = read_stored(REFRESH, text)
        now = self._clock()
        refresh: str | None = None
        async with self._db.begin(stored.company_id) as uow:
            session = await uow.fetch_one(_Session, _LOCK, stored.company_id, stored.id, now)
            if session is None:
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

    def _issued(
        self, company_id: UUID, membership_id: UUID, session_id: UUID, refresh: str | None, now: datetime
    ) -> IssuedTokens:
        access = self._signer.issue(company_id, membership_id, session_id, now)
        return IssuedTokens(access, refresh, company_id, session_id)


async def end_session(work: Work, session_id: UUID) -> None:
    """Sign out: the session's tokens are worth nothing from the commit on."""
    await work.uow.execute(_REVOKE, work.ctx.company_id, session_id, work.now)
    work.audit("session.revoked", "session", session_id, {"reason": "signed out"})
    work.announce("access", None)


def _context(company_id: UUID, membership_id: UUID, name: str) -> TenantContext:
    return TenantContext(company_id, frozenset(), Actor("person", membership_id, name))
