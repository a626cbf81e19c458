"""Tariffs on screen: what is wrong is said at the field, and what is missing is shown (BIL-1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.plugins.billing.tariffs.conftest import FEE, Office
from tests.plugins.billing.tariffs.test_quantities import area
from tests.support.statements import recording

Screen = Callable[[str], Awaitable[httpx.AsyncClient]]
ITEM = {**{name: str(value) for name, value in FEE.items()}, "collected_for": "", "ended_on": ""}
VERSION = {
    "kind": "version", "valid_from": "2026-01-01", "price": "2.50", "formula": "", "prorate": "calendar",
    "rounding_unit": "fen", "rounding_mode": "half_up", "note": "",
}  # fmt: skip


@pytest.fixture
def screen(office: Office) -> Screen:
    """A console of that role, asking for fragments as htmx does."""

    async def open_as(role: str) -> httpx.AsyncClient:
        client = await office.web.console(office.house, role)
        client.headers["hx-request"] = "true"
        return client

    return open_as


async def test_an_item_is_made_priced_and_charged_on_screen(office: Office, screen: Screen) -> None:
    manager = await screen("manager")
    empty = await manager.get(office.console)
    refused = await manager.post(f"{office.console}/items", data={**ITEM, "code": "Fee!"})
    made = await manager.post(f"{office.console}/items", data=ITEM)
    here = made.headers["hx-redirect"]
    bare = await manager.get(here)
    priced = await manager.post(here, data=VERSION)
    placed = await manager.post(
        here, data={"kind": "assign", "building": "", "unit": "", "since": "2026-01-01", "charged": "true"}
    )
    whole = await manager.get(here)
    listed = await manager.get(office.console)

    assert "Nothing is charged here yet" in empty.text
    assert (refused.status_code, "Give small letters" in refused.text) == (422, True)
    assert "No price is in force today" in bare.text and "It is charged nowhere yet" in bare.text
    assert priced.headers["hx-redirect"] == placed.headers["hx-redirect"] == here
    assert "90 m² of built area, full month: 225.00 yuan" in whole.text
    assert "2.50 yuan a month per m² of built area" in listed.text


async def test_a_formula_that_is_wrong_is_told_at_its_field(office: Office, screen: Screen, fee: str) -> None:
    manager = await screen("manager")
    wrong = {**VERSION, "price": "", "formula": "built * 2[yuan/m2/month] +"}
    answer = await manager.post(f"{office.console}/items/{fee}", data=wrong)
    manager.cookies.update({"locale": "zh-CN"})
    chinese = await manager.post(f"{office.console}/items/{fee}", data=wrong)
    price = await manager.post(f"{office.console}/items/{fee}", data={**VERSION, "price": "二元五"})

    assert answer.status_code == 422
    assert "Line 1, column 27: the formula ends here; expected: a number, a name" in answer.text
    assert "第 1 行第 27 列：公式到此中断；此处应为：数字、名称、" in chinese.text
    assert "请填写数字，例如 2.35。" in price.text


async def test_a_place_is_changed_and_taken_away_on_screen(office: Office, screen: Screen, fee: str) -> None:
    manager = await screen("manager")
    here = f"{office.console}/items/{fee}"
    line = {"kind": "assign", "building": "", "unit": "1幢102", "since": "2026-05-01", "charged": "false"}
    nowhere = await manager.post(here, data={**line, "unit": "9幢999"})
    await manager.post(here, data=line)
    shown = await manager.get(here)
    [(id,)] = await office.rows("SELECT id FROM billing_assignment WHERE company_id = $1 AND unit_id IS NOT NULL")
    act = f"{office.console}/assignments/{id}"
    refused = await manager.post(act, data={"version": "1", "until": "2026-04-30", "charged": "false"})
    stale = await manager.post(act, data={"version": "9", "until": "2026-06-30", "charged": "false"})
    changed = await manager.post(act, data={"version": "1", "until": "2026-06-30", "charged": "false"})
    gone = await manager.post(act, data={"version": "2", "kind": "remove"})

    assert (nowhere.status_code, "There is no such unit" in nowhere.text) == (422, True)
    assert "1幢102" in shown.text
    assert (refused.status_code, stale.status_code) == (422, 412)
    assert changed.headers["hx-redirect"] == gone.headers["hx-redirect"] == here


async def test_areas_are_taken_over_and_corrected_on_screen(office: Office, screen: Screen, fee: str) -> None:
    cashier = await screen("cashier")
    here = f"{office.console}/quantities"
    before = await cashier.get(here)
    taken = await cashier.post(f"{here}/take-over", data={"valid_from": "2026-01-01"})
    nameless = await cashier.post(f"{here}/take-over", data={"valid_from": ""})
    unit = f"{here}/units/{office.units['2幢102']}"
    blank = await cashier.get(unit)
    wrong = await cashier.post(unit, data={"basis": "built", "valid_from": "2026-01-01", "value": "一百"})
    entered = await cashier.post(
        unit, data={"basis": "built", "valid_from": "2026-01-01", "value": "100", "reason": ""}
    )
    [(id,)] = await office.rows("SELECT id FROM billing_quantity WHERE company_id = $1 AND value = 100")
    silent = await cashier.post(f"{here}/{id}", data={"version": "1", "value": "98", "reason": ""})
    corrected = await cashier.post(f"{here}/{id}", data={"version": "1", "value": "98", "reason": "实测"})
    history = await cashier.get(unit)
    removed = await cashier.post(f"{here}/{id}", data={"version": "2", "kind": "remove"})

    assert "These units are charged by something" in before.text
    assert "Areas taken over: 3. Units for which the roll has no area: 1." in taken.text
    assert (nameless.status_code, wrong.status_code, silent.status_code) == (422, 422, 422)
    assert "Nothing is known of this unit yet" in blank.text
    assert entered.headers["hx-redirect"] == unit
    # from there one asks which bills the correction touches (BIL-7)
    assert corrected.headers["hx-redirect"].startswith(f"{unit}?basis=built&since=2026-01-01")
    assert "98.00" in history.text and "实测" in history.text
    assert removed.headers["hx-redirect"] == unit


async def test_units_are_searched_and_taken_along_as_a_workbook(office: Office, screen: Screen) -> None:
    clerk = await screen("clerk")
    found = await clerk.get(f"{office.console}/quantities?q=2幢")
    none = await clerk.get(f"{office.console}/quantities?q=77")
    book = await clerk.get(f"{office.console}/quantities/export")

    assert "2幢101" in found.text and "1幢101" not in found.text
    assert "No unit fits" in none.text
    assert book.content[:2] == b"PK"
    assert (await clerk.get(f"{office.console}/quantities?after=x")).status_code == 400


async def test_the_price_list_is_published_in_both_languages_and_on_paper(
    office: Office, screen: Screen, manager: httpx.AsyncClient, fee: str
) -> None:
    coming = {"valid_from": "2027-01-01", "price": "2.80"}
    await manager.post(f"{office.api}/items/{fee}/versions", json=coming)
    await manager.post(f"{office.api}/items", json={**FEE, "code": "water", "title": "水费代收"})  # no price yet
    clerk = await screen("clerk")
    english = await clerk.get(f"{office.console}/price-list")
    paper = await clerk.get(f"{office.console}/price-list/paper")
    clerk.cookies.update({"locale": "zh-CN"})
    chinese = await clerk.get(f"{office.console}/price-list")

    assert "2.50 yuan a month per m² of built area" in english.text and "From 2027-01-01: 2.80 yuan" in english.text
    assert "每平方米建筑面积每月 2.50 元" in chinese.text and "价目表公示" in chinese.text
    assert "水费代收" not in chinese.text
    assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")


async def test_whoever_sets_no_prices_is_offered_no_forms(office: Office, screen: Screen, fee: str) -> None:
    clerk = await screen("clerk")
    item = await clerk.get(f"{office.console}/items/{fee}")

    assert "do-version" not in item.text and "do-change" not in item.text
    assert (await clerk.post(f"{office.console}/items/{fee}", data=VERSION)).status_code == 403
    assert (
        await clerk.post(f"{office.console}/quantities/take-over", data={"valid_from": "2026-01-01"})
    ).status_code == 403
    assert (await (await screen("guard")).get(office.console)).status_code == 403


@pytest.mark.parametrize("path", ["", "/items/{fee}", "/quantities", "/quantities/units/{unit}", "/price-list"])
async def test_a_page_takes_six_round_trips_at_most(
    office: Office, screen: Screen, manager: httpx.AsyncClient, fee: str, path: str
) -> None:
    await manager.post(f"{office.api}/quantities", json=area(office))
    client = await screen("manager")
    address = office.console + path.format(fee=fee, unit=office.units["1幢101"])
    await client.get(address)
    async with recording(office.lodge.platform.db) as sent:
        answer = await client.get(address)

    assert answer.status_code == 200, answer.text
    assert len(sent) <= 6, [statement.sql[:80] for statement in sent]
