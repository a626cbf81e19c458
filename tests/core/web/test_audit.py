"""The audit log over HTTP: filters, paging, and whose entries one sees."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from python_calamine import CalamineWorkbook

from core.audit import chain, jobs
from core.audit.log import AuditEntry
from core.hooks.manager import PluginHost
from core.notify.egress import Egress
from core.settings import ROOT
from core.web.console.audit_actions import ACTIONS, NOUNS
from core.web.console.audit_words import Reader
from core.work import Work
from tests.support.lodge import NOW, House, Lodge, SettableClock
from tests.support.web import Web


async def record(lodge: Lodge, house: House, role: str, action: str, subject: str, n: int | None = None) -> None:
    work: Work
    async with lodge.work(house, role) as work:
        site_id = None if n is None else house.sites[n].id
        work.audit(action, action.partition(".")[0], subject, {"to": subject}, site_id=site_id)


async def subjects(client: httpx.AsyncClient, **query: Any) -> list[str]:
    """The subjects of the entries that the test recorded."""
    answer = await client.get("/api/v1/audit", params=query)
    assert answer.status_code == 200, answer.text
    return [entry["subject_id"] for entry in answer.json()["entries"] if entry["subject_type"] != "session"]


@pytest.fixture
async def recorded(lodge: Lodge, house: House, clock: SettableClock) -> House:
    """A day apart: a (site 1), b (site 2), c (company)."""
    for n, (role, action, subject) in enumerate(
        (("clerk", "meter.read", "a"), ("admin", "meter.changed", "b"), ("admin", "metering.begun", "c"))
    ):
        await record(lodge, house, role, action, subject, n if n < 2 else None)
        clock.advance(days=1)
    return house


async def test_entries_are_found_by_what_who_where_and_when(web: Web, recorded: House) -> None:
    api = await web.api(recorded, "admin")
    clerk = str(recorded.staff["clerk"].membership_id)
    for query, found in (
        ({}, ["c", "b", "a"]),
        ({"action": "meter"}, ["b", "a"]),
        ({"action": "meter.read"}, ["a"]),
        ({"action": "mete"}, []),
        ({"subject_type": "metering"}, ["c"]),
        ({"subject_id": "b"}, ["b"]),
        ({"actor_id": clerk}, ["a"]),
        ({"site_id": str(recorded.sites[1].id)}, ["b"]),
        ({"from": (NOW + timedelta(days=1)).isoformat()}, ["c", "b"]),
        ({"to": (NOW + timedelta(days=1)).isoformat()}, ["a"]),
        ({"from": NOW.isoformat(), "to": NOW.isoformat()}, []),
    ):
        assert await subjects(api, **query) == found, query
    for wrong, status in (
        ("from=2026-11-23T00:00:00", 422),
        ("cursor=x", 400),
        ("limit=0", 400),
        ("limit=201", 400),
        ("site_id=x", 400),
    ):
        assert (await api.get(f"/api/v1/audit?{wrong}")).status_code == status, wrong


async def test_an_entry_says_who_did_what_when(web: Web, recorded: House) -> None:
    api, clerk = await web.api(recorded, "quality"), recorded.staff["clerk"]
    [entry] = (await api.get("/api/v1/audit?subject_id=a")).json()["entries"]
    assert entry["at"] == "2026-11-23T02:00:00Z" and entry["changes"] == {"to": "a"}
    assert (entry["actor_kind"], entry["actor_id"], entry["actor_name"]) == (
        "person",
        str(clerk.membership_id),
        clerk.name,
    )
    assert entry["site_id"] == str(recorded.sites[0].id)


async def test_pages_follow_each_other_without_gap_or_repetition(web: Web, lodge: Lodge, house: House) -> None:
    for n in range(7):
        await record(lodge, house, "admin", "meter.read", str(n))
    api, seen, query = await web.api(house, "admin"), list[str](), {"action": "meter", "limit": "3"}
    while True:
        page = (await api.get("/api/v1/audit", params=query)).json()
        seen += [entry["subject_id"] for entry in page["entries"]]
        if page["next_cursor"] is None:
            break
        await record(lodge, house, "admin", "meter.read", "later")
        query = {**query, "cursor": page["next_cursor"]}
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


async def test_entries_of_sites_one_may_not_enter_and_of_the_company_as_a_whole_are_left_out(
    web: Web, lodge: Lodge, recorded: House
) -> None:
    local = await web.api(recorded, recorded.local[0])
    assert await subjects(local) == ["a"]
    assert await subjects(local, site_id=str(recorded.sites[1].id)) == []
    stranger = await web.api(await lodge.house(), "admin")
    assert await subjects(stranger) == []
    assert await subjects(stranger, actor_id=str(recorded.staff["admin"].membership_id)) == []


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("quality", 200), ("manager", 403), ("clerk", 403)])
async def test_the_log_takes_its_permission(web: Web, house: House, role: str, status: int) -> None:
    assert (await (await web.api(house, role)).get("/api/v1/audit")).status_code == status
    assert (await (await web.console(house, role)).get("/admin/audit")).status_code == status


async def test_the_page_filters_and_says_actions_in_words(web: Web, lodge: Lodge, recorded: House) -> None:
    api, console = await web.api(recorded, "admin"), await web.console(recorded, "admin")
    change = {"overrides": {"urgent": {"arrival": None}}, "reason": "x"}
    headers = {"if-match": '"0"'}
    site = recorded.sites[0]
    await api.put(f"/api/v1/sites/{site.slug}/policies/core.sla_targets", json=change, headers=headers)
    shown = (await console.get("/admin/audit")).text
    assert "changed a policy" in shown and "Promised times" in shown and site.name in shown
    assert f'href="/s/{site.slug}/policies/core.sla_targets"' in shown
    for query, rows in (
        ({"action": "policy"}, 1),
        ({"action": "meter"}, 2),
        ({"action": "meter", "site": str(site.id)}, 1),
        ({"action": "meter", "from": "2026-11-24"}, 1),
        ({"action": "meter", "to": "2026-11-23"}, 1),
        ({"action": "meter", "q": "FRONT-DESK"}, 1),
        ({"q": "nobody"}, 0),
        ({"action": "meter", "actor": str(recorded.staff["clerk"].membership_id)}, 1),
        ({"about": "metering", "subject": "c"}, 1),
    ):
        page = await console.get("/admin/audit", params=query)
        assert page.text.count("<time datetime") == rows, query
    for query in ({"from": "soon"}, {"to": "9999-12-31"}, {"site": "x"}, {"after": "x"}, {"actor": "x"}):
        assert (await console.get("/admin/audit", params=query)).status_code == 400


async def test_the_page_leads_on(web: Web, lodge: Lodge, house: House) -> None:
    for n in range(51):
        await record(lodge, house, "admin", "meter.read", f"{n:02}")
    console = await web.console(house, "admin")
    first = (await console.get("/admin/audit?action=meter")).text
    assert "50 shown" in first and "First page" not in first
    link = first.partition('href="/admin/audit?action=meter&amp;after=')[2].partition('"')[0]
    second = (await console.get(f"/admin/audit?action=meter&after={link}")).text
    assert "1 shown" in second and ">00 <" in second and 'href="/admin/audit?action=meter"' in second


@pytest.fixture
async def reader(lodge: Lodge, house: House, web: Web) -> Reader:
    """An administrator's, who reads message ids."""
    principal = await web.platform.principals.of_access_token(
        (await web.api(house, "admin")).headers["authorization"].removeprefix("Bearer ")
    )
    return Reader(principal, web.platform.host, web.platform.policies.registry, ACTIONS, "Asia/Shanghai", "en", str)


