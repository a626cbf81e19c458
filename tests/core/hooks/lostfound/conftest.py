"""A plugin installed from a package of its own, on a platform that has no other, and a house where it is on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from core.db.connect import prepare
from core.hooks.manager import LoadedPlugin, PluginHost
from tests.plugins_src.install import importable, install
from tests.support.lodge import SECRET, Databases, House, Lodge, SettableClock, lodge_on, migration_apps
from tests.support.web import Web, web_on


@pytest.fixture(scope="package")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with importable(install(tmp_path_factory.mktemp("site"), "lodge_lostfound")) as target:
        yield target


@pytest.fixture(scope="package")
def alone(installed: Path) -> PluginHost:
    return PluginHost.load(["lostfound"], strict=True)


@pytest.fixture(scope="package")
def plugin(alone: PluginHost) -> LoadedPlugin:
    return alone["lostfound"]


@pytest.fixture(scope="package")
async def lodge(
    databases: Databases, alone: PluginHost, shared_clock: SettableClock, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Lodge]:
    """A platform whose only plugin is this one, on core's schema with the plugin's added."""
    dsns = await databases.migrated()
    await prepare(databases.admin_dsn(dsns), SECRET, migration_apps(alone))
    async with lodge_on(dsns, alone, shared_clock, tmp_path_factory.mktemp("lostfound")) as lodge:
        yield lodge


@pytest.fixture(scope="package")
async def served(lodge: Lodge) -> AsyncIterator[Web]:
    async with web_on(lodge.platform) as web:
        yield web


@pytest.fixture
async def house(lodge: Lodge) -> House:
    """A company with the plugin on at its first site and off at its second."""
    house = await lodge.house(sites=2, plugins=["lostfound"])
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(
            "UPDATE plugin_switch SET enabled = false WHERE company_id = $1 AND site_id = $2",
            house.company_id,
            house.sites[1].id,
        )
    lodge.forget()
    return house


@pytest.fixture
async def clerk(served: Web, house: House) -> httpx.AsyncClient:
    return await served.api(house, "clerk")
