"""Policies in the JSON API: of the company, and of each site."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.auth.principals import Principal
from core.platform import Platform
from core.policies import administration
from core.policies.administration import NewRevision, Rollback, Withdrawal
from core.policies.layers import Problem, Source, diff
from core.policies.spec import PolicySpec
from core.tenancy.directory import Site
from core.web.state import state_of
from core.work import Work

AnyRequest = Request[Any, Any, Any]


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


class RevisionOut(msgspec.Struct, frozen=True):
    """A revision of a layer; `changes` are the leaves that differ from the one before, as [before, after], null for a
    value that is inherited. `open_tickets`: those taken in before were held to it as well. `withdraws` is the revision
    that it took back, `withdrawn` says that another one did so with this: neither is ever in force.
    """

    revision: int
    author_name: str
    reason: str
    created_at: datetime
    effective_at: datetime
    overrides: dict[str, Any]
    changes: dict[str, tuple[Any, Any]]
    open_tickets: bool
    withdraws: int | None
    withdrawn: bool


class Revisions(msgspec.Struct, frozen=True):
    revisions: list[RevisionOut]


@get("/policies", permission="policy.view")
async def list_policies(
    request: AnyRequest,
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
) -> PolicyList:
    """The policies there are, with what the layer of the site, or of the company, sets. A plugin's where it is on."""
    policies, site = platform.policies, _site(request)
    offered = administration.offered(policies.registry, principal.company, site, principal.sites, work.now)
    site_id = site.id if site else None
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


@get("/policies/{name:str}", permission="policy.view")
async def get_policy(
    request: AnyRequest,
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    name: FromPath[str],
) -> Response[PolicyState]:
    """The policy as it is in force at the site, or as the company sets it for sites that do not set it themselves."""
    spec, site_id = _layer(request, platform, principal, name)
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


@put("/policies/{name:str}", signed_in=True)
async def put_policy(
    request: AnyRequest,
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    if_match: NamedDependency[int],
    name: FromPath[str],
    data: JSONBody[NewRevision],
) -> Response[Revised]:
    """Replace what the layer overrides. Needs the latest revision in If-Match, the policy's own permission, and for the
    company's layer entry to all of its sites."""
    spec, site_id = _layer(request, platform, principal, name)
    number = await administration.change(work, platform.policies, spec, principal.company, site_id, data, if_match)
    return Response(Revised(number), headers={"ETag": f'"{number}"'})


@get("/policies/{name:str}/revisions", permission="policy.view")
async def list_revisions(
    request: AnyRequest,
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    name: FromPath[str],
) -> Revisions:
    """The layer's revisions, the newest first: who changed what, why, from when on."""
    spec, site_id = _layer(request, platform, principal, name)
    history = await platform.policies.history(work, spec.name, site_id)
    numbers = {revision.id: revision.number for revision in history}
    withdrawn = {revision.withdraws for revision in history}
    return Revisions(
        [
            RevisionOut(
                revision.number,
                revision.author_name,
                revision.reason,
                revision.created_at,
                revision.effective_at,
                revision.overrides,
                {
                    change.path: (_known(change.before), _known(change.after))
                    for change in diff(spec, before.overrides if before else {}, revision.overrides)
                },
                revision.open_tickets,
                numbers.get(revision.withdraws) if revision.withdraws else None,
                revision.id in withdrawn,
            )
            for revision, before in zip(history, [*history[1:], None], strict=False)
        ]
    )


@post("/policies/{name:str}/rollback", signed_in=True, status_code=200)
async def roll_back(
    request: AnyRequest,
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    if_match: NamedDependency[int],
    name: FromPath[str],
    data: JSONBody[Rollback],
) -> Response[Revised]:
    """Put an earlier revision in force again, as a new one. Needs If-Match, and what changing the policy needs."""
    spec, site_id = _layer(request, platform, principal, name)
    overrides = await administration.overrides_of(work, platform.policies, spec, site_id, data.revision)
    new = NewRevision(overrides, data.reason, data.effective_at, data.open_tickets)
    made = await administration.change(work, platform.policies, spec, principal.company, site_id, new, if_match)
    return Response(Revised(made), headers={"ETag": f'"{made}"'})


@post("/policies/{name:str}/withdrawal", signed_in=True, status_code=200)
async def withdraw_revision(
    request: AnyRequest,
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    if_match: NamedDependency[int],
    name: FromPath[str],
    data: JSONBody[Withdrawal],
) -> Response[Revised]:
    """Take back a revision that is not in force yet, on record as a new one. Needs If-Match, and what changing the
    policy needs."""
    spec, site_id = _layer(request, platform, principal, name)
    made = await administration.withdraw(work, platform.policies, spec, principal.company, site_id, data, if_match)
    return Response(Revised(made), headers={"ETag": f'"{made}"'})


def _site(request: AnyRequest) -> Site | None:
    """The site whose layer is asked for; None: the company's. Routes of both share their handlers."""
    return state_of(request.scope).site_or_none


def _layer(
    request: AnyRequest, platform: Platform, principal: Principal, name: str
) -> tuple[PolicySpec[Any], UUID | None]:
    site, registry = _site(request), platform.policies.registry
    spec = administration.find(registry, principal.company, site, principal.sites, platform.clock(), name)
    return spec, site.id if site else None


def _known(value: Any) -> Any:
    return None if value is msgspec.UNSET else value


HANDLERS = [list_policies, get_policy, put_policy, list_revisions, roll_back, withdraw_revision]
