"""Readings as they are entered: by hand, one after another, in a workbook; nothing that was entered changes (BIL-1)."""

from __future__ import annotations

import asyncio
import io
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import xlsxwriter  # type: ignore[import-untyped]

from core.exchange.workbook import read_workbook
from plugins.billing.meters import service
from plugins.billing.meters.model import NewReading
from tests.plugins.billing.meters.conftest import Desk, Meters
from tests.support.statements import recording
from tests.support.web import Web

PRICE: dict[str, Any] = {
    "valid_from": "2026-01-01",
    "tiers": [{"up_to": "10", "price": "3"}, {"up_to": None, "price": "5"}],
}


def workbook(*rows: tuple[Any, ...]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate([("房屋", "收费项目", "表号", "抄表日期", "本次读数"), *rows]):
            sheet.write_row(n, 0, row)
    return file.getvalue()


async def test_an_item_is_priced_by_tiers_that_rise(desk: Desk, manager: httpx.AsyncClient) -> None:
    new = {"code": "water", "title": "水费", "basis": "meter", "cycle": "month", "payer": "owner", "due_days": 10}
    item = (await manager.post(f"{desk.api}/items", json=new)).json()["id"]
    here = f"{desk.api}/items/{item}/versions"

    assert (await manager.post(f"{desk.api}/items", json={**new, "code": "w2", "cycle": "year"})).status_code == 422
    refused: tuple[dict[str, Any], ...] = (
        {"price": "3"},
        {"tiers": []},
        {"tiers": [{"up_to": "10", "price": "3"}]},
        {"tiers": [{"up_to": None, "price": "3"}, {"up_to": None, "price": "4"}]},
        {"tiers": [{"up_to": "20", "price": "3"}, {"up_to": "20", "price": "4"}, {"up_to": None, "price": "5"}]},
    )
    for wrong in refused:
        answer = await manager.post(here, json={"valid_from": "2026-01-01", **wrong})
        assert answer.status_code == 422, wrong
    made = await manager.post(here, json=PRICE)
    assert (made.status_code, made.json()["tiers"]) == (201, PRICE["tiers"])
    detail = (await manager.get(f"{desk.api}/items/{item}")).json()
    assert detail["example"] == {"given": [{"basis": "meter", "value": "20"}], "amount_fen": 8000}  # 10 × 3 + 10 × 5
    (listed,) = (await manager.get(f"{desk.api}/items")).json()
    assert listed["in_force"]["tiers"] == PRICE["tiers"]


async def test_meters_are_set_up_for_all_units_that_are_charged_and_read_over_the_api(
    desk: Desk, meters: Meters, finance: httpx.AsyncClient
) -> None:
    water = await meters.item()
    units = [await desk.unit(room) for room in ("101", "102")]
    up = {"item_id": str(water), "installed_on": "2026-01-01", "digits": 5}
    assert (await finance.post(f"{desk.api}/meters/set-up", json=up)).json() == {"added": 2}
    assert (await finance.post(f"{desk.api}/meters/set-up", json=up)).json() == {"added": 0}
    page = (await finance.get(f"{desk.api}/meters", params={"limit": "1"})).json()
    (meter,) = page["items"]
    assert (meter["unit"], meter["unit_id"], meter["digits"]) == ("1幢101", str(units[0]), 5)
    (other,) = (await finance.get(f"{desk.api}/meters", params={"cursor": page["cursor"]})).json()["items"]
    assert other["unit"] == "1幢102"

    here = f"{desk.api}/meters/{meter['id']}"
    first = await finance.post(f"{here}/readings", json={"day": "2026-10-25", "value": "99990"})
    assert (first.status_code, first.json()["used"]) == (201, None)
    second = await finance.post(f"{here}/readings", json={"day": "2026-11-20", "value": "15.5"})
    assert second.json()["used"] == "25.5"
    wrong = await finance.post(f"{here}/readings", json={"day": "2026-11-21", "value": "10"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "value")
    corrected = await finance.post(f"{here}/readings", json={"day": "2026-11-20", "value": "16"})
    assert corrected.json()["used"] == "26"

    kept = (await finance.get(here)).json()["readings"]
    assert [(r["day"], r["number"], r["value"], r["holds"]) for r in kept] == [
        ("2026-11-20", 2, "16", True),
        ("2026-11-20", 1, "15.5", False),
        ("2026-10-25", 1, "99990", True),
    ]
    month = (await finance.get(f"{desk.api}/readings", params={"month": "2026-11-01"})).json()
    assert [(r["previous"], r["value"], r["used"]) for r in month["items"]] == [
        ("99990", "16", "26"),
        (None, None, None),
    ]
    assert (month["meters"], month["read"]) == (2, 1)
    missing = (await finance.get(f"{desk.api}/readings", params={"missing": "true"})).json()
    assert [row["meter"]["unit"] for row in missing["items"]] == ["1幢102"]


async def test_a_meter_is_changed_by_its_version_and_of_the_right_kind(
    desk: Desk, meters: Meters, finance: httpx.AsyncClient
) -> None:
    water, fee = await meters.item(), await desk.item("fee", "2")
    unit = await desk.unit("101")
    new = {"item_id": str(water), "unit_id": str(unit), "installed_on": "2026-01-01", "initial": "7", "number": "W1"}
    made = await finance.post(f"{desk.api}/meters", json=new)
    assert made.status_code == 201, made.text
    here, change = f"{desk.api}/meters/{made.json()['id']}", {"number": "W2", "multiplier": "2.5", "digits": 4}
    assert (await finance.post(f"{desk.api}/meters", json=new)).status_code == 422
    for wrong in ({"item_id": str(fee)}, {"unit_id": None}, {"item_id": str(unit)}, {"multiplier": "0"}):
        assert (await finance.post(f"{desk.api}/meters", json={**new, **wrong})).status_code == 422, wrong
    assert (await finance.put(here, json=change)).status_code == 428
    changed = await finance.put(here, json=change, headers={"if-match": made.headers["etag"]})
    assert (changed.json()["multiplier"], changed.json()["version"]) == ("2.5", 2)
    assert (await finance.put(here, json=change, headers={"if-match": made.headers["etag"]})).status_code == 412
    assert (await finance.get(here)).json()["readings"][0]["value"] == "7"
    other = f"/api/v1/sites/{desk.house.sites[1].slug}/billing/meters/{made.json()['id']}"
    assert (await finance.get(other)).status_code == 404
    assert (await finance.post(f"{other}/readings", json={"day": "2026-11-20", "value": "9"})).status_code == 404


async def test_many_readings_are_looked_at_first_and_those_that_fit_are_entered(
    desk: Desk, meters: Meters, finance: httpx.AsyncClient
) -> None:
    water = await meters.item()
    one = await meters.meter(water, await desk.unit("101"), ("10-25", "100"))
    two = await meters.meter(water, await desk.unit("102"), ("10-25", "100"))
    readings = [
        {"meter_id": str(one), "day": "2026-11-20", "value": "120"},
        {"meter_id": str(two), "day": "2026-11-20", "value": "90"},
        {"meter_id": str(one), "day": "2026-11-20", "value": "121"},
        {"meter_id": str(one), "day": "2026-11-21", "value": "119"},
    ]
    looked = (await finance.post(f"{desk.api}/readings", json={"readings": readings, "dry_run": True})).json()
    assert [row["used"] for row in looked] == ["20", None, None, None]
    assert [row["fault"] and row["fault"]["field"] for row in looked] == [None, "value", "day", "value"]
    assert await desk.rows("SELECT count(*) FROM billing_reading WHERE company_id = $1") == [(2,)]
    await finance.post(f"{desk.api}/readings", json={"readings": readings})
    assert await desk.rows("SELECT count(*) FROM billing_reading WHERE company_id = $1") == [(3,)]
    nowhere = [{"meter_id": str(UUID(int=5)), "day": "2026-11-20", "value": "1"}]
    assert (await finance.post(f"{desk.api}/readings", json={"readings": nowhere})).status_code == 404


async def test_two_who_enter_the_same_day_at_once_leave_two_readings_in_order(desk: Desk, meters: Meters) -> None:
    meter = await meters.meter(await meters.item(), await desk.unit("101"))

    async def read(value: str) -> None:
        async with desk.work("clerk") as work:
            await service.enter(work, desk.site, meter, NewReading(day=date(2026, 11, 20), value=value))

    await asyncio.gather(*(read(str(n)) for n in range(8)))
    kept = await desk.rows("SELECT number FROM billing_reading WHERE company_id = $1 ORDER BY 1")
    assert kept == [(n,) for n in range(1, 9)]


async def test_a_reading_is_one_entry_of_the_audit_log_and_few_statements(
    desk: Desk, meters: Meters, finance: httpx.AsyncClient
) -> None:
    meter = await meters.meter(await meters.item(), await desk.unit("101"), ("10-25", "100"))
    body = {"day": "2026-11-20", "value": "110"}
    await finance.get(f"{desk.api}/meters")
    async with recording(desk.lodge.platform.db) as statements:
        await finance.post(f"{desk.api}/meters/{meter}/readings", json=body)
    assert len(statements) <= 6
    async with recording(desk.lodge.platform.db) as statements:
        await finance.get(f"{desk.api}/readings")
    assert len(statements) <= 6
    entries = "SELECT changes::text FROM audit_entry WHERE company_id = $1 AND action = 'billing.reading.entered'"
    before = await desk.rows(entries)
    await finance.post(f"{desk.api}/meters/{meter}/readings", json=body)  # the same again
    assert len(before) == 2
    assert await desk.rows(entries) == before


async def test_the_console_takes_a_reading_row_by_row_and_says_what_is_wrong_in_it(
    desk: Desk, meters: Meters, web: Web
) -> None:
    clerk = await web.console(desk.house, "clerk")
    here = f"{desk.console}/readings"
    assert "Nothing is charged by meters here" in (await clerk.get(here)).text
    water = await meters.item()
    assert "No meters yet" in (await clerk.get(here)).text
    meter = await meters.meter(water, await desk.unit("101"), ("10-25", "100"))
    assert "0 of 1 read" in (await clerk.get(here)).text

    clerk.headers["hx-request"] = "true"
    wrong = await clerk.post(f"{here}/{meter}", data={"month": "2026-11", "day": "2026-11-20", "value": "99"})
    typed = await clerk.post(f"{here}/{meter}", data={"month": "2026-11", "day": "2026-11-20", "value": "zwölf"})
    taken = await clerk.post(f"{here}/{meter}", data={"month": "2026-11", "day": "2026-11-20", "value": "113.5"})
    other = await clerk.post(f"{here}/{meter}", data={"month": "2026-11", "day": "2026-10-20", "value": "90"})

    assert wrong.status_code == typed.status_code == other.status_code == 422
    assert "does not run backwards" in wrong.text and 'value="99"' in wrong.text
    assert "Give what the meter shows, such as 1234.5." in typed.text
    assert (taken.status_code, taken.text.lstrip().startswith("<tr"), "13.5" in taken.text) == (200, True, True)
    assert "not in the month that is shown" in other.text
    del clerk.headers["hx-request"]
    page = (await clerk.get(here)).text
    assert "1 of 1 read" in page and "data-reading" in page
    clerk.cookies.set("locale", "zh-CN")
    assert "已抄 1 / 1" in (await clerk.get(here)).text


async def test_the_console_sets_a_meter_up_replaces_it_and_withdraws_a_reading(
    desk: Desk, meters: Meters, web: Web
) -> None:
    water = await meters.item()
    await desk.unit("101")
    await desk.unit("102")
    console = await web.console(desk.house, "finance")
    console.headers["hx-request"] = "true"
    new = {"kind": "add", "item_id": str(water), "unit": "1幢101", "installed_on": "2026-01-01", "initial": "5"}
    nowhere = await console.post(f"{desk.console}/meters", data={**new, "unit": "9幢9"})
    made = await console.post(f"{desk.console}/meters", data={**new, "multiplier": "1", "digits": "5"})
    many = await console.post(
        f"{desk.console}/meters", data={"kind": "set-up", "item_id": str(water), "installed_on": "2026-01-01"}
    )
    assert (nowhere.status_code, "There is no such unit" in nowhere.text) == (422, True)
    assert many.headers["hx-redirect"] == f"{desk.console}/meters?added=1"
    assert "Meters set up: 1." in (await console.get(many.headers["hx-redirect"])).text
    here = made.headers["hx-redirect"]
    swap = {"kind": "replacement", "day": "2026-11-05", "old_final": "20", "value": "1"}
    refused = await console.post(here, data={**swap, "old_final": "4"})
    assert refused.status_code == 422 and "does not run backwards" in refused.text
    assert (await console.post(here, data=swap)).headers["hx-redirect"] == here
    assert (await console.post(here, data={"kind": "reading", "day": "2026-11-20", "value": "3"})).status_code < 400
    month = await console.get(f"{desk.console}/readings")
    assert "replaced on 2026-11-05" in month.text and ">17<" in month.text  # 15 and 2
    assert (await console.post(here, data={"kind": "withdrawn", "day": "2026-11-20"})).status_code < 400
    assert "replaced" in (await console.get(here)).text
    changed = await console.post(f"{here}/change", data={"version": "1", "number": "W-9", "multiplier": "1"})
    assert changed.status_code < 400
    assert (await console.post(f"{here}/change", data={"version": "1", "number": "W-8"})).status_code == 412
    assert "W-9" in (await console.get(f"{desk.console}/meters", params={"q": "W-9"})).text


async def test_a_workbook_is_exported_filled_in_looked_at_and_entered(desk: Desk, meters: Meters, web: Web) -> None:
    water = await meters.item()
    one = await meters.meter(water, await desk.unit("101"), ("10-25", "100"), number="W1")
    await meters.meter(water, await desk.unit("102"), ("10-25", "200"), number="W2")
    console = await web.console(desk.house, "clerk")
    here = f"{desk.console}/readings"
    (sheet,) = read_workbook((await console.get(f"{here}/export?month=2026-11")).content)
    assert [row[:3] for row in sheet.rows[1:]] == [("1幢101", "water", "W1"), ("1幢102", "water", "W2")]
    assert sheet.rows[1][5] == 100

    async def upload(data: bytes) -> httpx.Response:
        return await console.post(
            f"{here}/import", data={"day": "2026-11-20"}, files={"file": ("readings.xlsx", data, "application/x")}
        )

    assert (await upload(b"nonsense")).status_code == 422
    assert (await upload(workbook())).status_code == 422
    looked = await upload(
        workbook(
            ("1幢101", "water", "W1", "2026-11-20", 112.5),
            ("1幢102", "water", "", None, 150),
            ("1幢103", "water", "", None, 7),
            ("1幢102", "water", "W2", "gestern", 7),
            ("1幢102", "water", "W2", None, None),
        )
    )
    assert looked.status_code == 200, looked.text
    for told in ("12.5", "does not run backwards", "There is no such meter here.", "This is no day"):
        assert told in looked.text
    assert await desk.rows("SELECT count(*) FROM billing_reading WHERE company_id = $1") == [(2,)]
    sent = f'[["{one}","2026-11-20","112.5"]]'
    assert sent.replace('"', "&#34;") in looked.text
    done = await console.post(f"{here}/import/confirm", data={"readings": sent})
    again = await console.post(f"{here}/import/confirm", data={"readings": "nonsense"})
    assert "Readings entered: 1." in done.text
    assert again.status_code == 400
    assert "There already" in (await upload(workbook(("1幢101", "water", "W1", "2026-11-20", 112.5)))).text


async def test_whoever_only_looks_enters_nothing(desk: Desk, meters: Meters, web: Web) -> None:
    meter = await meters.meter(await meters.item(), await desk.unit("101"))
    guard = await web.api(desk.house, "guard")
    body = {"day": "2026-11-20", "value": "1"}
    assert (await guard.post(f"{desk.api}/meters/{meter}/readings", json=body)).status_code == 403
    clerk = await web.api(desk.house, "clerk")
    set_up = {"item_id": str(meter), "installed_on": "2026-01-01"}
    assert (await clerk.post(f"{desk.api}/meters/set-up", json=set_up)).status_code == 403
