"""Passwords set anew: by a link that is good once, or by whoever knows the present one (AU-7).

Who asks for a link without being signed in gets one answer, whether the login is known or not, before anything is
looked up. A password is the same in every company, so a new one ends the person's sessions in all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from core.auth import guesses
from core.auth.links import Links
from core.auth.passwords import hashed, verify_password
from core.auth.sign_in import GUESSES, account_key
from core.db.engine import Database
from core.db.ids import new_id
from core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from core.notify.service import Notices
from core.people import letters, repository
from core.people.credentials import login_of, wrong_password
from core.people.joining import GONE
from core.people.letters import RESET, Letters
from core.people.service import BEYOND, People
from core.policies.service import Policies
from core.policies.sign_in import SIGN_IN
from core.tenancy.context import SYSTEM, Actor, TenantContext
from core.tenancy.directory import Company, Directory
from core.work import Work

GOOD_FOR: Final = timedelta(minutes=30)
ASKED, ASKED_FROM = 3, 20  # links asked for by a login, and from an address, within the window


class ResetLink(msgspec.Struct, frozen=True):
    """A link to hand over, good once."""

    link: str
    expires_at: datetime


class Resetting(msgspec.Struct, frozen=True):
    """Whose password a link sets, and how many characters it is to have."""

    login: str
    password_length: int


class _Candidate(msgspec.Struct):
    person_id: UUID
    password_hash: str
    company_id: UUID
    membership_id: UUID
    company_name: str


class _Account(msgspec.Struct):
    login: str
    password_hash: str
    company_id: UUID
    membership_id: UUID
    company_name: str


class _Ended(msgspec.Struct):
    """A membership of the person's, and how many of its sessions have ended."""

    company_id: UUID
    membership_id: UUID
    name: str
    sessions: int


_CANDIDATES = "SELECT * FROM sign_in_candidates($1)"
_ISSUE = """
INSERT INTO password_reset (company_id, id, membership_id, issued_by, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_OPEN = """
SELECT a.login FROM password_reset r CROSS JOIN LATERAL account_of_member(r.membership_id) a
JOIN membership m ON m.company_id = r.company_id AND m.id = r.membership_id AND m.active
WHERE r.company_id = $1 AND r.id = $2 AND r.used_at IS NULL AND r.expires_at > $3
    AND (r.issued_by IS NULL OR NOT a.elsewhere)
