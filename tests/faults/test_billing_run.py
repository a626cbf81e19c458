"""A server killed in the middle of a billing run, and of issuing it: each goes on, and all owe once (BIL-2, JB-1)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.bench.run import FILL
from tests.faults.test_restart import clerk_of
from tests.support.served import Served

UNITS = 30_000
PATIENCE = 240.0  # seconds: what came to a halt is taken up within a minute, and the machine may be busy
BILLING = "/api/v1/sites/cuihu/billing"
# what must not be, and how many there are of it
WRONG = {
    "units without a charge": """SELECT count(*) FROM unit u JOIN site s ON s.id = u.site_id AND s.slug = 'cuihu'
        WHERE NOT EXISTS (SELECT FROM billing_charge c WHERE c.unit_id = u.id)""",
    "charges of the same": "SELECT count(*) - count(DISTINCT (item_id, unit_id, first_day)) FROM billing_charge",
    "charges that are not posted once": """SELECT count(*) FROM billing_charge c WHERE 1 <> (SELECT count(*)
        FROM billing_posting p WHERE p.charge_id = c.id AND p.account = 'receivable'
        AND p.amount_fen = c.amount_fen)""",
    "entries that do not cancel out": """SELECT count(*) FROM (
        SELECT FROM billing_posting GROUP BY entry_id HAVING sum(amount_fen) <> 0) e""",
}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    server = Served(tmp_path / "home", LODGE_RATE_CLIENT="0")
    await asyncio.to_thread(server.start)
    yield server
    assert await asyncio.to_thread(server.stop) == 0
    assert "Traceback" not in server.said()


async def test_jb_1_a_billing_run_survives_the_server_twice(server: Served) -> None:
    await _fill(server)
    async with clerk_of(server, "linan") as admin:
        item = {
            "code": "bins",
            "title": "垃圾清运",
            "basis": "fixed",
            "cycle": "month",
            "payer": "owner",
            "due_days": 10,
        }
        id = (await admin.post(f"{BILLING}/items", json=item)).json()["id"]
        await admin.post(f"{BILLING}/items/{id}/versions", json={"valid_from": "2020-01-01", "price": "8.50"})
        await admin.post(f"{BILLING}/items/{id}/assignments", json={"since": "2020-01-01"})
    month = time.strftime("%Y-%m-01", time.gmtime())

    async with clerk_of(server, "caoyan") as finance:
        run = (await finance.post(f"{BILLING}/runs", json={"month": month, "item_ids": [id]})).json()
    halfway = await _reached(server, run["id"], lambda now: now["done"] > 0)
    await _killed(server)
    computed = await _reached(server, run["id"], lambda now: now["status"] == "preview")
    version = {"if-match": f'"{computed["version"]}"'}
    async with clerk_of(server, "linan") as admin:
        approved = await admin.post(f"{BILLING}/runs/{run['id']}/approval", headers=version)
        assert approved.status_code == 200, approved.text
    async with clerk_of(server, "caoyan") as finance:
        version = {"if-match": approved.headers["etag"]}
        assert (await finance.post(f"{BILLING}/runs/{run['id']}/issue", headers=version)).status_code == 200
    posting = await _reached(server, run["id"], lambda now: now["posted"] > 0)
    await _killed(server)
    issued = await _reached(server, run["id"], lambda now: now["status"] == "issued")

    assert halfway["done"] < UNITS and posting["posted"] < UNITS, "it was killed in the middle"
    assert issued["charges"] == issued["posted"] == computed["charges"] >= UNITS
    db = await asyncpg.connect(server.admin_dsn, server_settings={"search_path": "lodge"})
    try:
        assert {what: await db.fetchval(sql) for what, sql in WRONG.items()} == dict.fromkeys(WRONG, 0)
    finally:
        await db.close()


async def _fill(server: Served) -> None:
    db = await asyncpg.connect(server.admin_dsn, server_settings={"search_path": "lodge"})
    try:
        company_id, site_id = await db.fetchrow("SELECT company_id, id FROM site WHERE slug = 'cuihu'")
        for statement in FILL:
            await db.execute(statement, company_id, site_id, UNITS)
        await db.execute("ANALYZE")
    finally:
        await db.close()


async def _killed(server: Served) -> None:
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)
    await asyncio.to_thread(server.wait_until_ready)


async def _reached(server: Served, run_id: str, there: Any) -> dict[str, Any]:
    """The run as soon as it is there."""
    deadline = time.monotonic() + PATIENCE
    async with clerk_of(server, "caoyan") as finance:
        while not there(run := (await finance.get(f"{BILLING}/runs/{run_id}")).json()):
            assert time.monotonic() < deadline, run
            await asyncio.sleep(0.02)
    found: dict[str, Any] = run
    return found
