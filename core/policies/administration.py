"""Policies as those who administer them meet them: which there are for them, what a layer holds, changing it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from core.errors import Forbidden, NotFound
from core.policies.layers import Overrides, Resolved, fitting
from core.policies.revisions import Revision
from core.policies.service import Policies
from core.policies.spec import PolicyRegistry, PolicySpec
from core.tenancy.directory import Company, Site
from core.work import Work


class NewRevision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change of a layer: all it overrides from now on, or from `effective_at`, and why. `open_tickets`: also those
    taken in before are held to new promises, each on record; without it they keep what they were promised.
    """

    overrides: dict[str, Any]
    reason: str
    effective_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    open_tickets: bool = False


class Rollback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Going back to an earlier revision: which, why, from when on, and whether open tickets are held to it as well."""

    revision: int
    reason: str
    effective_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    open_tickets: bool = False


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Taking back a revision that is still to come: which, and why."""

    revision: int
    reason: str


class LayerState(msgspec.Struct, frozen=True):
    """A policy at one layer, as it is in force, with the layer's revisions, the newest first.

    `inherited` is the value without this layer. `below` and `in_force` number the revisions in force of the company's
    layer under a site's and of this layer, 0 where there is none.
    """

    resolved: Resolved[Any]
    inherited: Any
    overrides: Overrides
    history: list[Revision]
    below: int
    in_force: int

    @property
    def base(self) -> str:
        """Names the revisions that the value was made from."""
        return f"{self.below}.{self.in_force}"

    @property
    def number(self) -> int:
        """Of the latest revision, which may be planned for later; 0 if there is none. A change names it."""
        return self.history[0].number if self.history else 0

    @property
    def withdrawn(self) -> set[UUID]:
        """The revisions that were taken back before they came into force."""
        return {revision.withdraws for revision in self.history if revision.withdraws is not None}

    def stands(self, revision: Revision) -> bool:
        """Whether it is, was or will be in force, as far as it goes by itself."""
        return revision.withdraws is None and revision.id not in self.withdrawn

    def planned(self, now: datetime) -> list[Revision]:
        """The revisions that will come into force, the next first; of several for one instant the latest counts."""
        by_instant = {revision.effective_at: revision for revision in reversed(self.history) if self.stands(revision)}
        return [by_instant[instant] for instant in sorted(by_instant) if instant > now]


def offered(
    registry: PolicyRegistry, company: Company, site: Site | None, sites: Collection[Site], now: datetime
) -> list[PolicySpec[Any]]:
    """What the layer of the site, or of the company (None), can set: core's policies and those of the plugins that are
    on there, or at any of these `sites` of the company."""
    places = (site,) if site else sites
    return [
        spec
        for spec in registry.all()
        if not (site and spec.company_only)
        and (spec.plugin is None or any(company.is_on(spec.plugin, place, now) for place in places))
    ]


def find(
    registry: PolicyRegistry, company: Company, site: Site | None, sites: Collection[Site], now: datetime, name: str
) -> PolicySpec[Any]:
    """The policy of that name. Raises NotFound also for one whose plugin is off, or that no site sets."""
    for spec in offered(registry, company, site, sites, now):
        if spec.name == name:
            return spec
    raise NotFound


async def layer_state(work: Work, policies: Policies, spec: PolicySpec[Any], site_id: UUID | None) -> LayerState:
    """The layer of the site, or of the company."""
    below = await policies.current(work, spec.name, None) if site_id is not None else None
    own = await policies.current(work, spec.name, site_id)
    return LayerState(
        await policies.resolved(work, spec, site_id),
        await policies.inherited(work, spec, site_id),
        own.overrides if own else {},
        await policies.history(work, spec.name, site_id),
        below.number if below else 0,
        own.number if own else 0,
    )


async def own_values(work: Work, policies: Policies, spec: PolicySpec[Any], site_id: UUID | None) -> int:
    """How many values the layer in force sets itself."""
    own = await policies.current(work, spec.name, site_id)
    return len(fitting(spec, own.overrides, await policies.inherited(work, spec, site_id))) if own else 0


async def change(
    work: Work,
    policies: Policies,
    spec: PolicySpec[Any],
    company: Company,
    site_id: UUID | None,
    new: NewRevision,
    expected: int,
) -> int:
    """Append a revision; its number. What counts for the whole company is changed by those alone who may enter all of
    it. Raises Forbidden, also without the policy's own permission, else as `revise` does.
    """
    _may_change(work, spec, company, site_id)
    return await policies.revise(
        work,
        spec,
        site_id,
        new.overrides,
        reason=new.reason,
        expected=expected,
        effective_at=new.effective_at,
        open_tickets=new.open_tickets,
    )


async def withdraw(
    work: Work,
    policies: Policies,
    spec: PolicySpec[Any],
    company: Company,
    site_id: UUID | None,
    withdrawal: Withdrawal,
    expected: int,
) -> int:
    """Take back a revision that is still to come; the number of the revision that says so. Raises what `change` does,
    NotFound, and Conflict for one that is in force."""
    _may_change(work, spec, company, site_id)
    return await policies.withdraw(
        work, spec, site_id, withdrawal.revision, reason=withdrawal.reason, expected=expected
    )


def enters_all(work: Work, company: Company) -> bool:
    """Whether the actor may enter every site of the company."""
    return work.ctx.site_ids.issuperset(site.id for site in company.sites)


def tried_layer(work: Work, company: Company, site: Site | None) -> UUID | None:
    """Whose draft is tried: the site's, or the company's (None). Raises Forbidden for that one unless all sites may be
    entered: it tells of them all."""
    if site is None and not enters_all(work, company):
        raise Forbidden("Only those who work at every site may try what would count for the whole company.")
    return site.id if site else None


def _may_change(work: Work, spec: PolicySpec[Any], company: Company, site_id: UUID | None) -> None:
    if spec.permission not in work.ctx.permissions:
        raise Forbidden
    if site_id is None and not enters_all(work, company):
        raise Forbidden("Only those who work at every site may change what counts for the whole company.")


async def overrides_of(
    work: Work, policies: Policies, spec: PolicySpec[Any], site_id: UUID | None, number: int
) -> Overrides:
    """What the layer overrode in that revision: a roll-back saves it anew. Raises NotFound."""
    history = await policies.history(work, spec.name, site_id)
    found = next((revision for revision in history if revision.number == number), None)
    if found is None:
        raise NotFound
    return found.overrides
