"""AZ-1 at the start: an application with a route that does not say who may use it is not served at all."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from litestar import get
from litestar.handlers import HTTPRouteHandler

from core.hooks.checks import PluginRefused
from core.hooks.manager import LoadedPlugin, PluginHost
from core.platform import Platform
from core.sdk import Permission
from core.web.app import AccessUnstated, create_app
from tests.core.hooks.memory import host_of, manifest_of, plugin_of
from tests.support.lodge import Lodge


def page(**access: Any) -> HTTPRouteHandler:
    """A page of the plugin."""

    @get("/bays", opt=access)
    async def bays() -> str:
        return "bays"

    return bays


def host_with(monkeypatch: pytest.MonkeyPatch, handler: HTTPRouteHandler, where: str) -> PluginHost:
    view = Permission("parking.bay.view", "See bays", frozenset({"guard"}))
    hooks: dict[str, Any] = {"register_permissions": lambda: [view], where: lambda: [handler]}
    return host_of(monkeypatch, plugin_of(manifest_of(), **hooks))


@pytest.mark.parametrize("where", ["register_routes", "register_pages"])
@pytest.mark.parametrize("access", [{}, {"permission": "parking.bay.see"}, {"public": False}, {"permission": None}])
def test_a_plugin_whose_route_states_no_access_is_refused(
    monkeypatch: pytest.MonkeyPatch, where: str, access: dict[str, object]
) -> None:
    with pytest.raises(PluginRefused, match="bays"):
        host_with(monkeypatch, page(**access), where)


def test_az_1_an_application_with_a_route_that_states_no_access_is_not_made(
    lodge: Lodge, monkeypatch: pytest.MonkeyPatch
) -> None:
    [plugin] = host_with(monkeypatch, page(permission="parking.bay.view"), "register_pages").plugins
    plugin = msgspec.structs.replace(plugin, manifest=msgspec.structs.replace(plugin.manifest, package="tests"))
    create_app(_platform(lodge, plugin))

    for pages in (page(),), (page(permission="parking.bay.see"),):
        with pytest.raises(AccessUnstated, match="/parking/bays"):
            create_app(_platform(lodge, msgspec.structs.replace(plugin, pages=pages)))


def _platform(lodge: Lodge, plugin: LoadedPlugin) -> Platform:
    return Platform(lodge.platform.settings, lodge.dsns, PluginHost([plugin], {}))
