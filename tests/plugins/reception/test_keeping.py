"""How long the register knows people, and that a document's number is never kept anywhere (PI-2)."""

from __future__ import annotations

import httpx
import pytest

from core.jobs.queue import Worker
from core.jobs.upkeep import CORE_JOBS
from tests.plugins.reception.conftest import Desk
from tests.plugins.reception.test_visitors import came, step
from tests.support.lodge import SettableClock
from tests.support.web import Web

NUMBER = "320102199001011234"


async def forget(desk: Desk) -> None:
    [plugin] = [each for each in desk.lodge.platform.host.plugins if each.id == "reception"]
    [job] = [each for each in plugin.jobs if each.name == "reception.forget_visitors"]
    await Worker(desk.lodge.platform, CORE_JOBS).perform(job, plugin.id, desk.house.company_id)


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
        "SELECT changes::text FROM audit_entry WHERE company_id = $1 AND action = 'reception.visitors.forgotten'"
    )
    assert '"visits": 1' in record and "周航" not in record


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
