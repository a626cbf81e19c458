"""Invitations as administrators keep them: made, handed over or mailed, made anew, taken back. Callers commit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from core.auth.posts import Post, read_posts, write_posts
from core.db.ids import new_id
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.estate.sealing import Sealer
from core.notify.model import Email
from core.notify.service import is_email
from core.people import letters, repository
from core.people.letters import INVITATION, Letters
from core.people.model import Place
from core.people.service import BEYOND, People, reach_of
from core.policies.accounts import ACCOUNTS
from core.policies.service import Policies
from core.tenancy.directory import Company
from core.work import Work

State = Literal["open", "expired", "joined", "revoked"]


class NewInvitation(Place, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody is to be, and where the link is mailed to; without an address it is handed over."""

    email: Email = ""


class Invitation(msgspec.Struct, frozen=True):
    """Somebody asked to work for the company. `invited_by` is a name; `mailed_at`: when its link was last mailed."""

    id: UUID
    name: str
    staff_no: str
    department: str
    roles: list[str]
    all_sites: bool
    site_ids: list[UUID]
    email: str
    invited_by: str
    created_at: datetime
    expires_at: datetime
    mailed_at: datetime | None
    state: State
    version: int
    posts: list[Post]


class InvitationPage(msgspec.Struct, frozen=True):
    """An invitation with its link, '' where it is not open or gives more than the reader may give."""

    invitation: Invitation
    link: str


class _Row(msgspec.Struct):
    id: UUID
    link_id: UUID
    name: str
    staff_no: str
    department: str
    roles: list[str]
    all_sites: bool
    site_ids: list[UUID]
    email_sealed: bytes | None
    invited_by: str
    created_at: datetime
    expires_at: datetime
    mailed_at: datetime | None
    revoked_at: datetime | None
    joined_at: datetime | None
    version: int
    posts: str


_ROWS = """
SELECT i.id, i.link_id, i.name, i.staff_no, i.department, i.roles, i.all_sites, i.site_ids, i.email_sealed, m.name,
    i.created_at, i.expires_at, i.mailed_at, i.revoked_at, i.joined_at, i.version, i.posts
FROM invitation i JOIN membership m ON m.company_id = i.company_id AND m.id = i.invited_by
WHERE i.company_id = $1 AND ($2 OR (NOT i.all_sites AND i.site_ids && $3 AND i.site_ids <@ $3))
    AND ($4::uuid IS NULL OR i.id = $4) AND ($4 IS NOT NULL OR (i.joined_at IS NULL AND i.revoked_at IS NULL))
ORDER BY i.id DESC LIMIT 500
"""
_NUMBER_OPEN = """
SELECT EXISTS (SELECT FROM invitation WHERE company_id = $1 AND staff_no = $2 AND joined_at IS NULL
               AND revoked_at IS NULL AND expires_at > $3)
"""
_INVITE = """
INSERT INTO invitation (company_id, id, link_id, name, staff_no, department, roles, all_sites, site_ids, email_sealed,
                        invited_by, created_at, expires_at, mailed_at, posts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::jsonb)
"""
_RENEW = """
UPDATE invitation SET link_id = $3, expires_at = $4, mailed_at = coalesce($5, mailed_at), version = version + 1
WHERE company_id = $1 AND id = $2 AND joined_at IS NULL AND revoked_at IS NULL
"""
_REVOKE = """
UPDATE invitation SET revoked_at = $3, version = version + 1
WHERE company_id = $1 AND id = $2 AND joined_at IS NULL AND revoked_at IS NULL
"""