def entry(house: House, action: str, subject: str = "x", **changes: Any) -> AuditEntry:
    kind = action.partition(".")[0]
    site = house.sites[0].id
    return AuditEntry(UUID(int=1), NOW, "person", None, "Li", site, action, kind, subject, changes, "")


async def test_changes_are_told_in_words(reader: Reader, house: House) -> None:
    clerk = house.staff["clerk"]
    for action, changes, told in (
        (
            "ticket.accept",
            {"number": "GD1", "status": ["new", "accepted"]},
            {"State": "Waiting for response → Accepted"},
        ),
        ("ticket.assign", {"number": "GD1", "status": ["new", "new"]}, {}),
        ("ticket.offer", {"to_id": str(clerk.membership_id)}, {"To colleague": clerk.name}),
        ("ticket.tagged", {"add": ["a", "b"], "remove": []}, {"Added": "a, b"}),
        ("ticket.attached", {"attachment": str(UUID(int=7)), "size": 3}, {"Size in bytes": "3"}),
        (
            "meter.read",
            {"within": {"amount": 2, "unit": "hours", "clock": "working"}},
            {"within": "2 h in working time"},
        ),
        ("ticket.created", {"category": "plumbing_electric"}, {"Category": "Plumbing and power"}),
        ("ticket.escalated", {"to": "supervisor", "goal": "arrival"}, {"To": "Supervisor", "Goal": "Arrival on site"}),
        ("reception.visit.admit", {"status": "inside"}, {}),
        ("person.added", {"active": True, "roles": ["clerk"]}, {"In use": "Yes", "Roles": "Front-desk clerk"}),
        (
            "repairs.line.added",
            {"code": "JG01", "amount_fen": 123456},
            {"Price code": "JG01", "Sum of money": "1,234.56"},
        ),
        ("ticket.promise_callback", {"promised_at": "2026-11-22T00:00:00Z"}, {"Promised for": "2026-11-22 08:00"}),
        ("pack.applied", {"digest": "ab" * 32, "changes": 18}, {"Changes": "18"}),
        ("meter.read", {"pages": [{"a": 1, "b": "x"}]}, {"pages": "1 x"}),
        ("meter.read", {"pages": [{"a": 1}, {"a": 2}]}, {"pages": "2 entries"}),
        ("meter.read", {"note": "x" * 200}, {"note": "x" * 120 + "…"}),
    ):
        assert {c.label: c.text for c in reader.changes(entry(house, action, **changes))} == told, action


