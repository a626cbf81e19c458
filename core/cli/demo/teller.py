"""Who acts, where and when, while a demo company's past is told: what its chapters, core's and plugins', work with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.cli.demo.roll import UnitName, unit_name, units_by_name
from core.cli.demo.steps import follow
from core.cli.demo.story import instants
from core.db.uow import UnitOfWork
from core.hooks.story import Moment
from core.hooks.types import Event
from core.tenancy.context import SYSTEM, Actor, TenantContext
from core.tenancy.directory import Company, Site
from core.work import Work

if TYPE_CHECKING:
    from core.platform import Platform  # whose plugins know the teller

NEWS = timedelta(hours=12)  # what is older is no news: nobody is told of it any more
_PEOPLE = """
SELECT p.login, m.id, m.name, m.roles, m.all_sites, m.site_ids
FROM membership m JOIN person p ON p.id = m.person_id WHERE m.company_id = $1 AND m.active
"""


class Someone(msgspec.Struct, frozen=True):
    """Who works for the company, by login."""

    login: str
    id: UUID
    name: str
    roles: list[str]
    all_sites: bool
    site_ids: list[UUID]


async def people_of(uow: UnitOfWork) -> list[Someone]:
    """Everybody who works for the company; read as `lodge_owner`, since logins are nobody else's to read."""
    return await uow.fetch(Someone, _PEOPLE, uow.company_id)


class Teller:
    """One company in one transaction. `now` is the present instant, `at` the one that is being lived."""

    def __init__(self, platform: Platform, company: Company, people: Iterable[Someone], uow: UnitOfWork) -> None:
        self.platform = platform
        self.company = company
        self.uow = uow
        self.now = self.at = platform.clock()
        self.tickets: dict[str, UUID] = {}
        self.heard: list[Event] = []
        self._units: dict[UUID, dict[UnitName, UUID]] = {}
        self._people = {someone.login: someone for someone in people}

    def site(self, slug: str) -> Site:
        """Raises ValueError for a slug that no site of the company has."""
        site = self.company.site(slug)
        if site is None:
            raise ValueError(f"there is no site {slug}")
        return site

    def person(self, login: str) -> UUID:
        """Whoever has that login, by the id that services know people by. Raises ValueError."""
        return self._someone(login).id

    def ticket(self, key: str) -> UUID | None:
        """The ticket of the matter with that `key`, the latest of several; None: none was taken in so far."""
        return self.tickets.get(key)

    async def unit(self, site: Site, place: str) -> UUID | None:
        """The unit of the site's roll that the place in words is; None: it is none. The roll is read once."""
        if site.id not in self._units:
            self._units[site.id] = await units_by_name(self.platform.estate, self.work(site), site)
        return self._units[site.id].get(unit_name(place))

    async def resident(self, site: Site, unit_id: UUID, phone: str) -> UUID | None:
        """Whoever of that unit has the phone; None: nobody."""
        households = await self.platform.estate.household_by_phone(self.work(site), site, phone)
        occupants = (each for household in households if household.unit_id == unit_id for each in household.occupants)
        return next((occupant.party_id for occupant in occupants if occupant.caller), None)

    def instants(self, site: Site, *when: str) -> list[datetime]:
        """The instants that the words say at the site, as matters have them. Raises ValueError for what says none."""
        return [at for each in when for at in instants(each, ZoneInfo(site.timezone), self.now)]

    def follow(self, site: Site, since: datetime, steps: str, ticket: Callable[[], UUID | None]) -> Iterator[Moment]:
        """The moments of steps as matters have them, on the ticket that `ticket` finds then; None: there is none.

        Raises ValueError or PackError for what is no step.
        """
        return follow(self, site, since, steps, ticket)

    def work_as(self, login: str) -> Work:
        """That person's work at the instant that is being lived, with the rights of their roles. Raises ValueError."""
        someone = self._someone(login)
        sites = [site.id for site in self.company.sites] if someone.all_sites else someone.site_ids
        permissions = self.platform.permissions.of_roles(someone.roles, self.company.roles)
        actor = Actor("person", someone.id, someone.name)
        return self._work(TenantContext(self.company.id, frozenset(sites), actor, permissions))

    def work(self, *sites: Site) -> Work:
        """The system's work, as jobs do it, at those sites or at all."""
        return self._work(TenantContext(self.company.id, frozenset(s.id for s in sites or self.company.sites), SYSTEM))

    def _someone(self, login: str) -> Someone:
        if login not in self._people:
            raise ValueError(f"nobody has the login {login}")
        return self._people[login]

    def _work(self, ctx: TenantContext) -> Work:
        if self.at < self.now - NEWS:
            return _Past(self.uow, ctx, self.at, self.heard)
        return Work(self.uow, ctx, self.at)


class _Past(Work):
    """Work of long ago: done and on record, but no news. Only plugins hear what happened, at once."""

    __slots__ = ("_heard",)

    def __init__(self, uow: UnitOfWork, ctx: TenantContext, now: datetime, heard: list[Event]) -> None:
        super().__init__(uow, ctx, now)
        self._heard = heard

    def emit(self, event: Event) -> None:
        """Keep it for the plugins that listen."""
        self._heard.append(event)

    def announce(self, *told: object, **more: object) -> None:
        """Tell nobody."""
