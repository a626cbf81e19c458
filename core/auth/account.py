"""How a member signs in, as they see it themselves and those who look after the company's accounts: sessions, history,
locks, the second factor switched off. Callers commit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from core.auth import guesses
from core.auth.passwords import verify_password
from core.auth.second_factor import SecondFactors
from core.auth.second_step import code_key
from core.auth.sign_in import account_key
from core.errors import NotFound, TooMany
from core.hooks.types import JobSpec
from core.policies.service import Policies
from core.policies.sign_in import SIGN_IN, SignInRules
from core.tenancy.context import TenantContext
from core.work import Work

PAGE: Final = 30  # entries of the history
Outcome = Literal["signed_in", "wrong_password", "locked", "wrong_code", "code_locked"]


class SessionLine(msgspec.Struct, frozen=True):
    """A session that goes on: with what, from which network, since when, when its tokens were last renewed."""

    id: UUID
    user_agent: str
    network: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime


class SignInLine(msgspec.Struct, frozen=True):
    """An attempt to sign in. `factor` is the second one that was given with success; `by_provider`: the company's
    identity provider let them in."""

    id: UUID
    at: datetime
    outcome: Outcome
    factor: Literal["", "totp", "recovery", "provider"]
    network: str
    user_agent: str
    by_provider: bool


class SignInPage(msgspec.Struct, frozen=True):
    """A page of the history, the newest first; `cursor` goes into the next request, null at the end."""

    items: list[SignInLine]
    cursor: UUID | None


_SESSIONS = """
SELECT id, user_agent, network, created_at, rotated_at, expires_at FROM session
WHERE company_id = $1 AND membership_id = $2 AND revoked_at IS NULL AND expires_at > $3 AND rotated_at > $4
ORDER BY rotated_at DESC, id LIMIT 100
"""
_END = """
UPDATE session SET revoked_at = $4
WHERE company_id = $1 AND membership_id = $2 AND id = $3 AND revoked_at IS NULL AND expires_at > $4
"""
_END_OTHERS = """
UPDATE session SET revoked_at = $4
WHERE company_id = $1 AND membership_id = $2 AND id IS DISTINCT FROM $3 AND revoked_at IS NULL AND expires_at > $4
"""
_HISTORY = """
SELECT id, at, outcome, factor, network, user_agent, by_provider FROM sign_in_record
WHERE company_id = $1 AND member_id = $2 AND ($3::uuid IS NULL OR (at, id) < (
    SELECT at, id FROM sign_in_record WHERE company_id = $1 AND member_id = $2 AND id = $3))
ORDER BY at DESC, id DESC LIMIT $4
"""
# What wrong passwords and wrong codes of `m` are counted under, as core/auth/guesses.py makes it.
_KEYS = "sha256(convert_to('account:' || m.person_id, 'UTF8')), sha256(convert_to('code:' || m.id, 'UTF8'))"
_STATE = f"""
SELECT f.confirmed_at, coalesce(cardinality(f.recovery), 0),
       (SELECT coalesce(max(failures), 0) FROM sign_in_failure WHERE key IN ({_KEYS}) AND window_start > $3),
       l.linked_at
FROM membership m LEFT JOIN second_factor f ON f.company_id = $1 AND f.member_id = m.id
LEFT JOIN identity_link l ON l.company_id = $1 AND l.member_id = m.id
WHERE m.company_id = $1 AND m.id = $2
"""  # noqa: S608
_UNLOCK = f"""
DELETE FROM sign_in_failure USING membership m WHERE m.company_id = $1 AND m.id = $2 AND key IN ({_KEYS})
"""  # noqa: S608
_TO_PROVE = """
SELECT m.person_id, password_hash_of_member(m.id), f.secret_sealed
FROM membership m JOIN second_factor f ON f.company_id = $1 AND f.member_id = m.id
WHERE m.company_id = $1 AND m.id = $2 AND f.confirmed_at IS NOT NULL
"""
# A code that was used up, even just now by another process, fits no more.
_FITS = "company_id = $1 AND member_id = $2 AND confirmed_at IS NOT NULL AND (last_step < $3 OR $4 = ANY (recovery))"
_FORGIVEN = "UPDATE sign_in_failure SET failures = failures - 1 WHERE key = ANY ($5) AND EXISTS (SELECT FROM done)"
_SWITCH_OFF = f"""
WITH done AS (DELETE FROM second_factor WHERE {_FITS} RETURNING member_id), forgiven AS ({_FORGIVEN})
SELECT count(*) FROM done
"""  # noqa: S608
_RENEW = f"""
WITH done AS (
    UPDATE second_factor SET recovery = $6, last_step = greatest(last_step, $3) WHERE {_FITS} RETURNING member_id
), forgiven AS ({_FORGIVEN})
SELECT count(*) FROM done
"""  # noqa: S608
_OLD = "DELETE FROM sign_in_record WHERE company_id = $1 AND at < $2"


class AccountState(msgspec.Struct, frozen=True):
    """Since when a member has a second factor (None: not), how many recovery codes are left, and whether wrong
    passwords or codes keep them out at present (AU-5). Since when the company's identity provider knows them."""

    second_factor_since: datetime | None
    recovery_left: int
    locked: bool
    linked_since: datetime | None = None