async def test_a_policys_fields_are_called_what_its_form_calls_them(reader: Reader, house: House) -> None:
    day = {"amount": 2, "unit": "working_days", "clock": "working"}
    changes = {"number": 3, "urgent.arrival": [None, day], "categories.lift.urgent.arrival": [day, None]}
    told = list(reader.changes(entry(house, "policy.revised", "core.sla_targets", **changes)))
    assert [change.text for change in told] == ["3", "— → 2 working days", "2 working days → —"]
    assert told[0].label == "Revision" and told[1].label.endswith("Arrival on site")
    assert told[2].label.endswith(told[1].label) and told[2].label != told[1].label
    rows = {"categories": [[{"key": "a"}, {"key": "b"}], [{"key": "a"}, {"key": "c"}]]}
    assert [c.text for c in reader.changes(entry(house, "policy.revised", "core.ticket_categories", **rows))] == [
        "2 entries"
    ]


async def test_a_subject_has_its_name_and_its_page(reader: Reader, house: House) -> None:
    site, clerk = house.sites[0].slug, house.staff["clerk"]
    id = str(UUID(int=0xABCDEF))
    for action, subject, changes, name, page in (
        ("ticket.accept", id, {"number": "GD1"}, "GD1", f"/s/{site}/tickets/{id}"),
        ("person.disabled", str(clerk.membership_id), {}, clerk.name, f"/admin/people/{clerk.membership_id}"),
        ("policy.revised", "core.sla_targets", {}, "Promised times", f"/s/{site}/policies/core.sla_targets"),
        ("team.created", id, {"name": "Night"}, "Night", f"/s/{site}/teams/{id}"),
        ("webhook.removed", id, {"url": "u"}, "00abcdef", ""),
        ("meter.read", "m-7", {}, "m-7", ""),
    ):
        told = entry(house, action, subject, **changes)
        assert (reader.subject(told), reader.page(told)) == (name, page), action


async def test_the_log_leaves_as_a_file_and_that_is_on_record(web: Web, recorded: House) -> None:
    api, console = await web.api(recorded, "admin"), await web.console(recorded, "admin")
    book = await api.post("/api/v1/audit/export", json={"action": "meter"})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert rows[0][:4] == ["时间", "操作人", "项目", "操作"] and len(rows) == 3
    answer = await console.post("/admin/audit/export", data={"action": "meter", "q": "front-desk", "format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    [_, row] = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row[0] == "2026-11-23 10:00:00" and row[6] == "meter.read"
    told = [e["changes"] for e in (await api.get("/api/v1/audit?action=audit.exported")).json()["entries"]]
    assert told == [
        {"rows": 1, "kind": "csv", "action": "meter", "text": "front-desk"},
        {"rows": 2, "kind": "xlsx", "action": "meter"},
    ]
    local = await web.api(recorded, recorded.local[0])
    mine = await local.post("/api/v1/audit/export", json={"action": "meter", "format": "csv"})
    assert "meter.read" in mine.text and "meter.changed" not in mine.text
    assert (await api.post("/api/v1/audit/export", json={"since": "2026-11-23T00:00:00"})).status_code == 422


async def test_more_than_fits_a_file_is_refused(web: Web, recorded: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.web.console.audit_book.MOST_EXPORTED", 1)
    answer = await (await web.api(recorded, "admin")).post("/api/v1/audit/export", json={"action": "meter"})
    assert answer.status_code == 422 and "请先缩小筛选范围" in answer.text


async def test_the_page_says_how_the_chain_stands(web: Web, lodge: Lodge, recorded: House) -> None:
    api, console = await web.api(recorded, "admin"), await web.console(recorded, "admin")
    assert "Not proven yet" in (await console.get("/admin/audit")).text
    async with lodge.platform.db.begin(recorded.company_id) as uow:
        await chain.link(uow, recorded.company_id)
    ctx = await lodge.platform.system_context(recorded.company_id, None)
    assert ctx is not None
    async with lodge.platform.work(ctx) as work:
        await jobs.Upkeep(lodge.platform.settings, lodge.platform.anchors, Egress()).check(work, ctx, {})
    shown = (await api.get("/api/v1/audit/chain")).json()
    assert shown["fault"] is None and shown["linked"] == shown["checked"] > 0 == shown["waiting"]
    assert "Proven whole on" in (await console.get("/admin/audit")).text


def test_whatever_is_put_on_record_has_words(host: PluginHost) -> None:
    told = {**ACTIONS, **{code: text for plugin in host.plugins for code, text in plugin.manifest.record.items()}}
    assert sorted({action for action in actions() if action not in told}) == []
    assert {action.partition(".")[0] for action in told} <= NOUNS.keys() | {p.id for p in host.plugins} | {
        "ticket_filter",
        "counters",
    }


def actions() -> Iterator[str]:
    """Every action that the code names where it puts it on record."""
    for folder in ("core", "plugins"):
        for path in (ROOT / folder).rglob("*.py"):
            if "node_modules" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "audit":
                    for arg in node.args[:1]:
                        if isinstance(arg, ast.Constant) and isinstance(arg.value, str) and "." in arg.value:
                            yield arg.value
