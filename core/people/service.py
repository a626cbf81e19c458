"""Members as administrators keep them: what they are and where, switched off and on again. Callers commit.

Nobody gives or takes what they lack themselves (AZ-4), nobody reaches people beyond their own sites (TI-10), and a
company never loses its last administrator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from uuid import UUID

from core.auth.permissions import ROLES, PermissionRegistry
from core.auth.posts import Post, tidied
from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, PreconditionFailed
from core.estate.masking import mask_phone
from core.notify.service import Notices
from core.people import repository
from core.people.model import (
    DEPARTMENT,
    NAME,
    PAGE,
    STAFF_NO,
    Member,
    MemberEntry,
    MemberPage,
    Place,
    StaffPage,
    Wanted,
)
from core.people.repository import Reach
from core.policies.administration import enters_all
from core.tenancy.directory import Company
from core.work import Work

ADMIN = "admin"  # whose last holder stays
BEYOND = "They may do more than you, so somebody who may do at least as much has to do this."


class People:
    """The service of members; one for the process."""

    def __init__(self, permissions: PermissionRegistry, notices: Notices) -> None:
        self._permissions = permissions
        self._notices = notices

    async def list(self, work: Work, company: Company, wanted: Wanted) -> StaffPage:
        """A page of those the actor has a say over."""
        found = await repository.members(work.uow, reach_of(work, company), wanted)
        items = found[:PAGE]
        return StaffPage(items, items[-1].staff_no if len(found) > PAGE else None)

    async def get(self, work: Work, company: Company, member_id: UUID) -> Member:
        """Raises NotFound, also for those beyond the actor's sites."""
        member = await repository.member(work.uow, reach_of(work, company), member_id)
        if member is None:
            raise NotFound
        return member

    async def page(self, work: Work, company: Company, member_id: UUID) -> MemberPage:
        """With all that is known of the account. Raises NotFound."""
        member = await self.get(work, company, member_id)
        account = await repository.account(work.uow, member_id)
        assert account is not None
        contacts = await self._notices.contacts_of(work, member_id)
        return MemberPage(
            member,
            account.login,
            account.elsewhere,
            contacts.email,
            mask_phone(contacts.phone) if contacts.phone else "",
            await repository.open_matters(work.uow, member_id, list(work.ctx.site_ids)),
        )

    async def change(self, work: Work, company: Company, member_id: UUID, entry: MemberEntry, expected: int) -> Member:
        """What they are from the commit on, in every process. Raises NotFound, Forbidden, Invalid, Conflict for the
        last administrator, PreconditionFailed."""
        before = await self._to_change(work, company, member_id)
        place = await self.checked(work, company, entry, before)
        if await repository.staff_no_taken(work.uow, place.staff_no, member_id):
            raise Invalid.field("staff_no", "Somebody else has this staff number.")
        if before.active:
            await self._keep_an_admin(work, before, place)
        if not await repository.change(work.uow, member_id, expected, place):
            raise PreconditionFailed
        sites = place.site_ids or sorted(work.ctx.site_ids)
        await self._notices.set_contacts(work, member_id, entry.email, entry.phone, sites)
        told = {
            field: getattr(place, field)
            for field in ("department", "roles", "all_sites", "site_ids", "posts")
            if getattr(place, field) != getattr(before, field)
        }
        work.audit("person.changed", "person", member_id, told)
        work.announce("access", None)
        return await self.get(work, company, member_id)

    async def disable(self, work: Work, company: Company, member_id: UUID, expected: int) -> Member:
        """Switch the account off: their sessions and the tokens they issued are worth nothing from the commit on
        (AU-3/4), and what they answer for is offered to who answers for the site.

        Raises NotFound, Forbidden, Conflict for oneself and for the last administrator, PreconditionFailed.
        """
        before = await self._to_change(work, company, member_id)
        if member_id == work.ctx.actor.member_id:
            raise Conflict("You cannot switch your own account off. Another administrator can.")
        await self._keep_an_admin(work, before, None)
        await self._switch(work, before, expected, active=False)
        ended = await repository.end_access(work.uow, member_id, work.now)
        work.audit("person.disabled", "person", member_id, {"sessions": ended})
        work.announce("access", None)
        return await self.get(work, company, member_id)

    async def enable(self, work: Work, company: Company, member_id: UUID, expected: int) -> Member:
        """Switch the account on again, with the password it had.

        Raises NotFound, Forbidden, Conflict, PreconditionFailed.
        """
        before = await self._to_change(work, company, member_id)
        await self._switch(work, before, expected, active=True)
        work.audit("person.enabled", "person", member_id)
        work.announce("access", None)
        return await self.get(work, company, member_id)

    async def checked(self, work: Work, company: Company, place: Place, before: Member | None = None) -> Place:
        """The place, tidied, if the actor may give it; roles that they held `before` may stay. Raises Invalid."""
        try:
            posts = tidied(place.posts)
        except ValueError:
            raise Invalid.field("posts", "Say once what they are at a site.") from None
        place = Place(
            name=place.name.strip(),
            staff_no=place.staff_no.strip(),
            department=place.department.strip(),
            roles=sorted(set(place.roles)),
            all_sites=place.all_sites,
            site_ids=[] if place.all_sites else sorted(set(place.site_ids)),
            posts=posts,
        )
        wrong = [
            FieldError(field, "Write 1 to {most} characters.", {"most": most})
            for field, least, most in (("name", 1, NAME), ("staff_no", 1, STAFF_NO), ("department", 0, DEPARTMENT))
            if not least <= len(getattr(place, field)) <= most
        ]
        grantable = self.grantable(work, company)
        if not (place.roles or any(post.roles for post in place.posts)):
            wrong.append(FieldError("roles", "Choose at least one role."))
        elif lacking := set(place.roles) - grantable - set(before.roles if before else ()):
            wrong.append(
                FieldError("roles", "You cannot give these roles: {roles}.", {"roles": ", ".join(sorted(lacking))})
            )
        everywhere = enters_all(work, company)
        if place.all_sites and not everywhere:
            wrong.append(FieldError("all_sites", "Only those who work at every site may give that."))
        if not place.all_sites and not (everywhere or place.site_ids):
            wrong.append(FieldError("site_ids", "Choose at least one site."))
        if set(place.site_ids) - work.ctx.site_ids:
            wrong.append(FieldError("site_ids", "There is no such site."))
        wrong += wrong_posts(work.ctx.site_ids, place, grantable, before.posts if before else ())
        if wrong:
            raise Invalid(fields=wrong)
        if unknown := await repository.no_buildings(work.uow, place.posts):
            raise Invalid.field("posts", "The roll of the site has no building {building}.", building=unknown[0])
        return place

    def grantable(self, work: Work, company: Company) -> frozenset[str]:
        """The roles that the actor may give: none that may do more than they (AZ-4)."""
        return self._permissions.grantable(work.ctx.permissions, company.roles)

    def may_hold(self, work: Work, company: Company, roles: Iterable[str], posts: Iterable[Post] = ()) -> bool:
        """Whether who holds these roles may do nothing that the actor may not: else whoever keeps accounts could be
        anybody."""
        held = [*roles, *(key for post in posts for key in post.roles)]
        return self._permissions.of_roles(held, company.roles) <= work.ctx.permissions

    async def _to_change(self, work: Work, company: Company, member_id: UUID) -> Member:
        """The member, while nobody else changes any of the company's."""
        await work.uow.wait_for_turn(f"people {company.id}")
        member = await self.get(work, company, member_id)
        if not self.may_hold(work, company, member.roles, member.posts):
            raise Forbidden(BEYOND)
        return member

    async def _switch(self, work: Work, before: Member, expected: int, *, active: bool) -> None:
        if before.version != expected:
            raise PreconditionFailed
        if before.active == active:
            raise Conflict("It is so already.")
        if not await repository.switch(work.uow, before.id, expected, active=active):
            raise PreconditionFailed

    async def _keep_an_admin(self, work: Work, before: Member, after: Place | None) -> None:
        """Raises Conflict where the company would be without an administrator, or without one of the whole company
        that it had."""
        stays = after is not None and ADMIN in after.roles
        stays_everywhere = after is not None and stays and _everywhere(after)
        if ADMIN not in before.roles:
            return
        of_all, at_all = await repository.other_admins(work.uow, before.id)
        if (_everywhere(before) and not stays_everywhere and not of_all) or not (stays or at_all):
            raise Conflict("This is the last administrator. Make somebody else one first.")


