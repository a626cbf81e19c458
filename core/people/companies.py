"""Somebody who works for several companies goes from one to another without the password again.

A pass of the kind that the right password gives is what proves who they are, so the other company asks at its door for
what it asks for besides (a second factor), and opens a session of its own. Whom a company's identity provider let in
gets none: what one company says of somebody opens no other. Callers commit.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from core.auth.halfway import Passes
from core.auth.sign_in import end_session
from core.errors import Forbidden, NotFound
from core.work import Work


class OtherCompany(msgspec.Struct, frozen=True):
    """A company that the person works for besides."""

    company_id: UUID
    company: str


class _Account(msgspec.Struct):
    login: str
    password_hash: str
    company_id: UUID
    company_name: str


_OWN = "SELECT login, password_hash, company_id, company_name FROM own_account()"
_BY_PROVIDER = "SELECT by_provider FROM session WHERE company_id = $1 AND id = $2"


class Companies:
    """The companies of one person; one for the process."""

    def __init__(self, secret: bytes) -> None:
        self._passes = Passes(secret)

    async def others(self, work: Work) -> list[OtherCompany]:
        """Where else the reader works, by name; nowhere for a token."""
        return [OtherCompany(account.company_id, account.company_name) for account in await self._accounts(work)]

    async def pass_for(self, work: Work, session_id: UUID | None) -> str:
        """What opens the way to their other companies for the next minutes; '' where there are none, or no password."""
        found = await self._accounts(work)
        if not found or session_id is None or await work.uow.value(_BY_PROVIDER, work.ctx.company_id, session_id):
            return ""
        return self._passes.make(found[0].login, found[0].password_hash, work.now)

    async def leave(self, work: Work, company_id: UUID, session_id: UUID | None) -> str:
        """End the session here, to go on there: the pass, '' where no password was given for this session. Raises
        NotFound for a company they do not work for, Forbidden for a token."""
        if session_id is None:
            raise Forbidden("An API token belongs to one company.")
        found = next((each for each in await self._accounts(work) if each.company_id == company_id), None)
        if found is None:
            raise NotFound
        if await end_session(work, session_id, "went to another company"):
            return ""
        return self._passes.make(found.login, found.password_hash, work.now)

    async def _accounts(self, work: Work) -> list[_Account]:
        if work.ctx.actor.kind != "person":
            return []
        found = await work.uow.fetch(_Account, _OWN)
        return [account for account in found if account.company_id != work.ctx.company_id]
