"""The page of the company's modules: what is subscribed where, and switching it on and off."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from core.errors import Malformed
from core.i18n import msgid
from core.tenancy.directory import Site
from core.tenancy.switches import AtSite, PluginState
from core.web.view import View
from core.web.views import PluginCell, PluginRow, SiteLink

_SWITCH = {"true": True, "false": False}
_ALARMS = {
    "installed": msgid("It is subscribed, but not installed here. The operator has to install it."),
    "core_version": msgid("It does not fit this version of Lodge. The operator has to update it."),
}
_ALARM = msgid("It failed a check when Lodge started and was left out; its data is safe. Tell the operator: {check}.")


@get("/plugins", permission="plugin.manage")
async def plugin_page(view: NamedDependency[View]) -> Response[str]:
    state = view.state
    sites = tuple(_link(site) for site in state.principal.sites)
    states = state.platform.switches.states(state.principal.company, state.principal.sites, state.work.now)
    return await view.html("admin/plugins.html", sites=sites, plugins=tuple(_row(plugin) for plugin in states))


@post("/plugins/{plugin:str}/sites/{site_id:str}", permission="plugin.manage")
async def plugin_switch(view: NamedDependency[View], site: NamedDependency[Site], plugin: FromPath[str]) -> Redirect:
    """Switch, and show the page anew; a redirect also for htmx, which follows it and keeps the focus."""
    enabled = _SWITCH.get((await view.form()).get("enabled", ""))
    if enabled is None:
        raise Malformed
    await view.state.platform.switches.switch(view.state.work, site, plugin, enabled)
    return Redirect("/admin/plugins", status_code=303)


def _row(plugin: PluginState) -> PluginRow:
    check = plugin.quarantine.check if plugin.quarantine else ""
    return PluginRow(
        id=plugin.id,
        label=plugin.title,
        version=plugin.version,
        cells=tuple(_cell(at) for at in plugin.sites),
        alarm=_ALARMS.get(check, _ALARM) if check else "",
        params={"check": check},
    )


def _cell(at: AtSite) -> PluginCell:
    return PluginCell(_link(at.site), at.subscribed, at.enabled, at.starts_on, at.ends_on)


def _link(site: Site) -> SiteLink:
    return SiteLink(site.slug, site.name)


HANDLERS = [plugin_page, plugin_switch]