"""
_USE = "SELECT company_id, membership_id, name, ended FROM use_password_reset($1, $2, $3, $4)"
_OWN = "SELECT login, password_hash, company_id, membership_id, company_name FROM own_account()"
_PERSON = "SELECT person_id FROM membership WHERE company_id = $1 AND id = $2"
_CHANGE_OWN = "SELECT company_id, membership_id, name, ended FROM change_own_password($1, $2, $3, $4)"


class Passwords:
    """The service of passwords that are set anew; one for the process."""

    def __init__(
        self,
        db: Database,
        links: Links,
        directory: Directory,
        policies: Policies,
        people: People,
        notices: Notices,
        letters: Letters,
        clock: Callable[[], datetime],
    ) -> None:
        self._db, self._links, self._directory, self._policies = db, links, directory, policies
        self._people, self._notices, self._letters, self._clock = people, notices, letters, clock

    # -- by a link --------------------------------------------------------------------------------------------------

    async def ask(self, login: str, address: str) -> bool:
        """Count that a link is asked for; whether one may be sent. Raises TooMany for an address that asks for many."""
        by, now = guesses.key("reset", login_of(login)), self._clock()
        async with self._db.begin(None) as uow:
            asked, asked_from = await guesses.count(uow, by, now), guesses.key("reset from", address)
            many = await guesses.count(uow, asked_from, now) > ASKED_FROM
        if many:
            raise TooMany(headers={"Retry-After": str(int(guesses.WINDOW.total_seconds()))})
        return asked <= ASKED

    async def send(self, login: str) -> None:
        """Mail a link to the person, where they have an address that they have confirmed. Tells nobody whether."""
        async with self._db.begin(None, read_only=True) as uow:
            candidates = await uow.fetch(_Candidate, _CANDIDATES, login_of(login))
        for found in candidates if self._notices.mail else ():
            company = await self._directory.company(found.company_id)
            async with self._db.begin(found.company_id) as uow:
                work = Work(uow, TenantContext(found.company_id, frozenset(), SYSTEM), self._clock())
                contacts = await self._notices.contacts_of(work, found.membership_id)
                if company is None or not contacts.reachable.email:
                    continue
                id = await self._issue(work, found.membership_id)
                site = next((s.id for s in company.sites), None)
                await letters.queue(work, RESET, str(id), site)
                work.audit("person.reset_asked", "person", found.membership_id)
                return

    async def issue(self, work: Work, company: Company, member_id: UUID) -> ResetLink:
        """A link that an administrator hands over. Raises NotFound, Forbidden for somebody who may do more (AZ-4), and
        Conflict for somebody who works elsewhere too: one company's administrators open no account of another's."""
        if work.ctx.actor.member_id is None:
            raise Forbidden  # it is to be somebody's word
        member = await self._people.get(work, company, member_id)
        if not self._people.may_hold(work, company, member.roles):
            raise Forbidden(BEYOND)
        account = await repository.account(work.uow, member_id)
        if account is None or account.elsewhere:
            raise Conflict(
                "They work for another company too, so they set their password by mail, or by the present one."
            )
        if not member.active:
            raise Conflict("This account is off. Switch it on first.")
        id = await self._issue(work, member_id)
        work.audit("person.reset_issued", "person", member_id)
        return ResetLink(self._letters.reset_link(company.id, id), work.now + GOOD_FOR)

    async def look(self, link: str, address: str) -> Resetting:
        """Whose password the link sets. Raises NotFound for one that is good no more, TooMany."""
        return await self._look(*await self._read(link, address))

    async def use(self, link: str, password: str, address: str) -> None:
        """Set the password by the link, which is good no more after that; the person is signed out everywhere.

        Raises NotFound for one that is good no more, Invalid naming what is wrong with the password, TooMany.
        """
        company_id, id = await self._read(link, address)
        found = await self._look(company_id, id)
        if wrong := wrong_password(password, found.password_length, found.login):
            raise Invalid(fields=wrong)
        encoded, now = await hashed(password), self._clock()
        async with self._db.begin(company_id) as uow:
            ended = await uow.fetch(_Ended, _USE, company_id, id, encoded, now)
            if not ended:
                raise NotFound(GONE)
            here = next(each for each in ended if each.company_id == company_id)
            _record(Work(uow, _member(here), now), here, "person.password_reset")
        await self.tell(ended, company_id)

    # -- one's own --------------------------------------------------------------------------------------------------

    async def change(self, work: Work, present: str, new: str, session_id: UUID | None) -> list[_Ended] | None:
        """Change one's own password; all other sessions end. None for a wrong present one: it is counted, so the caller
        has to commit then too. Once committed, `tell` whose sessions have ended.

        Raises Invalid naming what is wrong with the new one, Forbidden for a token, TooMany.
        """
        member_id = work.ctx.actor.id
        if work.ctx.actor.kind != "person" or member_id is None:
            raise Forbidden("An API token has no password.")
        account = await work.uow.fetch_one(_Account, _OWN)
        if account is None:
            raise Forbidden
        rules = await self._policies.value(work, SIGN_IN, None)
        if wrong := wrong_password(new, rules.password_length, account.login):
            raise Invalid(fields=wrong)
        person_id: UUID = await work.uow.value(_PERSON, work.ctx.company_id, member_id)
        counted = account_key(person_id)
        if await guesses.count(work.uow, counted, work.now) > GUESSES:
            raise TooMany(headers={"Retry-After": str(int(guesses.WINDOW.total_seconds()))})
        if not await verify_password(account.password_hash, present):
            work.audit("person.password_refused", "person", member_id)
            return None
        await guesses.forgive(work.uow, counted)
        encoded = await hashed(new)
        ended = await work.uow.fetch(_Ended, _CHANGE_OWN, account.password_hash, encoded, session_id, work.now)
        if not ended:
            raise Conflict  # somebody else has just changed it
        here = next(each for each in ended if each.company_id == work.ctx.company_id)
        _record(work, here, "person.password_changed")
        return ended

    async def tell(self, ended: list[_Ended], but: UUID) -> None:
        """Have the person's other companies record that sessions have ended, and every process forget them."""
        for each in ended:
            if each.company_id != but and each.sessions:
                async with self._db.begin(each.company_id) as uow:
                    _record(Work(uow, _member(each), self._clock()), each, "session.revoked")

    async def _issue(self, work: Work, member_id: UUID) -> UUID:
        id = new_id()
        by = work.ctx.actor.member_id
        await work.uow.execute(_ISSUE, work.ctx.company_id, id, member_id, by, work.now, work.now + GOOD_FOR)
        return id

    async def _read(self, link: str, address: str) -> tuple[UUID, UUID]:
        try:
            return await self._links.read(RESET, link, address)
        except NotFound:
            raise NotFound(GONE) from None

    async def _look(self, company_id: UUID, id: UUID) -> Resetting:
        async with self._db.begin(company_id, read_only=True) as uow:
            work = Work(uow, TenantContext(company_id, frozenset(), SYSTEM), self._clock())
            login: str | None = await uow.value(_OPEN, company_id, id, work.now)
            if login is None:
                raise NotFound(GONE)
            rules = await self._policies.value(work, SIGN_IN, None)
        return Resetting(login, rules.password_length)


def _member(of: _Ended) -> TenantContext:
    return TenantContext(of.company_id, frozenset(), Actor("person", of.membership_id, of.name))


def _record(work: Work, ended: _Ended, action: str) -> None:
    work.audit(action, "person", ended.membership_id, {"sessions": ended.sessions})
    work.announce("access", None)
