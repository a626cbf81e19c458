"""Policies in the JSON API: of the company, and of each site."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.auth.principals import Principal
from core.platform import Platform
from core.policies import administration
from core.policies.administration import NewRevision
from core.policies.layers import Problem, Source
from core.policies.spec import PolicySpec
from core.tenancy.directory import Site
from core.work import Work


class PolicyOut(msgspec.Struct, frozen=True):
    """A policy. `permission` is what it takes to change it, `own_values` how many values this layer sets itself."""

    name: str
    title: str
    help: str
    permission: str
    plugin: str | None
    own_values: int


class PolicyList(msgspec.Struct, frozen=True):
    policies: list[PolicyOut]


class Planned(msgspec.Struct, frozen=True):
    """A revision that is not in force yet. It will take the place of everything the layer overrides."""

    revision: int
    effective_at: datetime
    overrides: dict[str, Any]


class PolicyState(msgspec.Struct, frozen=True):
    """A policy as it is in force at a layer.

    `provenance` says per value which layer it comes from, `overrides` what this layer sets, `problems` which of it no
    longer fits and is ignored. `revision` numbers the layer's latest change, 0 where there is none: the next one names
    it in If-Match.
    """

    name: str
    site_id: UUID | None
    revision: int
    value: Any
    provenance: dict[str, Source]
    overrides: dict[str, Any]
    problems: list[Problem]
    planned: list[Planned]


class Revised(msgspec.Struct, frozen=True):
    """The number of the new revision."""

    revision: int


@get("/policies", permission="policy.view")
async def list_policies(
    work: NamedDependency[Work], platform: NamedDependency[Platform], principal: NamedDependency[Principal]
) -> PolicyList:
    """The policies there are, with what the company's layer sets. A plugin's are there where it is on at any site."""
    return await _list(work, platform, principal, None)


@get("/policies/{name:str}", permission="policy.view")
async def get_policy(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    name: FromPath[str],
) -> Response[PolicyState]:
    """The policy as the company sets it, for sites that do not set it themselves."""
    return await _state(work, platform, _find(platform, principal, None, name), None)


@put("/policies/{name:str}", signed_in=True)
async def put_policy(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    if_match: NamedDependency[int],
    name: FromPath[str],
    data: JSONBody[NewRevision],
) -> Response[Revised]:
    """Replace what the company's layer overrides. Needs the latest revision in If-Match and the policy's permission."""
    return await _change(work, platform, _find(platform, principal, None, name), None, data, if_match)


@get("/policies", permission="policy.view")
async def list_site_policies(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
) -> PolicyList:
    """The policies there are, with what the site's layer sets. A plugin's are there where it is on."""
    return await _list(work, platform, principal, site)


@get("/policies/{name:str}", permission="policy.view")
async def get_site_policy(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    name: FromPath[str],
) -> Response[PolicyState]:
    """The policy as it is in force at the site."""
    return await _state(work, platform, _find(platform, principal, site, name), site)


@put("/policies/{name:str}", signed_in=True)
async def put_site_policy(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    if_match: NamedDependency[int],
    name: FromPath[str],
    data: JSONBody[NewRevision],
) -> Response[Revised]:
    """Replace what the site's layer overrides. Needs the latest revision in If-Match and the policy's permission."""
    return await _change(work, platform, _find(platform, principal, site, name), site, data, if_match)


def _find(platform: Platform, principal: Principal, site: Site | None, name: str) -> PolicySpec[Any]:
    sites = principal.sites if site is None else (site,)
    return administration.find(platform.policies.registry, principal.company, sites, platform.clock(), name)


async def _list(work: Work, platform: Platform, principal: Principal, site: Site | None) -> PolicyList:
    policies, site_id = platform.policies, site.id if site else None
    sites = principal.sites if site is None else (site,)
    offered = administration.offered(policies.registry, principal.company, sites, work.now)
    return PolicyList(
        [
            PolicyOut(
                spec.name,
                spec.title,
                spec.help,
                spec.permission,
                spec.plugin,
                await administration.own_values(work, policies, spec, site_id),
            )
            for spec in offered
        ]
    )


async def _state(work: Work, platform: Platform, spec: PolicySpec[Any], site: Site | None) -> Response[PolicyState]:
    site_id = site.id if site else None
    state = await administration.layer_state(work, platform.policies, spec, site_id)
    body = PolicyState(
        spec.name,
        site_id,
        state.number,
        state.resolved.value,
        state.resolved.provenance,
        state.overrides,
        list(state.resolved.problems),
        [Planned(revision.number, revision.effective_at, revision.overrides) for revision in state.planned(work.now)],
    )
    return Response(body, headers={"ETag": f'"{state.number}"'})


async def _change(
    work: Work, platform: Platform, spec: PolicySpec[Any], site: Site | None, new: NewRevision, expected: int
) -> Response[Revised]:
    site_id = site.id if site else None
    number = await administration.change(work, platform.policies, spec, site_id, new, expected)
    return Response(Revised(number), headers={"ETag": f'"{number}"'})


HANDLERS = [list_policies, get_policy, put_policy]
SITE_HANDLERS = [list_site_policies, get_site_policy, put_site_policy]
