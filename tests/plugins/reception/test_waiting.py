"""The line at the counter: numbers in order, called once each, who waits how long (REC-11)."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import httpx
import pytest

from plugins.reception.waiting.model import WAITING
from tests.plugins.reception.conftest import Desk
from tests.support.lodge import SettableClock
from tests.support.statements import recording


async def number(clerk: httpx.AsyncClient, desk: Desk, purpose: str = "缴费") -> dict[str, Any]:
    answer = await clerk.post(f"{desk.api}/turns", json={"purpose": purpose, "name": "王女士"})
    assert answer.status_code == 201, answer.text
    turn: dict[str, Any] = answer.json()
    return turn


async def test_numbers_are_called_in_order_and_begin_anew_the_next_day(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, clock: SettableClock
) -> None:
    first, second = await number(clerk, desk), await number(clerk, desk)
    called = (await clerk.post(f"{desk.api}/turns/next", json={"counter": "2 号窗"})).json()
    line = (await clerk.get(f"{desk.api}/turns")).json()
    clock.advance(hours=14, minutes=1)  # past midnight at the site

    assert (first["number"], second["number"]) == (1, 2)
    assert (called["id"], called["status"], called["counter"]) == (first["id"], "called", "2 号窗")
    assert [(turn["number"], turn["status"]) for turn in line["turns"]] == [(1, "called"), (2, "waiting")]
    await screen.post(f"{desk.console}/waiting", data={"purpose": "报修"})
    rows = await desk.rows(
        "SELECT day::text, number FROM reception_turn WHERE company_id = $1 ORDER BY taken_at, number"
    )
    assert rows == [("2026-11-23", 1), ("2026-11-23", 2), ("2026-11-24", 1)]


async def test_ten_who_come_at_once_get_ten_numbers_and_are_called_once_each(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    """CC-2"""
    taken = await asyncio.gather(*(number(clerk, desk) for _ in range(10)))
    called = await asyncio.gather(*(clerk.post(f"{desk.api}/turns/next", json={}) for _ in range(10)))

    assert sorted(turn["number"] for turn in taken) == list(range(1, 11))
    served = [answer.json()["number"] for answer in called if answer.status_code == 200]
    assert len(served) == len(set(served))
    rest = (await clerk.get(f"{desk.api}/turns")).json()["turns"]
    assert len(served) + sum(turn["status"] == "waiting" for turn in rest) == 10


@pytest.mark.parametrize(("how", "status"), [("done", "done"), ("leave", "left")])
async def test_a_turn_ends_once(desk: Desk, clerk: httpx.AsyncClient, how: str, status: str) -> None:
    turn = await number(clerk, desk)
    address = f"{desk.api}/turns/{turn['id']}"

    assert (await clerk.post(f"{address}/done")).status_code == 409  # nobody has called it
    await clerk.post(f"{desk.api}/turns/next", json={})
    assert (await clerk.post(f"{address}/{how}")).json()["status"] == status
    assert (await clerk.post(f"{address}/{how}")).status_code == 409
    assert (await clerk.post(f"{desk.api}/turns/next", json={})).status_code == 409  # nobody waits


async def test_whoever_does_not_come_keeps_the_number_when_they_come_after_all(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient
) -> None:
    first, second = await number(clerk, desk), await number(clerk, desk)
    address = f"{desk.api}/turns/{first['id']}"
    assert (await clerk.post(f"{address}/requeue")).status_code == 409, "not called yet"
    await clerk.post(f"{desk.api}/turns/next", json={"counter": "1 号窗"})
    await clerk.post(f"{address}/leave")
    line = (await clerk.get(f"{desk.api}/turns")).json()
    assert (line["left"], line["missed"], line["counter"]) == (0, 1, "1 号窗")

    assert (await clerk.post(f"{address}/requeue")).json()["status"] == "waiting"

    assert (await clerk.post(f"{desk.api}/turns/next", json={})).json()["number"] == 1
    await screen.post(f"{desk.console}/waiting/{first['id']}/requeue")
    await screen.post(f"{desk.console}/waiting/{second['id']}/leave")
    line = (await clerk.get(f"{desk.api}/turns")).json()
    assert [turn["number"] for turn in line["turns"]] == [1] and (line["left"], line["missed"]) == (1, 0)


async def test_a_counter_calls_whom_it_is_for(desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient) -> None:
    async with desk.lodge.work(desk.house, "admin") as work:
        counters: Any = [{"name": "收费窗", "purposes": ["缴费"]}, {"name": "综合窗", "purposes": []}]
        await desk.lodge.platform.policies.revise(
            work, WAITING, desk.site.id, {"counters": counters}, reason="test", expected=0
        )
    await number(clerk, desk, "报修")
    await number(clerk, desk, "缴费")

    assert "收费窗 · 缴费" in (await screen.get(f"{desk.console}/waiting")).text
    fees = await screen.post(f"{desk.console}/waiting/next", data={"counter": "收费窗"})
    assert "Number 2 please" in json.loads(fees.headers["hx-trigger"])["toast"]["text"]
    assert (await clerk.post(f"{desk.api}/turns/next", json={"counter": "收费窗"})).status_code == 409
    assert (await clerk.post(f"{desk.api}/turns/next", json={"counter": "综合窗"})).json()["number"] == 1


async def test_the_wall_names_nobody_and_the_slip_is_as_wide_as_its_paper(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient
) -> None:
    for _ in range(3):
        turn = await number(clerk, desk)
    await clerk.post(f"{desk.api}/turns/next", json={"counter": "2 号窗"})

    wall = (await screen.get(f"{desk.console}/waiting/wall")).text
    slips = [
        await screen.get(f"{desk.console}/waiting/{turn['id']}/slip"),
        await clerk.get(f"{desk.api}/turns/{turn['id']}/slip"),
    ]

    assert "2 号窗" in wall and "2 waiting" in wall and "王女士" not in wall
    for slip in slips:
        assert slip.status_code == 200 and slip.content.startswith(b"%PDF")
        [width] = {round(float(box) / 72 * 25.4) for box in re.findall(rb"/MediaBox ?\[0 0 ([0-9.]+) ", slip.content)}
        assert width == 80


async def test_who_waits_too_long_shows(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, clock: SettableClock
) -> None:
    page = f"{desk.console}/waiting"
    refused = await screen.post(page, data={"purpose": " "})
    taken = await screen.post(page, data={"purpose": "缴费"})
    clock.advance(minutes=14, seconds=59)
    before = (await screen.get(page)).text
    clock.advance(seconds=2)
    after = (await screen.get(page)).text
    async with recording(desk.lodge.platform.db) as sent:
        called = await screen.post(f"{page}/next", data={"counter": "1"})

    assert refused.status_code == 422 and taken.status_code == 200
    assert "too long" not in before and "too long" in after
    assert "At the counter" in called.text
    assert len(sent) <= 6, [statement.sql for statement in sent]
