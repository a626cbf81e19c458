"""What a plugin does for others is found by its name, where that plugin is on."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from core.hooks.checks import PluginRefused
from core.hooks.services import Service, ServiceKey, Services
from core.tenancy.context import SYSTEM, TenantContext
from tests.core.hooks.memory import host_of, manifest_of, plugin_of
from tests.core.hooks.test_manager import answer

SPACES: ServiceKey[str] = ServiceKey("parking.spaces")
HERE, ELSEWHERE = uuid4(), uuid4()


def is_on(ctx: TenantContext, plugin: str, site_id: UUID | None) -> bool:
    return plugin == "parking" and site_id == HERE


def test_register_services_are_found_by_name_where_the_plugin_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    host = host_of(monkeypatch, plugin_of(manifest_of(), register_services=answer(Service(SPACES, "twelve"))))
    services = Services([(plugin.id, each) for plugin in host.plugins for each in plugin.services], is_on)
    ctx = TenantContext(uuid4(), frozenset({HERE, ELSEWHERE}), SYSTEM)

    assert services.find(SPACES, ctx, HERE) == "twelve"
    assert services.find(SPACES, ctx, ELSEWHERE) is None
    other: ServiceKey[str] = ServiceKey("parking.permits")
    assert services.find(other, ctx, HERE) is None


def test_register_services_of_another_plugins_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    alien: Service[str] = Service(ServiceKey("archives.boxes"), "none")
    with pytest.raises(PluginRefused, match="must start with"):
        host_of(monkeypatch, plugin_of(manifest_of(), register_services=answer(alien)))