class Invitations:
    """The service of invitations; one for the process. `mail`: whether this instance sends e-mail at all."""

    def __init__(self, people: People, policies: Policies, sealer: Sealer, letters: Letters, *, mail: bool) -> None:
        self._people = people
        self._policies = policies
        self._sealer = sealer
        self._letters = letters
        self.mail = mail

    async def open(self, work: Work, company: Company) -> list[Invitation]:
        """Those that nobody has followed or taken back, the newest first; they may have run out."""
        return [self._shown(work, row) for row in await self._rows(work, company, None)]

    async def get(self, work: Work, company: Company, invitation_id: UUID) -> InvitationPage:
        """With its link, for as long as it is good. Raises NotFound, also for one to sites beyond the actor's."""
        row = await self._row(work, company, invitation_id)
        shown = self._shown(work, row)
        good = shown.state == "open" and self._may_hand_over(work, company, row)
        link = self._letters.invitation_link(company.id, row.link_id) if good else ""
        return InvitationPage(shown, link)

    async def invite(self, work: Work, company: Company, new: NewInvitation) -> InvitationPage:
        """Ask somebody to join. Raises Invalid, Forbidden for the system, which is nobody's word (AZ-4)."""
        if work.ctx.actor.member_id is None:
            raise Forbidden
        await work.uow.wait_for_turn(f"people {company.id}")
        place = await self._people.checked(work, company, new)
        email = new.email.strip()
        if email and not is_email(email):
            raise Invalid.field("email", "Write an e-mail address such as name@example.com.")
        taken = await repository.staff_no_taken(work.uow, place.staff_no, None)
        if taken or await work.uow.value(_NUMBER_OPEN, company.id, place.staff_no, work.now):
            raise Invalid.field("staff_no", "Somebody else has this staff number.")
        id, link_id = new_id(), new_id()
        await work.uow.execute(
            _INVITE,
            company.id,
            id,
            link_id,
            place.name,
            place.staff_no,
            place.department,
            place.roles,
            place.all_sites,
            place.site_ids,
            self._sealer.seal(company.id, id, email.encode()) if email else None,
            work.ctx.actor.member_id,
            work.now,
            await self._until(work),
            work.now if email and self.mail else None,
            write_posts(place.posts),
        )
        await self._mail(work, link_id, place.site_ids, wanted=bool(email))
        told = {name: getattr(place, name) for name in ("roles", "all_sites", "site_ids", "posts")}
        work.audit("invitation.made", "invitation", id, told)
        return await self.get(work, company, id)

    async def renew(self, work: Work, company: Company, invitation_id: UUID) -> InvitationPage:
        """A new link, mailed again where there is an address; the former one is worth nothing from the commit on.

        Raises NotFound, Forbidden, Conflict where it has been followed or taken back.
        """
        row = await self._row(work, company, invitation_id)
        if not self._may_hand_over(work, company, row):
            raise Forbidden(BEYOND)
        link_id, until = new_id(), await self._until(work)
        mailed = work.now if row.email_sealed and self.mail else None
        if not await work.uow.execute(_RENEW, company.id, invitation_id, link_id, until, mailed):
            raise Conflict("This invitation has been followed or taken back already.")
        await self._mail(work, link_id, row.site_ids, wanted=row.email_sealed is not None)
        work.audit("invitation.renewed", "invitation", invitation_id)
        return await self.get(work, company, invitation_id)

    async def revoke(self, work: Work, company: Company, invitation_id: UUID) -> None:
        """Take it back. Raises NotFound, Conflict where it has been followed or taken back already."""
        await self._row(work, company, invitation_id)
        if not await work.uow.execute(_REVOKE, company.id, invitation_id, work.now):
            raise Conflict("This invitation has been followed or taken back already.")
        work.audit("invitation.revoked", "invitation", invitation_id)

    async def _until(self, work: Work) -> datetime:
        rules = await self._policies.value(work, ACCOUNTS, None)
        return work.now + timedelta(days=rules.invitation_days)

    async def _mail(self, work: Work, link_id: UUID, site_ids: list[UUID], *, wanted: bool) -> None:
        if wanted and self.mail:
            site_id = next(iter(site_ids or sorted(work.ctx.site_ids)), None)
            await letters.queue(work, INVITATION, str(link_id), site_id)

    def _may_hand_over(self, work: Work, company: Company, row: _Row) -> bool:
        """Whoever has the link may become what it says, so it is shown to those alone who may make it so (AZ-4)."""
        return self._people.may_hold(work, company, row.roles, read_posts(row.posts))

    async def _row(self, work: Work, company: Company, invitation_id: UUID) -> _Row:
        found = await self._rows(work, company, invitation_id)
        if not found:
            raise NotFound
        return found[0]

    async def _rows(self, work: Work, company: Company, invitation_id: UUID | None) -> list[_Row]:
        reach = reach_of(work, company)
        return await work.uow.fetch(_Row, _ROWS, company.id, reach.everywhere, reach.site_ids, invitation_id)

    def _shown(self, work: Work, row: _Row) -> Invitation:
        email = self._sealer.unseal(work.ctx.company_id, row.id, row.email_sealed).decode() if row.email_sealed else ""
        state: State = "open" if row.expires_at > work.now else "expired"
        if row.joined_at is not None:
            state = "joined"
        elif row.revoked_at is not None:
            state = "revoked"
        return Invitation(
            row.id,
            row.name,
            row.staff_no,
            row.department,
            row.roles,
            row.all_sites,
            row.site_ids,
            email,
            row.invited_by,
            row.created_at,
            row.expires_at,
            row.mailed_at,
            state,
            row.version,
            read_posts(row.posts),
        )
