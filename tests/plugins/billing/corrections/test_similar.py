"""Units that may be as mistaken as one that was mended (BIL-7): above and below, of the same wrong value, unlike the
roll."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from core.exchange.workbook import read_workbook
from core.sdk import new_id
from tests.plugins.billing.corrections.conftest import MARCH, Office, api_of
from tests.support.web import Web

START = date(2020, 1, 1)
_UNIT = """
INSERT INTO unit (company_id, id, site_id, building, entrance, room, label, area_m2)
VALUES ($1, $2, $3, $4, '1', $5, $6, $7)
"""


async def flat(office: Office, building: str, room: str, area: str, roll: str | None = None) -> UUID:
    id = new_id()
    label = f"{building}幢1单元{room}"
    await office.write(_UNIT, id, office.site.id, building, room, label, None if roll is None else Decimal(roll))
    await office.area_from(id, START, area)
    return id


async def test_neighbours_above_and_below_the_same_value_and_the_roll_are_compared(office: Office, web: Web) -> None:
    mended = await flat(office, "1", "1802", "120", "100")
    await office.area_from(mended, MARCH, "100")
    await flat(office, "1", "1702", "120", "120")  # below, as it was
    await flat(office, "1", "1602", "100")  # below, as it is
    await flat(office, "1", "1701", "89", "88.5")  # beside, unlike the roll
    await flat(office, "2", "1802", "90")  # another building
    await flat(office, "2", "203", "120")
    finance = await api_of(office, web, "finance")
    here = f"{office.api}/units/{mended}/similar"

    found = (await finance.get(here, params={"wrong": "120"})).json()

    assert (found["unit"], found["value"]) == ("1幢1单元1802", "100.00")
    assert [(each["unit"], each["value"], each["why"]) for each in found["items"]] == [
        ("1幢1单元1701", "89.00", ["roll_differs"]),
        ("1幢1单元1702", "120.00", ["same_position", "same_wrong"]),
        ("2幢1单元203", "120.00", ["same_wrong"]),
    ]
    first = (await finance.get(here, params={"wrong": "120", "limit": "2"})).json()
    rest = (await finance.get(here, params={"wrong": "120", "limit": "2", "cursor": first["cursor"]})).json()
    assert [len(first["items"]), len(rest["items"]), rest["cursor"]] == [2, 1, None]
    assert (await finance.get(here, params={"wrong": "1e9"})).status_code == 400
    assert (await finance.get(here, params={"basis": "spaces"})).json()["items"] == []
    other = f"/api/v1/sites/{office.house.sites[1].slug}/billing/units/{mended}/similar"
    assert (await finance.get(other)).status_code == 404


async def test_after_a_value_is_mended_the_page_leads_to_what_it_touches(office: Office, web: Web) -> None:
    """BIL-7"""
    await office.item("fee", "2.50")
    unit = await flat(office, "1", "1802", "120")
    await flat(office, "1", "1702", "120")
    [[quantity]] = await office.rows("SELECT id FROM billing_quantity WHERE company_id = $1 AND unit_id = $2", unit)
    console = await web.console(office.house, "finance")
    page = f"{office.console}/quantities/units/{unit}"
    assert "Which bills does it touch?" in (await console.get(page)).text

    mended = await console.post(
        f"{office.console}/quantities/{quantity}", data={"version": "1", "value": "100", "reason": "实测"}
    )

    told = (await console.get(mended.headers["location"])).text
    assert "Mended with effect from 2020-01-01; it was 120.00." in told
    assert "similar?basis=built&amp;wrong=120.00" in told
    form = (
        await console.get(f"{office.console}/corrections", params={"unit": "1幢1单元1802", "since": "2020-01-01"})
    ).text
    assert "data-show" in form
    assert 'value="1幢1单元1802"' in form
    similar = (await console.get(f"{page}/similar", params={"wrong": "120.00"})).text
    assert "1幢1单元1702" in similar
    assert "The value that was wrong" in similar
    [sheet] = read_workbook((await console.get(f"{page}/similar/export", params={"wrong": "120"})).content)
    assert sheet.rows[1][:2] == ("1幢1单元1702", 120)
    nothing = (await console.get(f"{page}/similar", params={"basis": "spaces"})).text
    assert "Nothing stands out" in nothing
