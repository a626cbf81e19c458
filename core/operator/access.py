"""Entering a company: asked for with a reason, told or agreed to, ended by time, by the company or by who entered.

An open access is a row of the company's own: its people see it, and nothing of the realm can be added to it. What is
done by either side is on record with both.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from core.auth.permissions import ROLES, PermissionRegistry
from core.auth.tokens import make_stored
from core.db.ids import new_id
from core.errors import Conflict, Invalid, NotFound
from core.hooks.types import Event, NoticeSpec
from core.i18n import msgid
from core.operator.realm import REALM
from core.operator.sign_in import SignedOperator
from core.policies.operator_access import LONGEST, MANAGE, OPERATOR_ACCESS
from core.policies.service import Policies
from core.work import Work

INSIDE: Final = "lodgei"  # the prefix of tokens of an access, not a secret
ANSWER_IN: Final = timedelta(hours=24)  # a request that nobody answers lapses
PAGE: Final = "/admin/operator-access"
SHORTEST: Final = 10  # characters of a reason
State = Literal["asked", "open", "refused", "ended"]
EndedBy = Literal["", "time", "company", "operator"]

_TOLD: Final = {
    "asked": msgid("Whoever operates the platform asks to enter. Agree or refuse."),
    "opened": msgid("Whoever operates the platform has entered. See why and until when; you can end it at once."),
    "ended": msgid("The access of the platform's operator has ended. See what was looked at."),
}
NOTICES: Final = tuple(
    NoticeSpec(event=f"operator.access_{what}.v1", to="members", text=text, page=PAGE, severity="urgent")
    for what, text in _TOLD.items()
)


class NewAccess(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for. `role` is that of the company whose permissions are needed, '' to read alone; `reveal`: masked
    data may be revealed too, each time with a reason; `hours` are counted from the moment it is open."""

    reason: Annotated[str, msgspec.Meta(min_length=SHORTEST, max_length=500)]
    case_ref: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    hours: Annotated[int, msgspec.Meta(ge=1, le=LONGEST)]
    role: Annotated[str, msgspec.Meta(max_length=40)] = ""
    reveal: bool = False


class Access(msgspec.Struct, frozen=True):
    """A grant as both sides see it."""

    company_id: UUID
    id: UUID
    operator_id: UUID
    operator_name: str
    reason: str
    case_ref: str
    role: str
    reveal: bool
    hours: int
    state: State
    asked_at: datetime
    opened_at: datetime | None
    until: datetime | None
    ended_at: datetime | None
    ended_by: EndedBy


COLUMNS: Final = (
    "company_id, id, operator_id, operator_name, reason, case_ref, role, reveal, hours, state, asked_at, opened_at, "
    "until, ended_at, ended_by"
)
_LIST = f"SELECT {COLUMNS} FROM operator_access WHERE company_id = $1 ORDER BY id DESC LIMIT 100"  # noqa: S608
_ONE = f"SELECT {COLUMNS} FROM operator_access WHERE company_id = $1 AND id = $2"  # noqa: S608
_ASK = """
WITH asked AS (
    INSERT INTO operator_access (company_id, id, operator_id, operator_name, reason, case_ref, role, reveal, hours,
                                 state, asked_at, opened_at, until, decided_by_name, ended_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', '')
)
INSERT INTO operator_access_due (company_id, access_id, due_at) VALUES ($1, $2, $14)
"""
_CONSENT = """
WITH opened AS (
    UPDATE operator_access SET state = 'open', opened_at = $3, until = $3::timestamptz + make_interval(hours => hours),
        decided_by = $4, decided_by_name = $5
    WHERE company_id = $1 AND id = $2 AND state = 'asked' RETURNING id, until
)
UPDATE operator_access_due d SET due_at = o.until FROM opened o WHERE d.company_id = $1 AND d.access_id = o.id
"""
_REFUSE = """
UPDATE operator_access SET state = 'refused', ended_at = $3, decided_by = $4, decided_by_name = $5
WHERE company_id = $1 AND id = $2 AND state = 'asked'
"""
_END = """
UPDATE operator_access SET state = 'ended', ended_at = $3, ended_by = $4, token_hash = NULL
WHERE company_id = $1 AND id = $2 AND state IN ('asked', 'open')
"""
_DONE = "DELETE FROM operator_access_due WHERE company_id = $1 AND access_id = $2"
_ENTER = """
UPDATE operator_access SET token_hash = $4, session_id = $5
WHERE company_id = $1 AND id = $2 AND operator_id = $3 AND state = 'open' AND until > $6
"""
_THERE = "SELECT EXISTS (SELECT FROM company WHERE company_id = $1)"
_KEEPERS = """
SELECT (SELECT s.id FROM site s WHERE s.company_id = $1 AND (m.all_sites OR s.id = ANY (m.site_ids))
        ORDER BY s.slug LIMIT 1), m.id
FROM membership m WHERE m.company_id = $1 AND m.active AND (m.roles && $2 OR EXISTS (
    SELECT FROM role r WHERE r.company_id = $1 AND r.key = ANY (m.roles) AND $3 = ANY (r.permissions)))
"""


