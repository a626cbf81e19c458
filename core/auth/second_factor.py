"""Second factors: set up with an authenticator app, codes that serve once, recovery codes, switched off (AU-6)."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from core.auth import totp
from core.errors import Conflict, NotFound
from core.estate.sealing import Sealer
from core.work import Work

Factor = Literal["totp", "recovery"]


class Enrolment(msgspec.Struct, frozen=True):
    """What goes into the app: the secret to type, and the URI to scan. Shown until a code has confirmed it."""

    secret: str
    uri: str


class _Row(msgspec.Struct):
    secret_sealed: bytes
    confirmed_at: datetime | None


_BEGIN = """
INSERT INTO second_factor AS f (company_id, member_id, secret_sealed, begun_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (company_id, member_id) DO UPDATE SET secret_sealed = excluded.secret_sealed, begun_at = excluded.begun_at
    WHERE f.confirmed_at IS NULL
"""
_READ = """
SELECT secret_sealed, confirmed_at FROM second_factor WHERE company_id = $1 AND member_id = $2
"""
_CONFIRM = """
UPDATE second_factor SET confirmed_at = $3, last_step = $4, recovery = $5
WHERE company_id = $1 AND member_id = $2 AND confirmed_at IS NULL AND secret_sealed = $6
"""
# The row's lock decides between two processes that were given the same code: the second finds it used.
_SPEND = """
UPDATE second_factor SET last_step = $3
WHERE company_id = $1 AND member_id = $2 AND confirmed_at IS NOT NULL AND last_step < $3
"""
_SPEND_RECOVERY = """
UPDATE second_factor SET recovery = array_remove(recovery, $3)
WHERE company_id = $1 AND member_id = $2 AND confirmed_at IS NOT NULL AND $3 = ANY (recovery)
"""
_REMOVE = "DELETE FROM second_factor WHERE company_id = $1 AND member_id = $2 AND confirmed_at IS NOT NULL"


class SecondFactors:
    """One for the process. Callers commit, and count wrong codes (core/auth/guesses.py)."""

    def __init__(self, secret: bytes, *former: bytes) -> None:
        self._sealer = Sealer(secret, *former)
        self._key: Final = hmac.digest(secret, b"lodge recovery codes 1", "sha256")

    async def begin(self, work: Work, member_id: UUID, issuer: str, account: str) -> Enrolment:
        """A new secret, in the place of one that was never confirmed. Raises Conflict where there is a factor."""
        secret = totp.new_secret()
        sealed = self._sealer.seal(work.ctx.company_id, member_id, secret)
        if not await work.uow.execute(_BEGIN, work.ctx.company_id, member_id, sealed, work.now):
            raise Conflict("The second factor is on already. Switch it off before you set it up again.")
        work.audit("second_factor.begun", "membership", member_id)
        return Enrolment(totp.typed(secret), totp.uri(secret, issuer, account))

    async def begun(self, work: Work, member_id: UUID, issuer: str, account: str) -> Enrolment | None:
        """What waits to be confirmed, to be shown again; None for nothing."""
        row = await self._row(work, member_id)
        if row is None or row.confirmed_at is not None:
            return None
        secret = self._secret(work, member_id, row)
        return Enrolment(totp.typed(secret), totp.uri(secret, issuer, account))

    async def confirm(self, work: Work, member_id: UUID, given: str) -> list[str] | None:
        """The recovery codes, to be shown this once; None for a wrong code. From the commit on the factor is on."""
        row = await self._row(work, member_id)
        if row is None or row.confirmed_at is not None:
            return None
        step = totp.step_of(self._secret(work, member_id, row), totp.cleaned(given), work.now)
        if step is None:
            return None
        codes, hashes = self.new_recovery_codes(work, member_id)
        company_id = work.ctx.company_id
        if not await work.uow.execute(_CONFIRM, company_id, member_id, work.now, step, hashes, row.secret_sealed):
            return None
        work.audit("second_factor.switched_on", "membership", member_id)
        return codes

    async def spend(self, work: Work, member_id: UUID, given: str) -> Factor | None:
        """Use up a code of the app or a recovery code: which it was, None for one that is wrong or was used (AU-6)."""
        code = totp.cleaned(given)
        if len(code) != totp.DIGITS:
            used = self._hash(work, member_id, code)
            if not await work.uow.execute(_SPEND_RECOVERY, work.ctx.company_id, member_id, used):
                return None
            work.audit("second_factor.recovery_code_used", "membership", member_id)
            return "recovery"
        row = await self._row(work, member_id)
        if row is None:
            return None
        step = totp.step_of(self._secret(work, member_id, row), code, work.now)
        if step is None or not await work.uow.execute(_SPEND, work.ctx.company_id, member_id, step):
            return None
        return "totp"

    def spends(self, work: Work, member_id: UUID, sealed: bytes, given: str) -> tuple[int | None, bytes]:
        """What a code would use up if it was right: a time step of the app's (None: of none), or a recovery code."""
        code = totp.cleaned(given)
        secret = self._sealer.unseal(work.ctx.company_id, member_id, sealed)
        return totp.step_of(secret, code, work.now), self._hash(work, member_id, code)

    def new_recovery_codes(self, work: Work, member_id: UUID) -> tuple[list[str], list[bytes]]:
        """Codes and the hashes to store."""
        codes = totp.new_recovery_codes()
        return codes, [self._hash(work, member_id, code) for code in codes]

    async def remove(self, work: Work, member_id: UUID) -> None:
        """For a member who has lost telephone and recovery codes: the password is enough again, unless the company asks
        for more. Raises NotFound where there is no factor."""
        if not await work.uow.execute(_REMOVE, work.ctx.company_id, member_id):
            raise NotFound
        work.audit("second_factor.switched_off", "membership", member_id)

    async def _row(self, work: Work, member_id: UUID) -> _Row | None:
        return await work.uow.fetch_one(_Row, _READ, work.ctx.company_id, member_id)

    def _secret(self, work: Work, member_id: UUID, row: _Row) -> bytes:
        return self._sealer.unseal(work.ctx.company_id, member_id, row.secret_sealed)

    def _hash(self, work: Work, member_id: UUID, code: str) -> bytes:
        """Keyed, as a recovery code is short enough to be found from a plain hash; a member's own."""
        about = work.ctx.company_id.bytes + member_id.bytes + totp.cleaned(code).encode()
        return hmac.digest(self._key, about, "sha256")
