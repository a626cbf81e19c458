"""How much each unit has: histories with reasons, taken over from the roll, and what is missing is shown (BIL-1)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import msgspec

from core.exchange.workbook import read_workbook
from tests.plugins.billing.tariffs.conftest import FEE, Office
from tests.plugins.billing.tariffs.test_items import FORMULA, said
from tests.support.lodge import NOW

TODAY = "2026-11-23"
assert str(NOW.date()) == TODAY


def area(office: Office, unit: str = "1幢101", **more: str) -> dict[str, Any]:
    return {
        "unit_id": str(office.units[unit]), "basis": "built", "valid_from": "2026-01-01", "value": "89.60", **more,
    }  # fmt: skip


async def missing(office: Office, client: httpx.AsyncClient) -> list[tuple[str, str, list[str]]]:
    answer = await client.get(f"{office.api}/quantities/missing")
    assert answer.status_code == 200, answer.text
    return [(each["label"], each["basis"], each["items"]) for each in answer.json()]


async def test_an_area_is_a_history_with_reasons(office: Office, manager: httpx.AsyncClient) -> None:
    here = f"{office.api}/units/{office.units['1幢101']}/quantities"
    await manager.post(f"{office.api}/quantities", json=area(office, reason="房产证"))
    later = area(office, value="91.20", valid_from="2026-07-01", reason="实测")
    await manager.post(f"{office.api}/quantities", json=later)
    again = await manager.post(f"{office.api}/quantities", json=later)
    history = (await manager.get(here)).json()

    assert [(q["valid_from"], q["value"], q["reason"]) for q in history["quantities"]] == [
        ("2026-07-01", "91.20", "实测"),
        ("2026-01-01", "89.60", "房产证"),
    ]
    assert history["unit"]["quantities"] == {"built": "91.20"}
    assert said(again)[0][0] == "valid_from"
    before = (await manager.get(f"{office.api}/quantities?day=2026-06-30")).json()
    assert before["items"][0]["quantities"] == {"built": "89.60"}


async def test_a_wrong_area_is_corrected_from_its_day_on_with_a_reason(
    office: Office, manager: httpx.AsyncClient
) -> None:
    made = (await manager.post(f"{office.api}/quantities", json=area(office, value="120"))).json()
    here = f"{office.api}/quantities/{made['id']}"
    silent = await manager.put(here, json={"value": "100", "reason": " "}, headers={"if-match": '"1"'})
    done = await manager.put(here, json={"value": "100", "reason": "登记错误"}, headers={"if-match": '"1"'})
    stale = await manager.put(here, json={"value": "90", "reason": "登记错误"}, headers={"if-match": '"1"'})

    assert said(silent)[0][0] == "reason"
    assert (done.json()["value"], done.json()["valid_from"], stale.status_code) == ("100.00", "2026-01-01", 412)
    [(recorded,)] = await office.audited("billing.quantity.changed")
    assert msgspec.json.decode(recorded)["value"] == ["120.00", "100.00"]  # and not why, which people wrote
    assert (await manager.delete(here, headers={"if-match": '"2"'})).status_code == 204


async def test_areas_of_the_roll_are_taken_over_where_there_is_none_yet(
    office: Office, manager: httpx.AsyncClient
) -> None:
    await manager.post(f"{office.api}/quantities", json=area(office, value="90"))
    first = await manager.post(f"{office.api}/quantities/take-over", json={"valid_from": "2026-01-01"})
    second = await manager.post(f"{office.api}/quantities/take-over", json={"valid_from": "2026-02-01"})
    units = (await manager.get(f"{office.api}/quantities")).json()["items"]

    assert (first.json(), second.json()) == ({"taken": 2, "without": 1}, {"taken": 0, "without": 1})
    assert {unit["label"]: unit["quantities"].get("built") for unit in units} == {
        "1幢101": "90.00", "1幢102": "118.90", "2幢101": "96.30", "2幢102": None,
    }  # fmt: skip
    assert [
        msgspec.json.decode(changes)["taken"] for (changes,) in await office.audited("billing.quantity.taken_over")
    ] == [2, 0]


async def test_areas_taken_over_twice_at_once_are_there_once(office: Office, manager: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(
        *(manager.post(f"{office.api}/quantities/take-over", json={"valid_from": "2026-01-01"}) for _ in range(6))
    )
    rows = await office.rows("SELECT unit_id FROM billing_quantity WHERE company_id = $1")

    assert sum(answer.json()["taken"] for answer in answers) == len(rows) == 3


async def test_units_without_what_an_item_needs_are_shown(office: Office, manager: httpx.AsyncClient, fee: str) -> None:
    every = [(label, "built", ["物业费"]) for label in ("1幢101", "1幢102", "2幢101", "2幢102")]
    assert await missing(office, manager) == every

    await manager.post(f"{office.api}/quantities/take-over", json={"valid_from": "2026-01-01"})
    assert await missing(office, manager) == [("2幢102", "built", ["物业费"])]

    exempt = {"unit_id": str(office.units["2幢102"]), "since": "2026-01-01", "charged": False}
    await manager.post(f"{office.api}/items/{fee}/assignments", json=exempt)
    assert await missing(office, manager) == []


async def test_a_formula_needs_what_it_names(office: Office, manager: httpx.AsyncClient, fee: str) -> None:
    await manager.post(f"{office.api}/quantities/take-over", json={"valid_from": "2026-01-01"})
    formula = f"{FORMULA} + spaces * 5[yuan/space/month]"
    await manager.post(f"{office.api}/items/{fee}/versions", json={"valid_from": TODAY, "formula": formula})

    assert ("1幢101", "spaces", ["物业费"]) in await missing(office, manager)


async def test_a_fixed_fee_needs_nothing(office: Office, manager: httpx.AsyncClient) -> None:
    item = (await manager.post(f"{office.api}/items", json={**FEE, "code": "tv", "basis": "fixed"})).json()["id"]
    await manager.post(f"{office.api}/items/{item}/versions", json={"valid_from": "2026-01-01", "price": "12"})
    await manager.post(f"{office.api}/items/{item}/assignments", json={"since": "2026-01-01"})

    assert await missing(office, manager) == []


async def test_units_come_page_by_page_in_the_order_of_the_roll(office: Office, manager: httpx.AsyncClient) -> None:
    first = (await manager.get(f"{office.api}/quantities?limit=3")).json()
    rest = (await manager.get(f"{office.api}/quantities?limit=3&cursor={first['cursor']}")).json()
    found = (await manager.get(f"{office.api}/quantities?text=2幢")).json()

    assert [unit["label"] for unit in first["items"] + rest["items"]] == ["1幢101", "1幢102", "2幢101", "2幢102"]
    assert (rest["cursor"], [unit["label"] for unit in found["items"]]) == (None, ["2幢101", "2幢102"])


async def test_the_workbook_has_every_unit_and_what_is_missing(
    office: Office, manager: httpx.AsyncClient, fee: str
) -> None:
    await manager.post(f"{office.api}/quantities", json=area(office))
    answer = await manager.get(f"{office.api}/quantities/export")
    held, lacking = read_workbook(answer.content)

    assert [row[:3] for row in held.rows[1:]] == [
        ("1", "1幢101", 89.6), ("1", "1幢102", None), ("2", "2幢101", None), ("2", "2幢102", None),
    ]  # fmt: skip
    assert [row[0] for row in lacking.rows[1:]] == ["1幢102", "2幢101", "2幢102"]


async def test_a_unit_of_another_site_has_no_quantities_here(office: Office, manager: httpx.AsyncClient) -> None:
    other = f"/api/v1/sites/{office.house.sites[1].slug}/billing"
    answer = await manager.post(f"{other}/quantities", json=area(office))
    made = (await manager.post(f"{office.api}/quantities", json=area(office))).json()

    assert said(answer)[0][0] == "unit_id"
    assert (await manager.get(f"{other}/units/{office.units['1幢101']}/quantities")).status_code == 404
    change = {"value": "1", "reason": "x"}
    elsewhere = f"{other}/quantities/{made['id']}"
    assert (await manager.put(elsewhere, json=change, headers={"if-match": '"1"'})).status_code == 404
    assert (await manager.delete(elsewhere, headers={"if-match": '"1"'})).status_code == 404


async def test_the_front_desk_sees_areas_and_keeps_none(office: Office) -> None:
    clerk, cashier = [await office.web.api(office.house, role) for role in ("clerk", "cashier")]

    assert (await clerk.get(f"{office.api}/quantities")).status_code == 200
    assert (await clerk.post(f"{office.api}/quantities", json=area(office))).status_code == 403
    assert (await cashier.post(f"{office.api}/quantities", json=area(office))).status_code == 201