def _everywhere(place: Place | Member) -> bool:
    return place.all_sites and not any(post.buildings for post in place.posts)


def wrong_posts(reach: Set[UUID], place: Place, grantable: Set[str], before: Iterable[Post]) -> Iterator[FieldError]:
    """What is wrong with the posts of a place, for an actor who has a say over the sites of `reach` as a whole and may
    give the roles `grantable`; those of the posts `before` may stay (AZ-4)."""
    held = {post.site_id: set(post.roles) for post in before}
    within = reach if place.all_sites else reach & set(place.site_ids)
    for post in place.posts:
        if post.site_id not in within:
            yield FieldError("posts", "Choose the site among those they may enter first.")
        elif lacking := set(post.roles) - grantable - held.get(post.site_id, set()):
            roles = ", ".join(sorted(lacking))
            yield FieldError("posts", "You cannot give these roles: {roles}.", {"roles": roles})
    posted = {post.site_id for post in place.posts if post.roles}
    if not place.roles and posted and (place.all_sites or posted < set(place.site_ids)):
        yield FieldError("posts", "Give them a role at every site that they may enter.")


def reach_of(work: Work, company: Company) -> Reach:
    """Whom the actor has a say over (TI-10)."""
    return Reach(enters_all(work, company), sorted(work.ctx.site_ids))


def role_title(company: Company, key: str) -> str:
    """What a role is called: a message id, or the company's own words."""
    return ROLES.get(key) or next((role.title for role in company.roles if role.key == key), key)
