"""A plugin runs when it passes every check; otherwise nothing of it is there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import get
from litestar.handlers import HTTPRouteHandler
from piccolo.table import Table

from core.hooks.checks import RESERVED, PluginRefused
from core.hooks.manager import PluginHost
from core.sdk import JobSpec, NavEntry, Permission, PolicySpec, TenantTable, hookimpl
from tests.core.hooks.memory import entry_point, manifest_of, plugin_of

ROOT = Path(__file__).parents[3]
VIEW = Permission("parking.space.view", "See spaces")


class Access(msgspec.Struct, frozen=True):
    days: int = 1


class ParkingSpace(TenantTable, tablename="parking_space"):
    pass


class Foreign(Table, tablename="ticket_space"):
    pass


async def run_job(*_: object) -> None: ...


def route(**opt: Any) -> HTTPRouteHandler:
    @get("/spaces", **opt)
    async def spaces() -> str:
        return ""

    return spaces


def answer(*items: object) -> Callable[[], Sequence[object]]:
    return lambda: items


def policy(name: str = "parking.access", **fields: Any) -> PolicySpec[Access]:
    given: dict[str, Any] = {"permission": "policy.manage", "plugin": "parking", **fields}
    return PolicySpec(name, Access, Access(), "T", "H", **given)


def nav(**fields: str) -> NavEntry:
    return NavEntry(**{"label": "Parking", "icon": "car", "path": "", "permission": VIEW.id, **fields})  # type: ignore[arg-type]


def raising() -> Sequence[object]:
    raise RuntimeError("broken")


async def late() -> Sequence[object]:
    return []


def with_hooks(**hooks: Any) -> object:
    hooks.setdefault("register_permissions", answer(VIEW))
    return plugin_of(manifest_of(migrations=ROOT), **hooks)


def with_manifest(**fields: Any) -> object:
    return plugin_of(manifest_of(**fields))


@hookimpl(wrapper=True)
def wrapper() -> Any:
    return (yield)


@hookimpl(specname="register_nav")
def renamed() -> Sequence[NavEntry]:
    return [nav()]


@hookimpl(optionalhook=True)
def optional() -> None: ...


@hookimpl(tryfirst=True)
def pushing() -> Sequence[NavEntry]:
    return [nav()]


REFUSED: dict[str, tuple[object, str, str]] = {
    "no manifest": (object(), "manifest", "`manifest`"),
    "manifest of another kind": (plugin_of("parking"), "manifest", "`manifest`"),
    "id unlike the entry point": (with_manifest(id="garage"), "manifest", "differs"),
    "package elsewhere": (with_manifest(package="core"), "manifest", "does not contain"),
    "package a mere prefix": (with_manifest(package="memory_park"), "manifest", "does not contain"),
    "migrations missing": (with_manifest(migrations=ROOT / "nowhere"), "manifest", "no migrations folder"),
    "core too old": (with_manifest(requires_core=">=99"), "core_version", "needs lodge-platform >=99"),
    "any core": (with_manifest(requires_core=""), "core_version", "say which versions"),
    "specifier unreadable": (with_manifest(requires_core="new"), "manifest", "requires_core"),
    "event of another": (with_manifest(events=("billing.paid.v1",)), "names", "event 'billing.paid.v1'"),
    "event without version": (with_manifest(events=("parking.paid",)), "manifest", "parking.something_happened.v1"),
    "misspelt hook": (with_hooks(register_navs=answer()), "hooks", "register_navs"),
    "unknown argument": (with_hooks(register_nav=lambda site: [site]), "hooks", "register_nav"),
    "hook without mark": (
        plugin_of(manifest_of(), plain=["register_nav"], register_nav=answer()), "hooks", "lacks @hookimpl"
    ),
    "wrapper": (with_hooks(register_nav=wrapper), "hooks", "bare @hookimpl"),
    "other hook's name": (with_hooks(navigation=renamed), "hooks", "bare @hookimpl"),
    "optional hook": (with_hooks(register_anything=optional), "hooks", "bare @hookimpl"),
    "pushing to the front": (with_hooks(register_nav=pushing), "hooks", "bare @hookimpl"),
    "boot hook a coroutine": (with_hooks(register_nav=late), "hooks", "ordinary function"),
    "request hook no coroutine": (with_hooks(outlet_fill=lambda outlet: []), "hooks", "must be a coroutine"),
    "boot hook raises": (with_hooks(register_jobs=raising), "register_jobs", "RuntimeError: broken"),
    "answer of another kind": (with_hooks(register_nav=answer("nav")), "register_nav", "not a NavEntry"),
    "answer no sequence": (with_hooks(register_nav=lambda: 7), "register_nav", "TypeError"),
    "table instance": (with_hooks(register_tables=answer(VIEW)), "register_tables", "not a"),
    "permission of another": (
        with_hooks(register_permissions=answer(Permission("billing.x", "X"))), "names", "permission 'billing.x'"
    ),
    "permission of a longer id": (
        with_hooks(register_permissions=answer(Permission("parkinglot.x", "X"))), "names", "permission 'parkinglot.x'"
    ),
    "permission without noun": (with_hooks(register_permissions=answer(Permission("parking", "X"))), "names", "form"),
    "permission twice": (with_hooks(register_permissions=answer(VIEW, VIEW)), "names", "twice"),
    "permission for unknown roles": (
        with_hooks(register_permissions=answer(Permission("parking.x", "X", frozenset({"king"})))),
        "permissions",
        "unknown roles: king",
    ),
    "route with another plugin's permission": (
        with_hooks(register_routes=answer(route(permission="billing.bill.view"))),
        "routes",
        "neither core's nor",
    ),
    "job of another": (with_hooks(register_jobs=answer(JobSpec("billing.run", run_job))), "names", "job 'billing.run'"),
    "table of another": (with_hooks(register_tables=answer(Foreign)), "names", "table 'ticket_space'"),
    "table without migrations": (
        plugin_of(manifest_of(), register_tables=answer(ParkingSpace)), "manifest", "need a migrations folder"
    ),
    "policy of another": (with_hooks(register_policies=answer(policy("core.access"))), "policies", "core.access"),
    "policy for another": (with_hooks(register_policies=answer(policy(plugin="billing"))), "policies", "set plugin="),
    "policy without owner": (with_hooks(register_policies=answer(policy(plugin=None))), "policies", "set plugin="),
    "policy permission unknown": (
        with_hooks(register_policies=answer(policy(permission="parking.typo"))), "policies", "neither core's nor"
    ),
    "route of nobody": (with_hooks(register_routes=answer(route())), "routes", "GET /spaces must state"),
    "page of nobody": (with_hooks(register_pages=answer(route())), "routes", "GET /spaces must state"),
    "route of all and some": (
        with_hooks(register_routes=answer(route(public=True, permission=VIEW.id))), "routes", "either"
    ),
    "route half public": (with_hooks(register_routes=answer(route(public="yes"))), "routes", "either"),
    "route not public": (with_hooks(register_routes=answer(route(public=False))), "routes", "either"),
    "route permission empty": (with_hooks(register_routes=answer(route(permission=""))), "routes", "asks for ''"),
    "route permission unknown": (
        with_hooks(register_routes=answer(route(permission="parking.typo"))), "routes", "neither core's nor"
    ),
    "nav permission unknown": (with_hooks(register_nav=answer(nav(permission="parking.typo"))), "nav", "neither"),
    "nav absolute": (with_hooks(register_nav=answer(nav(path="/admin"))), "nav", "relative"),
    "nav upwards": (with_hooks(register_nav=answer(nav(path="../admin"))), "nav", "relative"),
    "nav to a scheme": (with_hooks(register_nav=answer(nav(path="javascript:x"))), "nav", "relative"),
    "nav with the reload key": (with_hooks(register_nav=answer(nav(hotkey="F5"))), "nav", "F5"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_plugin_is_fatal_when_strict_and_otherwise_absent(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin, check, message = REFUSED[case]
    wrong = entry_point(monkeypatch, plugin)
    right = entry_point(monkeypatch, plugin_of(manifest_of("billing")), "billing")

    with pytest.raises(PluginRefused, match=re.escape(message)) as raised:
        PluginHost.load(None, strict=True, entry_points=[wrong, right])
    assert raised.value.reason.check == check

    host = PluginHost.load(None, strict=False, entry_points=[wrong, right])
    assert [plugin.id for plugin in host.plugins] == ["billing"]
    assert host.quarantine == {"parking": raised.value.reason}
    assert "parking" not in host


def test_a_right_plugin_keeps_what_it_registers(monkeypatch: pytest.MonkeyPatch) -> None:
    open_route, own_route, page = route(public=True), route(permission=VIEW.id), route(permission="ticket.view")
    job, entry, rule = JobSpec("parking.expire", run_job, every=60), nav(path="spaces", hotkey="g p"), policy()
    plugin = with_hooks(
        register_routes=answer(open_route, own_route),
        register_pages=answer(page),
        register_policies=answer(rule),
        register_nav=answer(entry),
        register_jobs=answer(job),
        register_tables=answer(ParkingSpace),
    )

    loaded = PluginHost.load(None, strict=True, entry_points=[entry_point(monkeypatch, plugin)])["parking"]

    assert loaded.routes == (open_route, own_route)
    assert loaded.pages == (page,)
    assert (loaded.permissions, loaded.policies, loaded.nav, loaded.jobs) == ((VIEW,), (rule,), (entry,), (job,))
    assert loaded.tables == (ParkingSpace,)


@pytest.mark.parametrize("plugin_id", ["ticket", "core", "Parking", "parking_lot", "p", "1up"])
def test_ids_of_core_and_unfit_ids_are_refused(plugin_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = entry_point(monkeypatch, plugin_of(manifest_of(plugin_id)), plugin_id)

    with pytest.raises(PluginRefused) as raised:
        PluginHost.load(None, strict=True, entry_points=[entry])
    assert raised.value.reason.check == "manifest"


def test_first_words_of_core_tables_are_reserved() -> None:
    sql = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "migrations" / "core").glob("*.py"))
    words = set(re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?([a-z0-9]+)", sql))

    assert words and words <= RESERVED


def test_plugins_go_by_priority_then_id(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {"zebra": 1, "billing": 50, "parking": 50, "archives": 100}
    entries = [
        entry_point(monkeypatch, plugin_of(manifest_of(plugin_id, priority=priority)), plugin_id)
        for plugin_id, priority in sorted(wanted.items())
    ]

    host = PluginHost.load(None, strict=True, entry_points=entries)

    assert [plugin.id for plugin in host.plugins] == list(wanted)


def test_only_allowed_plugins_are_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = entry_point(monkeypatch, with_manifest())
    other = entry_point(monkeypatch, plugin_of(manifest_of("billing")), "billing")
    monkeypatch.delitem(sys.modules, "memory_billing.plugin")  # importing it would fail

    host = PluginHost.load(["parking"], strict=True, entry_points=[allowed, other])

    assert [plugin.id for plugin in host.plugins] == ["parking"]
    assert PluginHost.load([], strict=True, entry_points=[allowed, other]).plugins == ()


def test_an_allowed_plugin_that_is_not_installed_is_reported() -> None:
    assert PluginHost.load(["parking"], strict=False, entry_points=[]).quarantine["parking"].check == "installed"


def test_two_packages_with_one_id_are_both_refused_before_import(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = [entry_point(monkeypatch, with_manifest(), distribution=name) for name in ("lodge-parking", "impostor")]
    monkeypatch.delitem(sys.modules, "memory_parking.plugin")

    assert PluginHost.load(None, strict=False, entry_points=twice).quarantine["parking"].check == "unique"


@pytest.mark.parametrize(
    ("requires", "accepted"),
    [
        (["lodge-platform>=0.1"], True),
        (["Lodge.Platform>=0.1,<99", "litestar"], True),
        (["lodge-platform>=99"], False),
        (["lodge-platform"], False),
        ([], False),
        (["litestar"], False),
        (["lodge-platform>=0.1 ; extra == 'web'"], False),
        (["not a requirement"], False),
    ],
)
def test_the_package_states_which_core_it_needs_before_it_is_imported(
    requires: list[str], accepted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = entry_point(monkeypatch, with_manifest(), requires=requires)
    if not accepted:
        monkeypatch.delitem(sys.modules, "memory_parking.plugin")

    quarantine = PluginHost.load(None, strict=False, entry_points=[entry]).quarantine

    assert {plugin_id: reason.check for plugin_id, reason in quarantine.items()} == (
        {} if accepted else {"parking": "core_version"}
    )


def test_first_party_plugins_need_no_requirement_on_their_own_package(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = entry_point(monkeypatch, with_manifest(), requires=[], distribution="lodge_platform")

    assert "parking" in PluginHost.load(None, strict=True, entry_points=[entry])


def test_an_entry_point_made_in_memory_is_checked_by_its_manifest(monkeypatch: pytest.MonkeyPatch) -> None:
    made = entry_point(monkeypatch, with_manifest())
    bare = metadata.EntryPoint(made.name, made.value, made.group)

    assert "parking" in PluginHost.load(None, strict=True, entry_points=[bare])


def test_a_plugin_that_cannot_be_imported_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = entry_point(monkeypatch, with_manifest())
    monkeypatch.delitem(sys.modules, "memory_parking.plugin")

    reason = PluginHost.load(None, strict=False, entry_points=[entry]).quarantine["parking"]

    assert reason.check == "import"
    assert "memory_parking" in reason.message


def test_nothing_loads_when_the_manager_is_imported() -> None:
    code = "import core.hooks.manager, core.hooks.bus, sys; print(any(n.startswith('plugins') for n in sys.modules))"
    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert process.stdout.strip() == "False"
