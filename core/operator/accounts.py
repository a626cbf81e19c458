"""Operators as accounts: added, given a link for the password, switched off. From the command line alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from core.auth import totp
from core.auth.links import Links
from core.auth.passwords import hashed
from core.db.engine import Database
from core.db.ids import new_id
from core.errors import Conflict, Invalid, NotFound
from core.estate.sealing import Sealer
from core.i18n import msgid
from core.operator.realm import REALM, context
from core.people.credentials import login_of, wrong_login, wrong_password
from core.tenancy.context import SYSTEM
from core.work import Work

PASSWORD: Final = 14  # characters at least: these accounts reach further than any company's
LINK_FOR: Final = timedelta(hours=24)
PURPOSE: Final = "operator_password"
GONE: Final = msgid("This link is good no more. Have a new one made with `lodge operator link`.")


class OperatorLine(msgspec.Struct, frozen=True):
    """An operator as the command line lists them; `ready`: has password and second factor."""

    login: str
    name: str
    active: bool
    ready: bool
    seen_at: datetime | None


class _Linked(msgspec.Struct):
    id: UUID
    login: str


_ADD = """
INSERT INTO operator (company_id, id, login, name, link_id, link_until, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (company_id, login) DO NOTHING
"""
_LINK = """
UPDATE operator SET link_id = $3, link_until = $4, password_hash = NULL,
    secret_sealed = CASE WHEN $5 THEN NULL ELSE secret_sealed END,
    confirmed_at = CASE WHEN $5 THEN NULL ELSE confirmed_at END, recovery = CASE WHEN $5 THEN '{}' ELSE recovery END
WHERE company_id = $1 AND login = $2 RETURNING id
"""
_SWITCH = "UPDATE operator SET active = $3 WHERE company_id = $1 AND login = $2 RETURNING id"
_END = "UPDATE operator_session SET revoked_at = $3 WHERE company_id = $1 AND operator_id = $2 AND revoked_at IS NULL"
_LIST = """
SELECT login, name, active, password_hash IS NOT NULL AND confirmed_at IS NOT NULL,
       (SELECT max(used_at) FROM operator_session s WHERE s.company_id = $1 AND s.operator_id = o.id)
FROM operator o WHERE company_id = $1 ORDER BY login
"""
_SEALED = "SELECT id, secret_sealed FROM operator WHERE company_id = $1 AND login = $2"
_DEMO = """
INSERT INTO operator (company_id, id, login, name, password_hash, secret_sealed, confirmed_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
"""
_BY_LINK = """
SELECT id, login FROM operator WHERE company_id = $1 AND link_id = $2 AND link_until > $3 AND active
"""
_SET = """
UPDATE operator SET password_hash = $4, link_id = NULL, link_until = NULL
WHERE company_id = $1 AND id = $2 AND link_id = $3
"""


class OperatorAccounts:
    """One for the process; each step is a transaction of its own. `links` are the realm's, `public_url` where they
    lead."""

    def __init__(self, db: Database, links: Links, public_url: str, clock: Callable[[], datetime]) -> None:
        self._db, self._links, self._public_url, self._clock = db, links, public_url, clock

    async def add(self, login: str, name: str) -> str:
        """The link by which the new operator sets a password. Raises Invalid, Conflict for a login that is taken."""
        login, name, id, link_id = login_of(login), name.strip(), new_id(), new_id()
        if wrong := wrong_login(login):
            raise Invalid(fields=wrong)
        if not 0 < len(name) <= 60:
            raise Invalid.field("name", "Write at most {n} characters.", n=60)
        async with self._db.begin(REALM) as uow:
            work = Work(uow, context(SYSTEM), self._clock())
            until = work.now + LINK_FOR
            if not await uow.execute(_ADD, REALM, id, login, name, link_id, until, work.now):
                raise Conflict("There is an operator of that login name already.")
            work.audit("operator.added", "operator", id, {"login": login})
        return self._link(link_id)

    async def link(self, login: str, *, without_factor: bool = False) -> str:
        """A new link; the password before is good no more, and all sessions end. `without_factor`: the authenticator
        app is set up anew as well. Raises NotFound."""
        link_id = new_id()
        async with self._db.begin(REALM) as uow:
            work = Work(uow, context(SYSTEM), self._clock())
            until = work.now + LINK_FOR
            id: UUID | None = await uow.value(_LINK, REALM, login_of(login), link_id, until, without_factor)
            if id is None:
                raise NotFound("There is no operator of that login name.")
            await uow.execute(_END, REALM, id, work.now)
            work.audit("operator.link_made", "operator", id, {"second_factor": without_factor})
        return self._link(link_id)

    async def switch(self, login: str, *, on: bool) -> None:
        """On or off; sessions end with an account that is off. Raises NotFound."""
        async with self._db.begin(REALM) as uow:
            work = Work(uow, context(SYSTEM), self._clock())
            id: UUID | None = await uow.value(_SWITCH, REALM, login_of(login), on)
            if id is None:
                raise NotFound("There is no operator of that login name.")
            if not on:
                await uow.execute(_END, REALM, id, work.now)
            work.audit("operator.switched_on" if on else "operator.switched_off", "operator", id)

    async def demo(self, login: str, name: str, password: str, sealer: Sealer) -> str:
        """An operator who is ready, for the demo alone: the secret of their app, as it is typed. Made anew where there
        is none of that login; one that somebody has changed stays as it is."""
        async with self._db.begin(REALM) as uow:
            found = await uow.fetch_one(lambda id, sealed: (id, sealed), _SEALED, REALM, login)
            if found is not None:
                return totp.typed(sealer.unseal(REALM, *found)) if found[1] is not None else ""
            work, id, secret = Work(uow, context(SYSTEM), self._clock()), new_id(), totp.new_secret()
            sealed = sealer.seal(REALM, id, secret)
            await uow.execute(_DEMO, REALM, id, login, name, await hashed(password), sealed, work.now)
            work.audit("operator.added", "operator", id, {"login": login})
        return totp.typed(secret)

    async def all(self) -> list[OperatorLine]:
        """Every operator, by login name."""
        async with self._db.begin(REALM, read_only=True) as uow:
            return await uow.fetch(OperatorLine, _LIST, REALM)

    async def look(self, link: str, address: str) -> str:
        """The login name whose password the link sets. Raises NotFound for one that is good no more, TooMany."""
        return (await self._by_link(await self._read(link, address))).login

    async def set_password(self, link: str, password: str, address: str) -> None:
        """Set the password by the link, which is good no more after that. Raises NotFound, Invalid, TooMany."""
        link_id = await self._read(link, address)
        found = await self._by_link(link_id)
        if wrong := wrong_password(password, PASSWORD, found.login):
            raise Invalid(fields=wrong)
        encoded = await hashed(password)
        async with self._db.begin(REALM) as uow:
            work = Work(uow, context(SYSTEM), self._clock())
            if not await uow.execute(_SET, REALM, found.id, link_id, encoded):
                raise NotFound(GONE)
            await uow.execute(_END, REALM, found.id, work.now)
            work.audit("operator.password_set", "operator", found.id)

    async def _by_link(self, link_id: UUID) -> _Linked:
        async with self._db.begin(REALM, read_only=True) as uow:
            found = await uow.fetch_one(_Linked, _BY_LINK, REALM, link_id, self._clock())
        if found is None:
            raise NotFound(GONE)
        return found

    async def _read(self, link: str, address: str) -> UUID:
        try:
            return (await self._links.read(PURPOSE, link, address))[1]
        except NotFound:
            raise NotFound(GONE) from None

    def _link(self, link_id: UUID) -> str:
        return f"{self._public_url}/operator/password/{self._links.make(PURPOSE, REALM, link_id)}"
