"""How long the register knows people, and that a document's number is never kept anywhere (PI-2)."""

from __future__ import annotations

import httpx
import msgspec
import pytest

from core.jobs.queue import Worker
from core.jobs.upkeep import CORE_JOBS
from tests.plugins.reception.conftest import OWNER_PHONE, Desk
from tests.plugins.reception.test_visitors import came, step
from tests.support.lodge import SettableClock
from tests.support.web import Web

NUMBER = "320102199001011234"


async def forget(desk: Desk) -> None:
    [job] = [each for each in desk.lodge.platform.jobs if each.name == "core.retention"]
    await Worker(desk.lodge.platform, CORE_JOBS).perform(job, None, desk.house.company_id)


async def test_names_are_forgotten_after_the_sites_time_and_counts_stay(
    desk: Desk, web: Web, clerk: httpx.AsyncClient, clock: SettableClock
) -> None:
    manager = await web.api(desk.house, "manager")
    for until in ("2026-11-23", None):
        entry = {"name": "周航", "reason": "打人", "phone": "13900000000", "until": until}
        assert (await manager.post(f"{desk.api}/barred", json=entry)).status_code == 201
    visit = await came(clerk, desk, people=2, plate="浙A12345")
    await step(clerk, desk, visit, "accept", who="王丽华", text="认识的")
    await step(clerk, desk, visit, "admit", badge="1", text="经理同意")
    await clerk.post(f"{desk.api}/turns", json={"purpose": "缴费", "name": "周航"})

    clock.advance(days=180)
    await forget(desk)
    assert (await desk.rows("SELECT name FROM reception_visit WHERE company_id = $1")) == [("周航",)], "to the day"
    clock.advance(days=1)
    clerk, screen = await web.api(desk.house, "clerk"), await web.console(desk.house, "clerk")
    fresh = await came(clerk, desk, name="今天来的")
    await forget(desk)
    await forget(desk)

    told = (await clerk.get(f"{desk.api}/visits/{visit['id']}")).json()
    erased = ("name", "phone", "id_number", "plate", "place", "host_name", "answered_by", "warning", "unit_id")
    assert {told["visit"][name] or "" for name in erased} == {""} and told["visit"]["people"] == 2
    assert {s["text"] for s in told["steps"]} == {""} and len(told["steps"]) > 3
    assert (await clerk.get(f"{desk.api}/visits/{fresh['id']}")).json()["visit"]["name"] == "今天来的"
    assert "erased" in (await screen.get(f"{desk.console}/visitors/{visit['id']}")).text
    barred = await desk.rows("SELECT name, erased_at IS NULL FROM reception_barred WHERE company_id = $1 ORDER BY id")
    assert barred == [("", False), ("周航", True)]
    assert await desk.rows("SELECT name FROM reception_turn WHERE company_id = $1") == [("",)]
    [(record,)] = await desk.rows(
        "SELECT changes::text FROM audit_entry WHERE company_id = $1 AND action = 'privacy.forgotten' "
        "AND changes ? 'reception.visits'"
    )
    assert '"reception.visits": 1' in record and "周航" not in record


