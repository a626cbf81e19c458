"""A plugin from a package of its own gets through every hook to the screen, the API and the database."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx

from core.approvals.model import Verdict
from core.hooks.manager import LoadedPlugin
from core.i18n import Catalogs
from core.sdk import Event, new_id
from core.settings import ROOT
from tests.core.hooks.lostfound.found import UMBRELLA, acting, items
from tests.plugins_src.install import environment
from tests.support.lodge import NOW, House, Lodge, SettableClock
from tests.support.web import Web


def test_a_subprocess_finds_the_plugin_by_its_entry_point(installed: Path) -> None:
    code = """
from core.hooks.manager import PluginHost
print(PluginHost.load(["lostfound"], strict=True)["lostfound"].id)
"""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT, env=environment(installed), capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert ran.stdout.strip() == "lostfound"


def test_its_folders_are_installed_with_it(plugin: LoadedPlugin, installed: Path) -> None:
    package = installed / plugin.manifest.package

    assert plugin.manifest.migrations == package / "migrations"
    assert (package / "templates" / "items.html").is_file()


async def test_register_routes_registers_and_lists_found_things(clerk: httpx.AsyncClient, house: House) -> None:
    created = await clerk.post(items(house), json=UMBRELLA)
    listed = await clerk.get(items(house))

    assert created.status_code == 201
    assert created.json()["status"] == "kept"
    assert listed.json() == [created.json()]


async def test_where_it_is_off_there_is_nothing_of_it_and_its_data_stays(
    served: Web, lodge: Lodge, clerk: httpx.AsyncClient, house: House
) -> None:
    await clerk.post(items(house), json=UMBRELLA)
    console = await served.console(house, "clerk")
    pages = [f"/s/{site.slug}/tickets" for site in house.sites]

    assert (await clerk.get(items(house, 1))).status_code == 404
    assert (await clerk.post(items(house, 1), json=UMBRELLA)).status_code == 404
    assert (await console.get(f"/s/{house.sites[1].slug}/lostfound")).status_code == 404
    assert ["Lost and found" in (await console.get(page)).text for page in pages] == [True, False]

    async def switch(enabled: bool) -> None:
        async with lodge.owner.begin(house.company_id) as uow:
            await uow.execute(
                "UPDATE plugin_switch SET enabled = $3 WHERE company_id = $1 AND site_id = $2",
                house.company_id,
                house.sites[0].id,
                enabled,
            )
        lodge.forget()

    await switch(False)
    assert (await clerk.get(items(house))).status_code == 404
    await switch(True)
    assert len((await clerk.get(items(house))).json()) == 1


async def test_another_companys_site_is_not_there(served: Web, lodge: Lodge, house: House) -> None:
    stranger = await served.api(await lodge.house(plugins=["lostfound"]), "clerk")

    assert (await stranger.get(items(house))).status_code == 404
    assert (await stranger.get("/api/v1/sites/nowhere/lostfound/items")).status_code == 404


async def test_register_pages_shows_found_things_in_the_shell_and_escaped(
    served: Web, clerk: httpx.AsyncClient, house: House
) -> None:
    await clerk.post(items(house), json={**UMBRELLA, "description": "<script>alert(1)</script>"})
    console = await served.console(house, "clerk")
    console.cookies.set("locale", "zh-CN")

    page = await console.get(f"/s/{house.sites[0].slug}/lostfound")

    assert page.status_code == 200
    assert "失物招领</h1>" in page.text and 'id="palette"' in page.text
    assert "&lt;script&gt;alert" in page.text and "<script>alert" not in page.text


async def test_register_tables_match_what_the_migrations_create(plugin: LoadedPlugin, lodge: Lodge) -> None:
    declared = {
        (table._meta.tablename, column._meta.db_column_name)
        for table in plugin.tables
        for column in table._meta.columns
    }
    async with lodge.owner.begin(None) as uow:
        created = await uow.fetch(
            lambda table, column: (table, column),
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE 'lostfound%'",
        )

    assert set(created) == declared


def test_register_permissions_gives_rights_to_roles(plugin: LoadedPlugin) -> None:
    assert {permission.id for permission in plugin.permissions if "clerk" in permission.roles} == {
        "lostfound.item.view",
        "lostfound.item.register",
    }


async def test_register_policies_says_how_long_things_are_kept(clerk: httpx.AsyncClient, house: House) -> None:
    item = (await clerk.post(items(house), json=UMBRELLA)).json()

    assert item["keep_until"] == (NOW + timedelta(days=90)).isoformat().replace("+00:00", "Z")


def test_register_nav_leads_to_the_first_page(plugin: LoadedPlugin) -> None:
    [entry] = plugin.nav

    assert (entry.label, entry.path, entry.permission) == ("Lost and found", "", "lostfound.item.view")


async def test_register_jobs_releases_things_whose_time_is_over(
    plugin: LoadedPlugin, lodge: Lodge, clerk: httpx.AsyncClient, clock: SettableClock, house: House
) -> None:
    [job] = plugin.jobs
    brief = {**UMBRELLA, "keep_until": (NOW + timedelta(seconds=30)).isoformat()}
    await clerk.post(items(house), json=brief)
    long = (await clerk.post(items(house), json=UMBRELLA)).json()
    clock.advance(seconds=30)

    for _ in range(2):
        async with lodge.platform.work(acting(house)) as work:
            await job.handler(work, work.ctx, {})

    assert [item["id"] for item in (await clerk.get(items(house))).json()] == [long["id"]]


async def test_register_approvals_gives_a_thing_away_when_somebody_else_agrees(
    lodge: Lodge, clerk: httpx.AsyncClient, house: House
) -> None:
    from lodge_lostfound.approvals import GiveAway  # type: ignore[import-not-found]

    item, site = (await clerk.post(items(house), json=UMBRELLA)).json(), house.sites[0]
    approvals = lodge.platform.approvals
    async with lodge.work(house, "clerk") as work:
        asked = GiveAway(UUID(item["id"]), item["description"])
        id = await approvals.ask(work, site, "lostfound.early", item["id"], asked, permission="ticket.close")

    async with lodge.work(house, "supervisor") as work:
        await approvals.decide(work, site, id, Verdict(True), lodge.platform)

    assert (await clerk.get(items(house))).json() == []


async def test_register_retention_forgets_what_was_released_when_the_sites_days_are_over(
    lodge: Lodge, clerk: httpx.AsyncClient, clock: SettableClock, house: House
) -> None:
    await clerk.post(items(house), json=UMBRELLA)
    clock.advance(days=91)
    async with lodge.platform.work(acting(house)) as work:
        await work.uow.execute("UPDATE lostfound_item SET status = 'released' WHERE company_id = $1", house.company_id)
        due = {each.kind: each.rows for each in await lodge.platform.retention.outlook(work)}
        await lodge.platform.retention.run(work, work.ctx, {})
        left = {each.kind: each.rows for each in await lodge.platform.retention.outlook(work)}

    assert (due["lostfound.things"], left["lostfound.things"]) == (1, 0)


async def test_event_deliver_counts_each_created_ticket_of_a_site_once(lodge: Lodge, house: House) -> None:
    from lodge_lostfound import repository  # type: ignore[import-not-found]

    site = house.sites[0].id
    first, second = (Event("ticket.created.v1", site, new_id()) for _ in range(2))
    for event in (first, first, second, Event("ticket.closed.v1", site, new_id())):
        await lodge.platform.directory.company(house.company_id)
        async with lodge.platform.work(acting(house)) as work:
            await lodge.platform.hooks.each("event_deliver", work.ctx, site, work=work, event=event)

    async with lodge.platform.work(acting(house)) as work:
        assert await repository.tickets(work.uow, house.company_id, site) == 2


def test_every_message_of_the_plugin_has_a_chinese_text(plugin: LoadedPlugin, installed: Path) -> None:
    package = installed / "lodge_lostfound"
    texts = [
        file.read_text(encoding="utf-8")
        for pattern in ("*.py", "templates/**/*.html")
        for file in package.glob(pattern)
    ]
    found = {message for text in texts for message in re.findall(r'_\("([^"]+)"\)', text)}
    found |= {message for text in texts for message in re.findall(r'Invalid\.field\("\w+", "([^"]+)"', text)}
    found |= {plugin.manifest.title, *(entry.label for entry in plugin.nav)}
    found |= {permission.title for permission in plugin.permissions}
    for kind in plugin.ticket_types:
        found |= {kind.title, *(part.title for part in (*kind.stages, *kind.transitions, *kind.goals))}
        found |= {each.text for each in kind.transitions if each.text}
    found |= {kept.title for kept in plugin.retention}
    for asked in plugin.approvals:
        found |= {asked.title, asked.text}
    for policy in plugin.policies:
        found |= {policy.title, policy.help}
    catalogs = Catalogs({plugin.id: package / "locales"})

    assert [message for message in sorted(found) if not catalogs.has("zh-CN", plugin.id, message)] == []
