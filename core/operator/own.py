"""What operators see of their own signing in: sessions that go on, what was tried. Callers commit."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from core.auth.account import Outcome, SessionLine
from core.auth.second_factor import Factor
from core.errors import NotFound
from core.operator.realm import REALM
from core.operator.sign_in import IDLE, SignedOperator
from core.work import Work

HISTORY: Final = 50  # the latest attempts
_SESSIONS = """
SELECT id, user_agent, network, created_at, used_at, expires_at FROM operator_session
WHERE company_id = $1 AND operator_id = $2 AND revoked_at IS NULL AND expires_at > $3 AND used_at > $4
ORDER BY used_at DESC, id LIMIT 100
"""
_HISTORY = """
SELECT id, at, outcome, factor, network, user_agent FROM operator_sign_in
WHERE company_id = $1 AND operator_id = $2 ORDER BY id DESC LIMIT $3
"""
_END = """
UPDATE operator_session SET revoked_at = $4
WHERE company_id = $1 AND operator_id = $2 AND id = $3 AND revoked_at IS NULL
"""
_END_OTHERS = """
UPDATE operator_session SET revoked_at = $4
WHERE company_id = $1 AND operator_id = $2 AND id <> $3 AND revoked_at IS NULL
"""


class Attempt(msgspec.Struct, frozen=True):
    """An attempt to sign in. `factor` is the second one that was given with success."""

    id: UUID
    at: datetime
    outcome: Outcome
    factor: Factor | Literal[""]
    network: str
    user_agent: str


async def sessions(work: Work, operator: SignedOperator) -> list[SessionLine]:
    """One's own that go on, the latest used first."""
    return await work.uow.fetch(SessionLine, _SESSIONS, REALM, operator.id, work.now, work.now - IDLE)


async def history(work: Work, operator: SignedOperator) -> list[Attempt]:
    """One's own latest attempts to sign in, the newest first."""
    return await work.uow.fetch(Attempt, _HISTORY, REALM, operator.id, HISTORY)


async def end(work: Work, operator: SignedOperator, session_id: UUID) -> None:
    """End one of one's own; its token, and what it has entered, are closed. Raises NotFound."""
    if not await work.uow.execute(_END, REALM, operator.id, session_id, work.now):
        raise NotFound
    work.audit("session.revoked", "session", session_id, {"reason": "signed out"})


async def end_others(work: Work, operator: SignedOperator) -> int:
    """End all but the one that asks; how many."""
    ended = await work.uow.execute(_END_OTHERS, REALM, operator.id, operator.session_id, work.now)
    work.audit("session.revoked", "operator", operator.id, {"sessions": ended})
    return ended