class Accesses:
    """One for the process. Callers commit."""

    def __init__(self, policies: Policies, permissions: PermissionRegistry) -> None:
        self._policies, self._permissions = policies, permissions

    # -- the operator's side: `work` is of the realm ------------------------------------------------------------------

    async def ask(self, work: Work, operator: SignedOperator, company_id: UUID, new: NewAccess) -> Access:
        """Open an access, or ask for it where the company wants to be asked first. Raises NotFound, Invalid, and
        Conflict where the operator has one there already: none is made longer."""
        if new.role and new.role not in ROLES:
            raise Invalid.field("role", "There is no such role.")
        if len(new.reason.strip()) < SHORTEST or not new.case_ref.strip():
            raise Invalid.field("reason", "Say why in {least} characters or more, and for which case.", least=SHORTEST)
        id = new_id()
        async with work.within(company_id) as there:
            if not await there.uow.value(_THERE, company_id):
                raise NotFound
            rules = await self._policies.value(there, OPERATOR_ACCESS, None)
            if new.hours > rules.longest_hours:
                raise Invalid.field("hours", "The company allows {n} hours at most.", n=rules.longest_hours)
            opened = rules.consent == "told"
            until = there.now + timedelta(hours=new.hours) if opened else None
            try:
                async with there.savepoint():
                    await there.uow.execute(
                        _ASK,
                        company_id,
                        id,
                        operator.id,
                        operator.name,
                        new.reason.strip(),
                        new.case_ref.strip(),
                        new.role,
                        new.reveal,
                        new.hours,
                        "open" if opened else "asked",
                        there.now,
                        there.now if opened else None,
                        until,
                        until or there.now + ANSWER_IN,
                    )
            except asyncpg.UniqueViolationError:
                raise Conflict("You have an access here already. End it before you ask for another.") from None
            what = "opened" if opened else "asked"
            told = {"reason": new.reason.strip(), "case": new.case_ref.strip(), "hours": new.hours, "role": new.role}
            there.audit(f"operator_access.{what}", "operator_access", id, {**told, "reveal": new.reveal})
            await self._tell(there, what, id)
            there.announce("access", None)
            found = await self.get(there, id)
        work.audit(f"operator_access.{what}", "operator_access", id, {**told, "company": str(company_id)})
        return found

    async def enter(self, work: Work, operator: SignedOperator, company_id: UUID, access_id: UUID) -> str:
        """A token by which the operator's own open access is used, in the place of any before; it ends with the session
        that asks. Raises NotFound."""
        token, token_hash = make_stored(INSIDE, company_id, access_id)
        async with work.within(company_id) as there:
            session_id = operator.session_id
            if not await there.uow.execute(
                _ENTER, company_id, access_id, operator.id, token_hash, session_id, there.now
            ):
                raise NotFound
            there.audit("operator_access.entered", "operator_access", access_id)
            there.announce("access", None)
        work.audit("operator_access.entered", "operator_access", access_id, {"company": str(company_id)})
        return token

    async def give_back(self, work: Work, operator: SignedOperator, company_id: UUID, access_id: UUID) -> None:
        """End one's own access, or take the request back. Raises NotFound."""
        async with work.within(company_id) as there:
            found = await self.get(there, access_id)
            if found.operator_id != operator.id:
                raise NotFound
            await self._end(there, access_id, "operator")
        work.audit("operator_access.ended", "operator_access", access_id, {"company": str(company_id)})

    # -- the company's side --------------------------------------------------------------------------------------------

    async def all(self, work: Work) -> list[Access]:
        """Those of the company, present and past, the newest first."""
        return await work.uow.fetch(Access, _LIST, work.ctx.company_id)

    async def get(self, work: Work, access_id: UUID) -> Access:
        """One of the company's. Raises NotFound."""
        found = await work.uow.fetch_one(Access, _ONE, work.ctx.company_id, access_id)
        if found is None:
            raise NotFound
        return found

    async def consent(self, work: Work, access_id: UUID) -> None:
        """Let the operator in; the hours count from now. Raises NotFound, Conflict where nothing is asked any more."""
        await self._decide(work, access_id, _CONSENT, "opened")

    async def refuse(self, work: Work, access_id: UUID) -> None:
        """Keep the operator out. Raises NotFound, Conflict where nothing is asked any more."""
        await self._decide(work, access_id, _REFUSE, "refused")
        await work.uow.execute(_DONE, work.ctx.company_id, access_id)

    async def end(self, work: Work, access_id: UUID, by: EndedBy = "company") -> None:
        """End it at once, in every process. Raises NotFound, Conflict where it has ended."""
        await self.get(work, access_id)
        await self._end(work, access_id, by)
        await self._record(work, access_id, "operator_access.ended")

    async def lapse(self, work: Work, access_id: UUID) -> None:
        """Its time is over: record that, and tell. Nothing where it has ended already."""
        try:
            await self._end(work, access_id, "time")
        except Conflict:
            await work.uow.execute(_DONE, work.ctx.company_id, access_id)
        else:
            await self._record(work, access_id, "operator_access.ended")

    async def _decide(self, work: Work, access_id: UUID, sql: str, what: str) -> None:
        await self.get(work, access_id)
        company_id, actor = work.ctx.company_id, work.ctx.actor
        if not await work.uow.execute(sql, company_id, access_id, work.now, actor.id, actor.name):
            raise Conflict("This was decided already, or the request has lapsed.")
        work.audit(f"operator_access.{what}", "operator_access", access_id)
        if what == "opened":
            await self._tell(work, what, access_id)
        work.announce("access", None)
        await self._record(work, access_id, f"operator_access.{what}")

    async def _end(self, work: Work, access_id: UUID, by: EndedBy) -> None:
        company_id = work.ctx.company_id
        if not await work.uow.execute(_END, company_id, access_id, work.now, by):
            raise Conflict("This access has ended already.")
        await work.uow.execute(_DONE, company_id, access_id)
        work.audit("operator_access.ended", "operator_access", access_id, {"by": by})
        await self._tell(work, "ended", access_id)
        work.announce("access", None)

    async def _record(self, work: Work, access_id: UUID, action: str) -> None:
        """With the realm as well: what a company does about an access."""
        async with work.within(REALM) as realm:
            realm.audit(action, "operator_access", access_id, {"company": str(work.ctx.company_id)})

    async def _tell(self, work: Work, what: str, access_id: UUID) -> None:
        """Have everybody told who looks after this at the company."""
        roles = sorted(self._permissions.roles_of(MANAGE))
        keepers: defaultdict[UUID, list[str]] = defaultdict(list)
        for site_id, member_id in await work.uow.fetch(lambda *row: row, _KEEPERS, work.ctx.company_id, roles, MANAGE):
            if site_id is not None:
                keepers[site_id].append(str(member_id))
        for site_id, members in keepers.items():
            work.emit(Event(f"operator.access_{what}.v1", site_id, access_id, {"members": ",".join(members)}))