class _ToProve(msgspec.Struct):
    person_id: UUID
    password_hash: str
    secret_sealed: bytes


class Accounts:
    """One for the process. Members are of the work's company; who may ask about whom is the caller's matter."""

    def __init__(self, policies: Policies, factors: SecondFactors) -> None:
        self._policies, self._factors = policies, factors
        self.jobs = (JobSpec("core.forget_sign_ins", self._forget, every=86400),)

    async def state(self, work: Work, member_id: UUID) -> AccountState:
        """Raises NotFound."""
        rules = await self._rules(work)
        since = work.now - timedelta(minutes=rules.lock_minutes)
        row = await work.uow.fetch_one(AccountState, _STATE, work.ctx.company_id, member_id, since)
        if row is None:
            raise NotFound
        return msgspec.structs.replace(row, locked=row.locked >= rules.attempts)

    async def sessions(self, work: Work, member_id: UUID) -> list[SessionLine]:
        """Those that could still be used, the latest used first."""
        idle = work.now - timedelta(hours=(await self._rules(work)).idle_hours)
        return await work.uow.fetch(SessionLine, _SESSIONS, work.ctx.company_id, member_id, work.now, idle)

    async def end(self, work: Work, member_id: UUID, session_id: UUID) -> None:
        """Sign out there: worth nothing from the commit on. Raises NotFound, also for another's."""
        if not await work.uow.execute(_END, work.ctx.company_id, member_id, session_id, work.now):
            raise NotFound
        work.audit("session.revoked", "session", session_id, {"member": str(member_id)})
        work.announce("access", None)

    async def end_others(self, work: Work, member_id: UUID, keep: UUID | None = None) -> int:
        """Sign out everywhere but in the session that is to be kept; how many have ended."""
        ended = await work.uow.execute(_END_OTHERS, work.ctx.company_id, member_id, keep, work.now)
        if ended:
            work.audit("session.revoked", "membership", member_id, {"sessions": ended})
            work.announce("access", None)
        return ended

    async def history(self, work: Work, member_id: UUID, after: UUID | None = None) -> SignInPage:
        """A page of the sign-ins and attempts that the company keeps."""
        found = await work.uow.fetch(SignInLine, _HISTORY, work.ctx.company_id, member_id, after, PAGE + 1)
        return SignInPage(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)

    async def unlock(self, work: Work, member_id: UUID) -> None:
        """Forget the wrong attempts of the person; addresses that only guess stay closed."""
        await work.uow.execute(_UNLOCK, work.ctx.company_id, member_id)
        work.audit("session.unlocked", "membership", member_id)

    async def switch_off(self, work: Work, member_id: UUID, password: str, code: str) -> bool:
        """Take the second factor away, for the password and a code. False for wrong ones: those are counted, so the
        caller has to commit then too. Raises TooMany, NotFound where there is no factor."""
        row, keys = await self._attempt(work, member_id)
        done = False
        if await verify_password(row.password_hash, password):
            spends = self._factors.spends(work, member_id, row.secret_sealed, code)
            done = bool(await work.uow.value(_SWITCH_OFF, work.ctx.company_id, member_id, *spends, keys))
        work.audit(f"second_factor.{'switched_off' if done else 'refused'}", "membership", member_id)
        return done

    async def renew_recovery_codes(self, work: Work, member_id: UUID, code: str) -> list[str] | None:
        """New ones in the place of all before, to be shown this once, for a code. None for a wrong one: it is counted,
        so the caller has to commit then too. Raises TooMany, NotFound where there is no factor."""
        row, keys = await self._attempt(work, member_id)
        spends = self._factors.spends(work, member_id, row.secret_sealed, code)
        codes, hashes = self._factors.new_recovery_codes(work, member_id)
        done = await work.uow.value(_RENEW, work.ctx.company_id, member_id, *spends, keys, hashes)
        work.audit(f"second_factor.{'recovery_codes_renewed' if done else 'refused'}", "membership", member_id)
        return codes if done else None

    async def _attempt(self, work: Work, member_id: UUID) -> tuple[_ToProve, list[bytes]]:
        """What is to be shown, once it is counted that somebody tries; and what that is counted under."""
        rules = await self._rules(work)
        row = await work.uow.fetch_one(_ToProve, _TO_PROVE, work.ctx.company_id, member_id)
        if row is None:
            raise NotFound
        keys, window = [account_key(row.person_id), code_key(member_id)], timedelta(minutes=rules.lock_minutes)
        if await guesses.count_all(work.uow, keys, work.now, window) > rules.attempts:
            raise TooMany(headers={"Retry-After": str(int(window.total_seconds()))})
        return row, keys

    async def _rules(self, work: Work) -> SignInRules:
        return await self._policies.value(work, SIGN_IN, None)

    async def _forget(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Sign-ins are kept as long as the company says."""
        days = (await self._rules(work)).history_days
        await work.uow.execute(_OLD, ctx.company_id, work.now - timedelta(days=days))