async def test_calls_messages_and_sheets_are_emptied_after_the_sites_time_and_figures_stay(
    desk: Desk, web: Web, exchange: httpx.AsyncClient, clerk: httpx.AsyncClient, clock: SettableClock
) -> None:
    async def report(call: str, event: str, phone: str) -> str:
        said = await exchange.post(f"{desk.api}/calls", json={"external_id": call, "event": event, "phone": phone})
        assert said.status_code == 200, said.text
        return str(said.json()["id"])

    for call, events, phone in (
        ("lost", ("ringing", "ended"), "13811112222"),
        ("again", ("ringing", "answered", "ended"), "13811112222"),
        ("talk", ("ringing", "answered", "ended"), OWNER_PHONE),
        ("leak", ("ringing", "answered", "ended"), OWNER_PHONE),
    ):
        for event in events:
            call_id = await report(call, event, phone)
            clock.advance(seconds=20)
        said = {"matter": "问物业费", "answer": "已说明"}
        if call == "talk":
            assert (await clerk.post(f"{desk.api}/calls/{call_id}/note", json=said)).status_code == 200
    new = {"description": "厨房漏水", "category": "plumbing_electric", "place": "大堂", "channel": "call"}
    ticket = (await clerk.post(f"/api/v1/sites/{desk.site.slug}/tickets", json=new)).json()["id"]
    assert (await clerk.post(f"{desk.api}/calls/{call_id}/link", json={"ticket_id": ticket})).status_code == 200
    for matter in ("请回电", "催一下"):
        left = {"colleague_id": str(desk.house.staff["manager"].membership_id), "caller_name": "老马", "matter": matter}
        message = (await clerk.post(f"{desk.api}/messages", json=left)).json()["id"]
    await clerk.post(f"{desk.api}/messages/{message}/done", json={"outcome": "已回电老马"})
    await clerk.post(f"{desk.api}/handovers", json={"keys": "钥匙", "remarks": "老马会再打来"})
    day = clock.now.date()

    calls = (
        "SELECT count(*) FILTER (WHERE erased_at IS NULL), max(caller_name) FROM reception_call WHERE company_id = $1"
    )
    figures = (await clerk.get(f"{desk.api}/summary", params={"day": str(day)})).json()
    assert await desk.rows(calls) == [(4, "王丽华")]
    clock.advance(days=729)
    await forget(desk)
    assert await desk.rows(calls) == [(4, "王丽华")], "to the day"
    clock.advance(days=2)
    await forget(desk)
    await forget(desk)

    kept = "SELECT external_id, phone, caller_name FROM reception_call WHERE company_id = $1 AND erased_at IS NULL"
    assert await desk.rows(kept) == [("leak", OWNER_PHONE, "王丽华")], "its ticket is open"
    gone = "SELECT DISTINCT phone, caller_name, place, matter, answer, note, unit_id, party_id FROM reception_call"
    assert await desk.rows(f"{gone} WHERE company_id = $1 AND erased_at IS NOT NULL") == [("",) * 6 + (None, None)]
    messages = (
        "SELECT caller_name, matter, outcome, for_name <> '' FROM reception_message WHERE company_id = $1 ORDER BY 1"
    )
    assert await desk.rows(messages) == [("", "", "", True), ("老马", "请回电", "", True)], "one waits still"
    [(sheet, remarks)] = await desk.rows("SELECT sheet::text, remarks FROM reception_handover WHERE company_id = $1")
    assert "老马" not in sheet and '"messages": [{' in sheet and remarks == ""
    clerk, screen = await web.api(desk.house, "clerk"), await web.console(desk.house, "clerk")
    assert (await clerk.get(f"{desk.api}/summary", params={"day": str(day)})).json() == figures
    assert figures["answering"]["all"]["called_back"] == 1
    for page in ("calls", "messages?which=done"):
        assert "erased" in (await screen.get(f"{desk.console}/{page}")).text
    records = await desk.rows(
        "SELECT changes FROM audit_entry WHERE company_id = $1 AND action = 'privacy.forgotten' "
        "AND subject_type = 'site' ORDER BY id"
    )
    forgotten = [{"reception.messages": 1, "reception.sheets": 1}, {"reception.calls": 3}]
    assert [msgspec.json.decode(changes) for (changes,) in records] == forgotten


async def test_a_documents_number_is_in_no_table_and_in_no_log(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    clerk.headers["idempotency-key"] = "once"
    await came(clerk, desk, id_number=NUMBER)
    del clerk.headers["idempotency-key"]
    form = {"name": "周航", "purpose": "看房", "place": "物业", "id_kind": "id_card", "id_number": NUMBER}
    refused = await screen.post(f"{desk.console}/visitors", data={**form, "then": "admit"})
    assert refused.status_code == 422
    assert (await screen.post(f"{desk.console}/visitors", data={**form, "then": "wait"})).status_code == 200
    barred = {"name": "周航", "reason": "打人", "id_number": NUMBER}
    assert (await clerk.post(f"{desk.api}/barred", json=barred)).status_code == 403

    tables = await desk.rows(
        "SELECT table_name::text FROM information_schema.columns WHERE $1::uuid IS NOT NULL "
        "AND table_schema = 'lodge' AND column_name = 'company_id'"
    )
    for (table,) in tables:
        found = await desk.rows(f"SELECT 1 FROM {table} t WHERE company_id = $1 AND t::text LIKE '%19900101%'")
        assert not found, table
    printed = capfd.readouterr()
    assert "19900101" not in printed.out + printed.err
