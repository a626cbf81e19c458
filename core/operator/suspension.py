"""Suspending a company, and opening it again: nobody who works there comes in, what is due goes on.

Residents' links, timers, messages and jobs go on: what was promised is owed whether or not the company has paid, and a
company that is opened again finds no hole.
"""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import msgspec

from core.errors import Conflict, NotFound
from core.i18n import msgid
from core.work import Work

SHORTEST, LONGEST = 10, 500  # characters of a reason
REASON: Final = msgid("Say why in {least} characters or more: the company reads it.")
_SUSPEND = "UPDATE company SET suspended_at = $2 WHERE company_id = $1 AND suspended_at IS NULL"
_REOPEN = "UPDATE company SET suspended_at = NULL WHERE company_id = $1 AND suspended_at IS NOT NULL"
_END = "UPDATE session SET revoked_at = $2 WHERE company_id = $1 AND revoked_at IS NULL AND expires_at > $2"
_THERE = "SELECT EXISTS (SELECT FROM company WHERE company_id = $1)"


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the operator does something to a company; on record there as well."""

    reason: Annotated[str, msgspec.Meta(min_length=SHORTEST, max_length=LONGEST)]


async def suspend(work: Work, company_id: UUID, reason: str) -> int:
    """End every session and shut the door; how many sessions have ended. On record with the realm and the company.
    Raises NotFound, Conflict where it is suspended already."""
    async with work.within(company_id) as there:
        if not await there.uow.execute(_SUSPEND, company_id, there.now):
            raise await _refusal(there, "The company is suspended already.")
        ended = await there.uow.execute(_END, company_id, there.now)
        there.audit("company.suspended", "company", company_id, {"reason": reason, "sessions": ended})
        there.announce("access", None)
    work.audit("company.suspended", "company", company_id, {"reason": reason, "sessions": ended})
    return ended


async def reopen(work: Work, company_id: UUID, reason: str) -> None:
    """Let its people sign in again. Raises NotFound, Conflict where it is open."""
    async with work.within(company_id) as there:
        if not await there.uow.execute(_REOPEN, company_id):
            raise await _refusal(there, "The company is open.")
        there.audit("company.reopened", "company", company_id, {"reason": reason})
        there.announce("access", None)
    work.audit("company.reopened", "company", company_id, {"reason": reason})


async def _refusal(there: Work, standing: str) -> NotFound | Conflict:
    return Conflict(standing) if await there.uow.value(_THERE, there.ctx.company_id) else NotFound()
