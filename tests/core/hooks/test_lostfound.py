"""A plugin from a package of its own gets through every hook to the screen, the API and the database."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, Request, Router
from litestar.di import Provide
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from litestar.types import ASGIApp, Receive, Scope, Send

from core.db.connect import prepare
from core.db.engine import Database
from core.db.migrate import MigrationApp
from core.hooks.bus import HookBus
from core.hooks.manager import LoadedPlugin, PluginHost
from core.sdk import SYSTEM, Event, Invalid, TenantContext, Work, new_id
from tests.core.hooks.memory import idle_work
from tests.plugins_src.install import environment, importable, install
from tests.support.postgres import test_server as server

ROOT = Path(__file__).parents[3]
COMPANY, SITE, OTHER_SITE, FOREIGN = (UUID(int=number) for number in range(1, 5))
CTX = TenantContext(COMPANY, frozenset({SITE}), SYSTEM)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
UMBRELLA = {"description": "黑色雨伞", "place": "3号楼大堂", "keep_until": (NOW + timedelta(days=90)).isoformat()}


class Ticket:
    site_id = SITE
    type = "enquiry"
    severity = "routine"

    def __init__(self, category: str, description: str = "") -> None:
        self.category = category
        self.description = description


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with importable(install(tmp_path_factory.mktemp("site"), "lodge_lostfound")) as target:
        yield target


@pytest.fixture(scope="module")
def host(installed: Path) -> PluginHost:
    return PluginHost.load(["lostfound"], strict=True)


@pytest.fixture(scope="module")
def plugin(host: PluginHost) -> LoadedPlugin:
    return host["lostfound"]


@pytest.fixture(scope="module")
def bus(host: PluginHost) -> HookBus:
    return HookBus(host, lambda ctx, plugin_id, site_id: site_id == SITE)


@pytest.fixture(scope="module")
async def database(plugin: LoadedPlugin) -> AsyncIterator[Database]:
    assert plugin.manifest.migrations is not None
    apps = [MigrationApp("core", ROOT / "migrations" / "core"), MigrationApp(plugin.id, plugin.manifest.migrations)]
    with server() as admin:
        dsns = await prepare(admin, b"secret of a test run", apps)
        database = Database(dsns.app, max_size=2)
        await database.connect()
        try:
            async with database.begin(COMPANY) as uow:
                await uow.execute("INSERT INTO company (company_id, slug, name) VALUES ($1, 'a', 'A')", COMPANY)
                for number, site_id in enumerate((SITE, OTHER_SITE)):
                    await uow.execute(
                        "INSERT INTO site (company_id, id, slug, name, kind, timezone) "
                        "VALUES ($1, $2, $3, 'S', 'residential', 'Asia/Shanghai')",
                        COMPANY,
                        site_id,
                        str(number),
                    )
            yield database
        finally:
            await database.close()


@asynccontextmanager
async def working(database: Database, now: datetime = NOW) -> AsyncIterator[Work]:
    async with database.begin(COMPANY) as uow:
        yield Work(uow, CTX, now)


@pytest.fixture
async def client(plugin: LoadedPlugin, installed: Path, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The plugin's handlers where core mounts them, each request with work of its own."""

    def with_work(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            async with working(database) as work:
                scope["state"]["work"] = work
                await app(scope, receive, send)

        return middleware

    def work(request: Request[Any, Any, Any]) -> Work:
        found: Work = request.scope["state"]["work"]
        return found

    application = Litestar(
        [
            Router(f"/api/v1/sites/{{site_id:uuid}}/{plugin.id}", route_handlers=plugin.routes),
            Router(f"/s/{{site_id:uuid}}/{plugin.id}", route_handlers=plugin.pages),
        ],
        dependencies={"work": Provide(work, sync_to_thread=False)},
        middleware=[with_work],
        template_config=TemplateConfig(instance=JinjaTemplateEngine(engine_instance=chinese(installed))),
        openapi_config=None,
        debug=False,
    )
    transport = httpx.ASGITransport(cast(Any, application), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://lodge.test") as client:
        yield client


def catalogue(installed: Path) -> Translations:
    po = installed / "lodge_lostfound" / "locales" / "zh_CN" / "LC_MESSAGES" / "messages.po"
    compiled = io.BytesIO()
    with po.open("rb") as file:
        write_mo(compiled, read_po(file, locale="zh_CN", abort_invalid=True))
    compiled.seek(0)
    return Translations(compiled)


def chinese(installed: Path) -> Environment:
    loader = FileSystemLoader(installed / "lodge_lostfound" / "templates")
    environment = Environment(loader=loader, extensions=["jinja2.ext.i18n"], autoescape=True, undefined=StrictUndefined)
    environment.install_gettext_translations(catalogue(installed))  # type: ignore[attr-defined]
    return environment


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
    assert (package / "templates" / plugin.id).is_dir()


async def test_register_routes_registers_and_lists_found_things(client: httpx.AsyncClient) -> None:
    path = f"/api/v1/sites/{SITE}/lostfound/items"

    created = await client.post(path, json=UMBRELLA)
    listed = await client.get(path)

    assert created.status_code == 201
    assert created.json()["status"] == "kept"
    assert created.json() in listed.json()


@pytest.mark.parametrize("site_id", [OTHER_SITE, FOREIGN])
async def test_sites_the_actor_may_not_touch_are_not_there(
    site_id: UUID, plugin: LoadedPlugin, database: Database
) -> None:
    from lodge_lostfound import service  # type: ignore[import-not-found]
    from lodge_lostfound.schemas import NewItem  # type: ignore[import-not-found]

    from core.errors import NotFound

    async with working(database) as work:
        with pytest.raises(NotFound):
            await service.items(work, site_id)
        with pytest.raises(NotFound):
            await service.register(work, site_id, NewItem("伞", "大堂", NOW + timedelta(days=1)))


async def test_register_pages_shows_found_things_in_chinese_and_escaped(client: httpx.AsyncClient) -> None:
    path = f"/api/v1/sites/{SITE}/lostfound/items"
    await client.post(path, json={**UMBRELLA, "description": "<script>alert(1)</script>"})

    page = await client.get(f"/s/{SITE}/lostfound")

    assert page.status_code == 200
    assert "<h1>失物招领</h1>" in page.text
    assert "&lt;script&gt;" in page.text and "<script>" not in page.text


async def test_register_tables_match_what_the_migrations_create(plugin: LoadedPlugin, database: Database) -> None:
    declared = {
        (table._meta.tablename, column._meta.db_column_name)
        for table in plugin.tables
        for column in table._meta.columns
    }
    async with working(database) as work:
        created = await work.uow.fetch(
            lambda table, column: (table, column),
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE 'lostfound%'",
        )

    assert set(created) == declared


def test_register_permissions_gives_rights_to_roles(plugin: LoadedPlugin) -> None:
    assert {permission.id for permission in plugin.permissions if "clerk" in permission.roles} == {
        "lostfound.item.view",
        "lostfound.item.register",
    }


def test_register_policies_declares_how_long_things_are_kept(plugin: LoadedPlugin) -> None:
    [policy] = plugin.policies

    assert (policy.name, policy.default.days) == ("lostfound.keeping", 90)


def test_register_nav_leads_to_the_first_page(plugin: LoadedPlugin) -> None:
    [entry] = plugin.nav

    assert (entry.label, entry.path, entry.permission) == ("Lost and found", "", "lostfound.item.view")


async def test_register_jobs_releases_things_whose_time_is_over(
    plugin: LoadedPlugin, client: httpx.AsyncClient, database: Database
) -> None:
    [job] = plugin.jobs
    path = f"/api/v1/sites/{SITE}/lostfound/items"
    brief = (await client.post(path, json={**UMBRELLA, "keep_until": (NOW + timedelta(hours=1)).isoformat()})).json()
    long = (await client.post(path, json=UMBRELLA)).json()

    for _ in range(2):
        async with working(database, NOW + timedelta(hours=1)) as work:
            await job.handler(work, CTX, {})

    kept = {item["id"] for item in (await client.get(path)).json()}
    assert long["id"] in kept
    assert brief["id"] not in kept


async def test_outlet_fill_shows_found_things_beside_a_ticket_about_lost_property(
    bus: HookBus, client: httpx.AsyncClient, database: Database, installed: Path
) -> None:
    await client.post(f"/api/v1/sites/{SITE}/lostfound/items", json=UMBRELLA)

    async with working(database) as work:
        [fragment] = await bus.collect(
            "outlet_fill", CTX, SITE, work=work, outlet="ticket.side", subject=Ticket("lost_property")
        )
        html = chinese(installed).get_template(fragment.template).render(fragment.context)
        others = [("ticket.side", Ticket("lift")), ("ticket.side", object()), ("page.foot", Ticket("lost_property"))]
        for outlet, subject in others:
            assert await bus.collect("outlet_fill", CTX, SITE, work=work, outlet=outlet, subject=subject) == []

    assert "近期拾获" in html and UMBRELLA["description"] in html
    assert fragment.permission == "lostfound.item.view"


async def test_event_deliver_counts_each_created_ticket_of_a_site_once(bus: HookBus, database: Database) -> None:
    from lodge_lostfound import repository

    first, second = (Event("ticket.created.v1", SITE, new_id()) for _ in range(2))
    other = Event("ticket.closed.v1", SITE, new_id())

    for event in (first, first, second, other):
        async with working(database) as work:
            await bus.each("event_deliver", CTX, event.site_id, work=work, event=event)

    async with working(database) as work:
        assert await repository.tickets(work.uow, COMPANY, SITE) == 2


@pytest.mark.parametrize(
    ("ticket", "refused"),
    [(Ticket("lost_property", " "), True), (Ticket("lost_property", "钱包"), False), (Ticket("lift"), False)],
)
async def test_ticket_validate_wants_lost_property_described(bus: HookBus, ticket: Ticket, refused: bool) -> None:
    try:
        await bus.each("ticket_validate", CTX, SITE, work=idle_work(CTX), draft=ticket)
        fields: list[str] = []
    except Invalid as error:
        fields = [field.field for field in error.fields]

    assert fields == (["description"] if refused else [])


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
    for policy in plugin.policies:
        found |= {policy.title, policy.help}
    translations = catalogue(installed)

    assert [message for message in sorted(found) if translations.gettext(message) == message] == []
