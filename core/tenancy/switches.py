"""Plugins switched on and off: by a company's administrators, for a site, where it is subscribed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from core.errors import Conflict, NotFound
from core.hooks.checks import Reason
from core.hooks.manager import PluginHost
from core.tenancy.directory import Company, Site
from core.work import Work

_SUBSCRIBED = """
SELECT EXISTS (SELECT FROM subscription
               WHERE company_id = $1 AND site_id = $2 AND plugin = $3 AND (ends_on IS NULL OR ends_on >= $4))
"""
_SWITCH = """
INSERT INTO plugin_switch (company_id, site_id, plugin, enabled, changed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (company_id, site_id, plugin) DO UPDATE SET enabled = $4, changed_at = $5
WHERE plugin_switch.enabled <> $4
"""


class AtSite(msgspec.Struct, frozen=True):
    """A plugin at a site. The dates, both included, are those of the present, else the next, else the last
    subscription; None without one or without an end. `enabled`: switched on; `running`: also subscribed today."""

    site: Site
    subscribed: bool
    enabled: bool
    running: bool
    starts_on: date | None = None
    ends_on: date | None = None


class PluginState(msgspec.Struct, frozen=True):
    """A plugin and the sites of a company. `quarantine` says why it is not running; its title is then its id."""

    id: str
    title: str
    version: str
    sites: tuple[AtSite, ...]
    quarantine: Reason | None = None


class Switches:
    """What is on where."""

    def __init__(self, host: PluginHost) -> None:
        self._host = host

    def states(self, company: Company, sites: Iterable[Site], now: datetime) -> list[PluginState]:
        """The plugins that run, and those the company has subscribed for these sites that cannot."""
        sites = tuple(sites)
        ids = {site.id for site in sites}
        subscribed = {s.plugin for s in company.subscriptions if s.site_id in ids}
        states = [
            PluginState(
                plugin.id,
                plugin.manifest.title,
                plugin.manifest.version,
                tuple(_at_site(company, plugin.id, site, now) for site in sites),
            )
            for plugin in self._host.plugins
        ]
        for plugin_id in sorted(subscribed - {state.id for state in states}):
            reason = self._host.quarantine.get(plugin_id, Reason("installed", "it is not installed"))
            at_sites = (_at_site(company, plugin_id, site, now) for site in sites)
            quiet = tuple(msgspec.structs.replace(at, running=False) for at in at_sites)
            states.append(PluginState(plugin_id, plugin_id, "", quiet, reason))
        return states

    async def switch(self, work: Work, site: Site, plugin_id: str, enabled: bool) -> None:
        """Switch a plugin at a site; its data stays. Nothing happens if it is so already.

        Raises NotFound for a site the actor may not enter and for a plugin that is not running, Conflict where it is
        not subscribed.
        """
        if site.id not in work.ctx.site_ids or plugin_id not in self._host:
            raise NotFound
        key = (work.ctx.company_id, site.id, plugin_id)
        if not await work.uow.value(_SUBSCRIBED, *key, site.today(work.now)):
            raise Conflict("This module is not subscribed for the site.")
        if not await work.uow.execute(_SWITCH, *key, enabled, work.now):
            return
        work.audit("plugin.switched", "plugin", plugin_id, {"enabled": enabled}, site_id=site.id)
        work.announce("access", None)


def _at_site(company: Company, plugin_id: str, site: Site, now: datetime) -> AtSite:
    today = site.today(now)
    periods = [s for s in company.subscriptions if s.plugin == plugin_id and s.site_id == site.id]
    current = [s for s in periods if s.ends_on is None or s.ends_on >= today]
    period = next(iter(current or reversed(periods)), None)  # they are in the order of their dates
    return AtSite(
        site,
        subscribed=bool(current),
        enabled=period is not None and period.switched_on,
        running=company.is_on(plugin_id, site, now),
        starts_on=period.starts_on if period else None,
        ends_on=period.ends_on if period else None,
    )
