"""Modules over HTTP: what is subscribed where, switching it on and off, and what that does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from core.hooks.checks import Reason
from core.hooks.manager import PluginHost
from core.tenancy.directory import Company
from core.tenancy.switches import Switches
from tests.support.lodge import NOW, House, Lodge, SettableClock
from tests.support.web import Web, problem

TODAY = date(2026, 11, 23)


async def subscribe(lodge: Lodge, house: House, starts: date, ends: date | None = None, n: int = 0) -> None:
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(
            "INSERT INTO subscription (company_id, id, site_id, plugin, starts_on, ends_on) "
            "VALUES ($1, gen_random_uuid(), $2, 'reception', $3, $4)",
            house.company_id,
            house.sites[n].id,
            starts,
            ends,
        )
    lodge.forget()


def reception_of(listed: httpx.Response) -> dict[str, Any]:
    """What the list of modules says of the front desk."""
    found: dict[str, Any] = next(plugin for plugin in listed.json()["plugins"] if plugin["id"] == "reception")
    return found


def switch_path(house: House, n: int = 0) -> str:
    return f"/api/v1/sites/{house.sites[n].slug}/plugins/reception"


async def test_off_is_404_and_absent_from_the_navigation_and_on_again_is_as_before(web: Web, desk_house: House) -> None:
    api, console = await web.api(desk_house, "admin"), await web.console(desk_house, "admin")
    slug = desk_house.sites[0].slug
    calls, page = f"/api/v1/sites/{slug}/reception/calls", f"/s/{slug}/reception/calls"
    for enabled, status in ((False, 404), (True, 200)):
        switched = await api.put(switch_path(desk_house), json={"enabled": enabled})
        assert switched.status_code == 204
        assert (await api.get(calls)).status_code == status
        assert (await console.get(page)).status_code == status
        assert (f'href="{page}"' in (await console.get(f"/s/{slug}/tickets")).text) is enabled
        assert (await api.get(f"/api/v1/sites/{desk_house.sites[1].slug}/reception/calls")).status_code == 200


async def test_the_list_says_what_is_subscribed_enabled_and_running_where(
    web: Web, lodge: Lodge, house: House, clock: SettableClock
) -> None:
    await subscribe(lodge, house, TODAY + timedelta(days=1), TODAY + timedelta(days=2))
    api = await web.api(house, "admin")

    async def states() -> list[tuple[bool, bool, bool]]:
        plugin = reception_of(await api.get("/api/v1/plugins"))
        assert plugin["quarantine"] is None
        return [(at["subscribed"], at["enabled"], at["running"]) for at in plugin["sites"]]

    assert await states() == [(True, False, False), (False, False, False)]
    assert (await api.put(switch_path(house), json={"enabled": True})).status_code == 204
    assert await states() == [(True, True, False), (False, False, False)], "it begins tomorrow"
    clock.advance(days=1)
    api = await web.api(house, "admin")
    assert await states() == [(True, True, True), (False, False, False)]
    clock.advance(days=2)
    api = await web.api(house, "admin")
    assert await states() == [(False, True, False), (False, False, False)], "it ended yesterday"
    page = await (await web.console(house, "admin")).get("/admin/plugins")
    assert f"subscription ended {TODAY + timedelta(days=2)}" in page.text and "not subscribed" in page.text


async def test_only_what_is_subscribed_and_installed_can_be_switched(web: Web, lodge: Lodge, house: House) -> None:
    await subscribe(lodge, house, TODAY - timedelta(days=9), TODAY - timedelta(days=1))
    api = await web.api(house, "admin")
    for n in (0, 1):
        refused = await api.put(switch_path(house, n), json={"enabled": True})
        assert refused.status_code == 409
        assert problem(refused)["type"] == "urn:lodge:problem:conflict"
    assert (
        await api.put(f"/api/v1/sites/{house.sites[0].slug}/plugins/nothing", json={"enabled": True})
    ).status_code == 404


async def test_switching_is_audited_once_and_takes_its_permission(web: Web, desk_house: House) -> None:
    api, path = await web.api(desk_house, "admin"), switch_path(desk_house)
    for enabled in (False, False, True):
        assert (await api.put(path, json={"enabled": enabled})).status_code == 204
    entries = (await api.get("/api/v1/audit?action=plugin.switched")).json()["entries"]
    assert [entry["changes"]["enabled"] for entry in entries] == [True, False]
    assert entries[0]["site_id"] == str(desk_house.sites[0].id)
    manager = await web.api(desk_house, "manager")
    assert (await manager.get("/api/v1/plugins")).status_code == 403
    assert (await manager.put(path, json={"enabled": False})).status_code == 403
    assert (await api.put(path, json={"enabled": "off"})).status_code == 400
    assert (await api.put(path, json={"enabled": True, "force": True})).status_code == 400


async def test_an_administrator_of_one_site_sees_and_switches_that_site_only(
    web: Web, lodge: Lodge, desk_house: House
) -> None:
    local = await web.api(desk_house, desk_house.local[0])
    plugin = reception_of(await local.get("/api/v1/plugins"))
    assert [at["slug"] for at in plugin["sites"]] == [desk_house.sites[0].slug]
    assert (await local.put(switch_path(desk_house, 1), json={"enabled": False})).status_code == 404
    stranger = await web.api(await lodge.house(plugins=["reception"]), "admin")
    assert (await stranger.put(switch_path(desk_house), json={"enabled": False})).status_code == 404
    console = await web.console(desk_house, desk_house.local[0])
    foreign = f"/admin/plugins/reception/sites/{desk_house.sites[1].slug}"
    assert (await console.post(foreign, data={"enabled": "false"})).status_code == 404


async def test_the_page_switches(web: Web, desk_house: House) -> None:
    console = await web.console(desk_house, "admin")
    slug = desk_house.sites[0].slug
    switch = f'id="switch-reception-{slug}" name="enabled" value="%s" aria-checked="%s"'
    assert switch % ("false", "true") in (await console.get("/admin/plugins")).text
    path = f"/admin/plugins/reception/sites/{slug}"
    posted = await console.post(path, data={"enabled": "false"})
    assert (posted.status_code, posted.headers["location"]) == (303, "/admin/plugins")
    assert switch % ("true", "false") in (await console.get("/admin/plugins")).text
    assert (await console.post(path, data={"enabled": "maybe"})).status_code == 400
    assert (await (await web.console(desk_house, "clerk")).get("/admin/plugins")).status_code == 403


@pytest.mark.parametrize(
    ("quarantine", "check"), [({"reception": Reason("import", "secret path")}, "import"), ({}, "installed")]
)
async def test_a_subscribed_module_that_is_not_running_is_shown_with_the_check_it_failed(
    lodge: Lodge, desk_house: House, quarantine: dict[str, Reason], check: str
) -> None:
    company = await lodge.platform.directory.company(desk_house.company_id)
    assert isinstance(company, Company)
    switches = Switches(PluginHost([], quarantine))
    [state] = switches.states(company, company.sites, NOW)
    assert state.quarantine is not None and state.quarantine.check == check
    assert [(at.subscribed, at.running) for at in state.sites] == [(True, False)] * 2
    unsubscribed = msgspec.structs.replace(company, subscriptions=())
    assert switches.states(unsubscribed, company.sites, NOW) == []
