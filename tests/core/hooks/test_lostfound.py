"""A plugin from a package of its own gets through every hook to the screen, the API and the database."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from core.db.connect import prepare
from core.hooks.manager import LoadedPlugin, PluginHost
from core.i18n import Catalogs
from core.sdk import SYSTEM, Event, TenantContext, new_id
from core.settings import ROOT
from tests.plugins_src.install import environment, importable, install
from tests.support.lodge import NOW, SECRET, Databases, House, Lodge, SettableClock, lodge_on, migration_apps
from tests.support.web import Web, problem, web_on

UMBRELLA = {"description": "黑色雨伞", "place": "3号楼大堂"}
LOST_PROPERTY = {
    "key": "lost_property",
    "title_zh": "失物",
    "title_en": "Lost property",
    "icon": "umbrella",
    "ticket_type": "enquiry",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with importable(install(tmp_path_factory.mktemp("site"), "lodge_lostfound")) as target:
        yield target


@pytest.fixture(scope="module")
def alone(installed: Path) -> PluginHost:
    return PluginHost.load(["lostfound"], strict=True)


@pytest.fixture(scope="module")
def plugin(alone: PluginHost) -> LoadedPlugin:
    return alone["lostfound"]


@pytest.fixture(scope="module")
async def lodge(
    databases: Databases, alone: PluginHost, shared_clock: SettableClock, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Lodge]:
    """A platform whose only plugin is this one, on core's schema with the plugin's added."""
    dsns = await databases.migrated()
    await prepare(databases.admin_dsn(dsns), SECRET, migration_apps(alone))
    async with lodge_on(dsns, alone, shared_clock, tmp_path_factory.mktemp("lostfound")) as lodge:
        yield lodge


@pytest.fixture(scope="module")
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


def items(house: House, site: int = 0) -> str:
    return f"/api/v1/sites/{house.sites[site].slug}/lostfound/items"


def acting(house: House) -> TenantContext:
    return TenantContext(house.company_id, frozenset(site.id for site in house.sites), SYSTEM)


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


async def test_outlet_fill_shows_found_things_beside_a_ticket_about_lost_property(
    served: Web, lodge: Lodge, clerk: httpx.AsyncClient, house: House
) -> None:
    await clerk.post(items(house), json=UMBRELLA)
    await add_category(lodge, house)
    console = await served.console(house, "clerk")

    async def page(category: str) -> str:
        answer = await clerk.post(
            f"/api/v1/sites/{house.sites[0].slug}/tickets",
            json={"description": "雨伞忘在大堂", "category": category, "place": "大堂"},
        )
        return (await console.get(f"/s/{house.sites[0].slug}/tickets/{answer.json()['id']}")).text

    assert UMBRELLA["description"] in await page("lost_property")
    assert UMBRELLA["description"] not in await page("lift")


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


@pytest.mark.parametrize(
    ("category", "description", "refused"),
    [("lost_property", "????", True), ("lost_property", "钱包，棕色", False), ("lift", "????", False)],
)
async def test_ticket_validate_wants_lost_property_described(
    category: str, description: str, refused: bool, lodge: Lodge, clerk: httpx.AsyncClient, house: House
) -> None:
    await add_category(lodge, house)

    answer = await clerk.post(
        f"/api/v1/sites/{house.sites[0].slug}/tickets",
        json={"description": description, "category": category, "place": "大堂"},
    )

    assert answer.status_code == (422 if refused else 201)
    if refused:
        assert [error["field"] for error in problem(answer)["errors"]] == ["description"]  # type: ignore[attr-defined]


async def test_register_ticket_types_brings_stages_goals_and_fields_of_its_own(
    served: Web, lodge: Lodge, clerk: httpx.AsyncClient, house: House
) -> None:
    await add_category(lodge, house, "lostfound.claim")
    url = f"/api/v1/sites/{house.sites[0].slug}/tickets"
    new = {"description": "雨伞忘在大堂", "category": "lost_property", "place": "大堂"}

    nameless = await clerk.post(url, json=new)
    wrong = await clerk.post(url, json={**new, "fields": {"what": "伞", "worth": "huge", "colour": "black"}})
    created = await clerk.post(url, json={**new, "fields": {"what": "黑色雨伞"}})

    assert [e["field"] for e in problem(nameless)["errors"]] == ["fields.what"]  # type: ignore[attr-defined]
    assert {e["field"] for e in problem(wrong)["errors"]} == {  # type: ignore[attr-defined]
        "fields.what",
        "fields.worth",
        "fields.colour",
    }
    ticket = created.json()
    assert (ticket["type"], ticket["status"], ticket["stage"]) == ("lostfound.claim", "new", "reported")
    assert ticket["fields"] == {"what": "黑色雨伞", "worth": "small"}

    async def step(name: str, text: str = "") -> httpx.Response:
        headers = {"If-Match": str((await clerk.get(f"{url}/{ticket['id']}")).json()["ticket"]["version"])}
        return await clerk.post(f"{url}/{ticket['id']}/actions/{name}", json={"text": text}, headers=headers)

    assert (await step("accept")).status_code == 404, "replaced by the type's own"
    assert (await step("hand_over")).status_code == 409
    assert (await step("found")).status_code == 422
    found = (await step("found", "in the lobby")).json()
    detail = (await clerk.get(f"{url}/{ticket['id']}")).json()
    goals = {goal["name"]: (goal["state"], goal["ended"]) for goal in detail["goals"]}
    assert (found["status"], found["stage"]) == ("accepted", "found")
    assert goals["search"] == ("met", True)
    assert goals["collection"] == ("running", False)
    assert "hand_over" in detail["actions"] and "search" not in detail["actions"]
    page = (await (await served.console(house, "clerk")).get(f"/s/{house.sites[0].slug}/tickets/{ticket['id']}")).text
    assert all(word in page for word in ("Found, waiting for the owner", "黑色雨伞", "Claim of lost property"))
    assert (await step("hand_over")).json()["stage"] == "handed_over"
    await step("answer", "told him")
    assert (await step("close")).json()["stage"] == "handed_over"
    assert (await step("reopen", "the wrong one")).json()["stage"] == "searching"


async def test_the_fields_of_its_own_can_be_changed_later(
    served: Web, lodge: Lodge, clerk: httpx.AsyncClient, house: House
) -> None:
    """By the API and on the page; audited by name, the timeline says from what to what."""
    await add_category(lodge, house, "lostfound.claim")
    url = f"/api/v1/sites/{house.sites[0].slug}/tickets"
    new = {
        "description": "雨伞忘在大堂",
        "category": "lost_property",
        "place": "大堂",
        "fields": {"what": "伞架上的伞"},
    }
    path = f"{url}/{(await clerk.post(url, json=new)).json()['id']}"
    screen = await served.console(house, "clerk")
    page = path.replace("/api/v1/sites/", "/s/")

    async def patch(version: int | None, **fields: str) -> httpx.Response:
        headers = {} if version is None else {"If-Match": str(version)}
        return await clerk.patch(path, json={"fields": fields}, headers=headers)

    changed = await patch(1, what="黑色雨伞")
    assert (changed.status_code, changed.json()["fields"]) == (200, {"what": "黑色雨伞", "worth": "small"})
    refused = {
        "stale": await patch(1, what="蓝色雨伞"),
        "unsaid": await patch(None),
        "same": await patch(2, worth="small"),
    }
    assert {name: each.status_code for name, each in refused.items()} == {"stale": 412, "unsaid": 428, "same": 409}
    wrong = await patch(2, what="x", colour="black")
    assert {e["field"] for e in problem(wrong)["errors"]} == {"fields.what", "fields.colour"}  # type: ignore[attr-defined]

    form = {"version": "2", "fields.lostfound.claim.what": "黑", "fields.lostfound.claim.worth": "large"}
    again = await screen.post(f"{page}/amend", data=form, headers={"hx-request": "true"})
    assert (again.status_code, "Give 2 to 60 characters." in again.text, 'value="黑"' in again.text) == (
        422,
        True,
        True,
    )
    answer = await screen.post(f"{page}/amend", data={**form, "fields.lostfound.claim.what": "黑色长柄伞"})
    assert answer.status_code == 303
    listed = (await screen.get(f"{page.rpartition('/')[0]}?type=lostfound.claim&cols=matter,type")).text
    assert '<option value="lostfound.claim" selected>Claim of lost property</option>' in listed
    assert ">Claim of lost property</td>" in listed
    shown = (await screen.get(page)).text
    assert "changed the details: What was lost 黑色雨伞 → 黑色长柄伞；Worth Small → Large" in shown

    guard = await served.api(house, "cashier")
    assert (await guard.patch(path, json={"fields": {}}, headers={"If-Match": "3"})).status_code in (403, 404)
    async with lodge.platform.work(acting(house), read_only=True) as work:
        sql = "SELECT changes::text FROM audit_entry WHERE company_id = $1 AND action = 'ticket.amend' ORDER BY id"
        audited = await work.uow.fetch(str, sql, house.company_id)
    assert ["what" in audited[0], "worth" in audited[1]] == [True, True] and "伞" not in "".join(audited)


async def test_where_it_is_off_its_tickets_stay_readable_and_its_steps_are_unknown(
    served: Web, lodge: Lodge, clerk: httpx.AsyncClient, house: House
) -> None:
    await add_category(lodge, house, "lostfound.claim")
    new = {"description": "雨伞忘在大堂", "category": "lost_property", "place": "大堂", "fields": {"what": "黑色雨伞"}}
    url = f"/api/v1/sites/{house.sites[0].slug}/tickets"
    ticket = (await clerk.post(url, json=new)).json()
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute("UPDATE plugin_switch SET enabled = false WHERE company_id = $1", house.company_id)
    lodge.forget()

    detail = (await clerk.get(f"{url}/{ticket['id']}")).json()
    step = await clerk.post(f"{url}/{ticket['id']}/actions/search", json={}, headers={"If-Match": "1"})
    unknown = await clerk.post(f"{url}/{ticket['id']}/actions/burn", json={}, headers={"If-Match": "1"})

    assert detail["ticket"]["fields"] == {"what": "黑色雨伞", "worth": "small"}
    assert "search" not in detail["actions"] and "accept" in detail["actions"]
    assert (step.status_code, problem(step)["title"]) == (404, problem(unknown)["title"])  # type: ignore[attr-defined]
    refused = await clerk.post(url, json=new)
    assert [e["field"] for e in problem(refused)["errors"]] == ["category"]  # type: ignore[attr-defined]


async def add_category(lodge: Lodge, house: House, ticket_type: str = "enquiry") -> None:
    """Let the company's tickets be about lost property, besides what they are about by default."""
    from core.policies.ticket_categories import TICKET_CATEGORIES

    default = msgspec.json.decode(msgspec.json.encode(TICKET_CATEGORIES.default.categories))
    async with lodge.platform.work(acting(house)) as work:
        await lodge.platform.policies.revise(
            work,
            TICKET_CATEGORIES,
            None,
            {"categories": [*default, {**LOST_PROPERTY, "ticket_type": ticket_type}]},
            reason="tests",
            expected=0,
        )


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
    for policy in plugin.policies:
        found |= {policy.title, policy.help}
    catalogs = Catalogs({plugin.id: package / "locales"})

    assert [message for message in sorted(found) if not catalogs.has("zh-CN", plugin.id, message)] == []
