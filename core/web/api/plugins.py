"""Plugins in the JSON API: what is on where, and switching it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.auth.principals import Principal
from core.platform import Platform
from core.tenancy.directory import Site
from core.tenancy.switches import AtSite
from core.work import Work


class PluginAtSite(msgspec.Struct, frozen=True):
    """A plugin runs at a site while a subscription covers the day, both dates included, and it is enabled."""

    site_id: UUID
    slug: str
    subscribed: bool
    starts_on: date | None
    ends_on: date | None
    enabled: bool
    running: bool


class PluginOut(msgspec.Struct, frozen=True):
    """A plugin at the sites one may enter. `quarantine` names the check it failed at the start, if any."""

    id: str
    title: str
    version: str
    quarantine: str | None
    sites: list[PluginAtSite]


class PluginList(msgspec.Struct, frozen=True):
    plugins: list[PluginOut]


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    enabled: bool


@get("/plugins", permission="plugin.manage")
async def list_plugins(
    work: NamedDependency[Work], platform: NamedDependency[Platform], principal: NamedDependency[Principal]
) -> PluginList:
    """Every plugin that runs or is subscribed, with the sites one may enter."""
    states = platform.switches.states(principal.company, principal.sites, work.now)
    return PluginList(
        [
            PluginOut(
                state.id,
                state.title,
                state.version,
                state.quarantine.check if state.quarantine else None,
                [_at_site(at) for at in state.sites],
            )
            for state in states
        ]
    )


@put("/plugins/{plugin:str}", permission="plugin.manage", status_code=204)
async def switch_plugin(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    plugin: FromPath[str],
    data: JSONBody[Switch],
) -> None:
    """Switch a subscribed plugin on or off at the site. Off, its routes answer 404; its data stays."""
    await platform.switches.switch(work, site, plugin, data.enabled)


def _at_site(at: AtSite) -> PluginAtSite:
    return PluginAtSite(at.site.id, at.site.slug, at.subscribed, at.starts_on, at.ends_on, at.enabled, at.running)


HANDLERS = [list_plugins]
SITE_HANDLERS = [switch_plugin]
