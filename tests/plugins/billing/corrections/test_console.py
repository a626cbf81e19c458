"""Corrections over HTTP and in the console: who may what, what the pages say, what a workbook holds (BIL-7)."""

from __future__ import annotations

from uuid import UUID

from core.exchange.workbook import read_workbook
from tests.plugins.billing.corrections.conftest import MARCH, Office, api_of
from tests.support.statements import recording
from tests.support.web import Web


async def test_a_correction_goes_its_way_over_the_api(office: Office, web: Web) -> None:
    """BIL-7"""
    fee = await office.item("fee", "2.50")
    unit = await office.unit("302", "120")
    await office.issued(fee)
    await office.area_from(unit, MARCH, "100")
    finance, manager, cashier = [await api_of(office, web, role) for role in ("finance", "manager", "cashier")]
    new = {"reason": "面积误录", "since": "2026-03-01", "unit_id": str(unit)}
    assert (await cashier.post(f"{office.api}/corrections", json=new)).status_code == 403
    made = await finance.post(f"{office.api}/corrections", json=new)
    assert made.status_code == 201, made.text
    found = made.json()
    assert (found["status"], found["lines"], found["credit_fen"]) == ("preview", 1, 5_000)
    here = f"{office.api}/corrections/{found['id']}"

    [line] = (await cashier.get(f"{here}/lines", params={"unit": "302"})).json()["items"]
    assert (line["was_fen"], line["right_fen"], line["difference_fen"]) == (30_000, 25_000, -5_000)
    told = (await finance.get(f"{office.api}/correction-lines/{line['id']}")).json()
    assert told["before"] == ["2026-11-01 to 2026-11-30: 2.5 × 120 × 1 × 1", "amount: 300.00"]
    assert told["after"] == ["2026-11-01 to 2026-11-30: 2.5 × 100 × 1 × 1", "amount: 250.00"]
    etag = made.headers["etag"]
    assert (await finance.post(f"{here}/request")).status_code == 428
    asked = await finance.post(f"{here}/request", headers={"if-match": etag})
    assert asked.json()["status"] == "asked"
    assert (await finance.post(f"{here}/approval", headers={"if-match": asked.headers["etag"]})).status_code == 403
    assert (await manager.post(f"{here}/approval", headers={"if-match": etag})).status_code == 412
    done = await manager.post(f"{here}/approval", headers={"if-match": asked.headers["etag"]})
    assert done.json()["status"] == "approved"
    listed = (await cashier.get(f"{office.api}/corrections")).json()
    assert [each["id"] for each in listed["items"]] == [found["id"]]
    assert (await cashier.get(f"{here}/credits")).json() == {"items": [], "cursor": None}


async def test_corrections_and_their_lines_come_page_by_page(office: Office, web: Web) -> None:
    fee = await office.item("fee", "2.50")
    for n in range(5):
        await office.unit(f"30{n}", "120")
    await office.issued(fee)
    await office.write("UPDATE billing_quantity SET value = 100 WHERE company_id = $1")
    for charge in await office.open_charges():
        await office.pay(charge)
    corrections = [str((await office.look()).id) for _ in range(3)]
    done = await office.corrected()
    finance = await api_of(office, web, "finance")

    async def every(path: str, of: str) -> list[str]:
        seen: list[str] = []
        cursor = None
        while True:
            query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
            page = (await finance.get(f"{office.api}/{path}", params=query)).json()
            seen += [each[of] for each in page["items"]]
            if not (cursor := page["cursor"]):
                return seen

    assert await every("corrections", "id") == [str(done.id), *reversed(corrections)]
    units = [f"1幢30{n}" for n in range(5)]
    assert sorted(await every(f"corrections/{done.id}/lines", "unit")) == units
    assert await every(f"corrections/{done.id}/credits", "unit") == units
    for path in ("corrections", f"corrections/{done.id}/lines", f"corrections/{done.id}/credits"):
        assert (await finance.get(f"{office.api}/{path}", params={"cursor": "x"})).status_code == 400


async def test_the_console_looks_hands_on_approves_and_shows_what_goes_back(office: Office, web: Web) -> None:
    """BIL-7"""
    console, lead = await web.console(office.house, "finance"), await web.console(office.house, "manager")
    assert "No corrections yet" in (await console.get(f"{office.console}/corrections")).text
    fee = await office.item("fee", "2.50")
    unit, other = await office.unit("302", "120"), await office.unit("303", "120")
    await office.issued(fee)
    for charge in await office.open_charges():
        await office.pay(charge)
    await office.area_from(unit, MARCH, "100")
    await office.write("DELETE FROM billing_quantity WHERE company_id = $1 AND unit_id = $2", other)
    asked = {"reason": "", "since": "2026-03-01", "unit": "1幢302"}
    refused = await console.post(f"{office.console}/corrections", data=asked)
    assert refused.status_code == 422
    assert "Say what was wrong." in refused.text
    unknown = await console.post(f"{office.console}/corrections", data={**asked, "reason": "x", "unit": "9幢"})
    assert "There is no such unit in the household roll of this site." in unknown.text
    made = await console.post(f"{office.console}/corrections", data={"reason": "面积误录", "since": "2026-03-01"})
    assert made.status_code == 303
    here = made.headers["location"]

    page = (await console.get(here)).text
    assert "1幢302" in page
    assert "-50.00" in page
    assert "The area or the number of spaces is missing" in page
    assert "Charges that facts are missing for: 1." in page
    assert "Approve and post" not in page
    handed = await console.post(f"{here}/request", data={"version": "2"})
    assert handed.status_code == 303
    assert "Waiting for approval" in (await console.get(here)).text
    stale = await lead.post(f"{here}/approval", data={"version": "77"})
    assert stale.status_code == 412
    approved = await lead.post(f"{here}/approval", data={"version": "3"})
    assert approved.status_code == 303, approved.text
    assert "0 of 1 lines posted" in (await console.get(here)).text
    while await office.settle(UUID(here.rpartition("/")[2])):
        pass
    credits = (await console.get(here, params={"show": "credits"})).text
    assert "业主302" in credits
    assert "50.00" in credits
    lines, back = read_workbook((await console.get(f"{here}/export")).content)
    assert [row[5:8] for row in lines.rows[1:] if row[0] == "1幢302"] == [(300, 250, -50)]
    assert back.rows[1] == ("1幢302", "业主302", 50, 50)
    [line] = [row[0] for row in await office.rows(
        "SELECT id FROM billing_correction_line WHERE company_id = $1 AND entry_id IS NOT NULL"
    )]  # fmt: skip
    console.cookies.set("locale", "zh-CN")
    told = (await console.get(f"{office.console}/correction-lines/{line}")).text
    assert "2.5 × 120" in told and "2.5 × 100" in told and "更正后计算" in told


async def test_a_page_of_a_correction_is_a_few_statements(office: Office, web: Web) -> None:
    fee = await office.item("fee", "2.50")
    unit = await office.unit("302", "120")
    await office.issued(fee)
    await office.area_from(unit, MARCH, "100")
    found = await office.look()
    finance = await api_of(office, web, "finance")
    for path in (f"corrections/{found.id}", f"corrections/{found.id}/lines", f"corrections/{found.id}/credits"):
        await finance.get(f"{office.api}/{path}")
        async with recording(office.lodge.platform.db) as sent:
            assert (await finance.get(f"{office.api}/{path}")).status_code == 200
        assert len(sent) <= 6
