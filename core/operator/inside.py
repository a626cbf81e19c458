"""Whoever has entered a company by an access: what they may there, and a line on record for all that they look at."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from core.auth.permissions import PermissionRegistry
from core.auth.principals import Principal
from core.auth.tokens import StoredSecret, read_stored
from core.db.engine import Database
from core.errors import Forbidden, Unauthenticated
from core.i18n import msgid
from core.operator.access import INSIDE
from core.operator.realm import KIND
from core.operator.sign_in import OperatorSignIn
from core.remembered import Remembered
from core.tenancy.context import Actor, TenantContext
from core.tenancy.directory import KEEP, Directory
from core.work import Work

REVEAL: Final = ".reveal"  # how permissions end that show what is masked
READ_ONLY: Final = msgid("You have entered to read only. Ask for an access with a role if something has to be changed.")
OWN_AFFAIRS: Final = msgid("This is for people who work here.")
_AGAIN: Final = timedelta(minutes=5)  # for so long parts of a page belong to the line of the page
_SHOWS_NOTHING: Final = frozenset({"/live", "/notifications/bell"})
_MOST: Final = 10_000
_OPEN = """
SELECT token_hash, session_id, operator_name, role, reveal, until FROM operator_access
WHERE company_id = $1 AND id = $2 AND state = 'open' AND until > $3 AND token_hash IS NOT NULL
"""


class _Row(msgspec.Struct):
    token_hash: bytes
    session_id: UUID
    operator_name: str
    role: str
    reveal: bool
    until: datetime


class Inside:
    """One for the process. An access that has ended opens nothing at once here, within `KEEP` where news was lost."""

    def __init__(
        self,
        db: Database,
        directory: Directory,
        permissions: PermissionRegistry,
        sign_in: OperatorSignIn,
        clock: Callable[[], datetime],
    ) -> None:
        self._db, self._directory, self._permissions = db, directory, permissions
        self._sign_in, self._clock = sign_in, clock
        self._known: Remembered[str, Principal] = Remembered(1024)
        self.forget = self._known.forget
        self._noted: dict[tuple[UUID, str], datetime] = {}

    async def principal(self, token: str) -> Principal:
        """Who has entered by that token. Raises Unauthenticated once the access or the session has ended."""
        stored, now = read_stored(INSIDE, token), self._clock()
        known = self._known.get(stored.company_id, token, now)
        if known is None:
            since = self._known.changes
            known, until = await self._read(stored)
            self._known.keep(stored.company_id, token, known, min(now + KEEP, until), since=since)
        return known

    def refuse(self, principal: Principal, permission: str | None, *, leaves: bool) -> None:
        """For a request that changes something: raise Forbidden unless the access is for that."""
        visit = principal.visit
        if visit is None or leaves:
            return
        if permission is None:
            raise Forbidden(OWN_AFFAIRS)
        if not visit.role and not permission.endswith(REVEAL):
            raise Forbidden(READ_ONLY)

    async def note(self, principal: Principal, method: str, path: str, request_id: str, *, part: bool) -> None:
        """Put on record what is asked for, before it is answered. `part`: the request says that it is for a part of a
        page; it is on record with that page where it is of the same address, or of the same row."""
        now, access_id = self._clock(), principal.actor.id
        if access_id is None or path in _SHOWS_NOTHING or (part and self._covered(access_id, path, now)):
            return
        if len(self._noted) >= _MOST:
            self._noted.clear()
        self._noted[access_id, path] = now
        ctx = TenantContext(principal.company.id, frozenset(), principal.actor, request_id=request_id)
        async with self._db.begin(principal.company.id) as uow:
            work = Work(uow, ctx, now)
            work.audit("operator_access.looked" if method in ("GET", "HEAD") else "operator_access.did", "page", path)

    def _covered(self, access_id: UUID, path: str, now: datetime) -> bool:
        """Whether a line of the last minutes is of that path, or of the page of the row that it names last."""
        parts = path.split("/")
        row = max((n for n, part in enumerate(parts, 1) if any(map(str.isdigit, part))), default=len(parts))
        lines = (self._noted.get((access_id, each)) for each in (path, "/".join(parts[:row])))
        return any(noted is not None and now - noted < _AGAIN for noted in lines)

    async def _read(self, stored: StoredSecret) -> tuple[Principal, datetime]:
        company = await self._directory.company(stored.company_id)
        async with self._db.begin(stored.company_id, read_only=True) as uow:
            row = await uow.fetch_one(_Row, _OPEN, stored.company_id, stored.id, self._clock())
        if company is None or row is None or not hmac.compare_digest(row.token_hash, stored.hash):
            raise Unauthenticated
        visit = next((visit for visit in company.visits if visit.id == stored.id), None)
        if visit is None or not await self._sign_in.stands(row.session_id):
            raise Unauthenticated
        held = self._permissions.of_roles([row.role or "admin"]) - self._permissions.own
        if not row.reveal:
            held = frozenset(permission for permission in held if not permission.endswith(REVEAL))
        principal = Principal(
            company=company,
            actor=Actor(KIND, stored.id, row.operator_name),
            permissions=held,
            sites=company.sites,
            session_id=stored.id,
            visit=visit,
        )
        return principal, row.until
