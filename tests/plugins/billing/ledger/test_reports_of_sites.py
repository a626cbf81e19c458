"""The company's report adds up its sites' own, of those that the reader may see (MO-1)."""

from __future__ import annotations

import io
from typing import Any

import httpx
from python_calamine import CalamineWorkbook

from core.sdk import new_id
from plugins.billing.ledger import service
from plugins.billing.ledger.entries import Charge, Part, Payment
from tests.core.people.test_people import place, put
from tests.core.people.test_posts import post
from tests.plugins.billing.ledger.conftest import _ITEM, Office
from tests.support.lodge import SettableClock
from tests.support.statements import recording
from tests.support.web import Web

FIELDS = ("opening_fen", "charged_fen", "adjusted_fen", "waived_fen", "received_fen", "closing_fen")
_PARTY = "INSERT INTO party (company_id, id, site_id, kind, name) VALUES ($1, $2, $3, 'person', 'A')"


async def there(office: Office, fen: int, paid: int) -> None:
    """A charge at the house's second site, of which some is paid."""
    site, company = office.house.sites[1], office.house.company_id
    unit_id, party_id, item_id = await office.unit(site=site), new_id(), new_id()
    async with office.lodge.owner.begin(company) as uow:
        await uow.execute(_PARTY, company, party_id, site.id)
        await uow.execute(_ITEM, company, item_id, site.id, "fee", "物业费")
    charge = Charge(unit_id, party_id, item_id, new_id(), fen)
    async with office.lodge.work(office.house, "manager") as work:
        await service.issue(work, site, [charge])
        pays = Payment(unit_id, party_id, "cash", paid, (Part(charge.charge_id, paid),))
        await service.post(work, site, pays, key=str(new_id()))


async def test_each_line_is_the_site_s_own_total(office: Office, web: Web, clock: SettableClock) -> None:
    unit_id, party_id = await office.unit("302"), await office.party()
    await office.issue(office.charge(unit_id, party_id, 10_000))
    await there(office, 7_000, 2_500)
    clock.advance(days=10)
    await office.issue(office.charge(unit_id, party_id, 400))
    api = await web.api(office.house, "finance")
    days = "?since=2026-12-01&until=2026-12-03"

    await api.get(f"{_api(office)}/reports/sites")
    async with recording(office.lodge.platform.db) as sent:
        found = (await api.get(f"{_api(office)}/reports/sites{days}")).json()
    own = [(await api.get(f"/api/v1/sites/{s.slug}/billing/reports{days}")).json()["total"] for s in office.house.sites]

    assert len(sent) <= 6
    assert [each["site"] for each in found["sites"]] == [site.slug for site in office.house.sites]
    assert [[each["row"][f] for f in FIELDS] for each in found["sites"]] == [[row[f] for f in FIELDS] for row in own]
    assert [found["total"][f] for f in FIELDS] == [14_500, 400, 0, 0, 0, 14_900]


async def test_only_sites_whose_reports_the_reader_may_see_are_in_it(office: Office, web: Web) -> None:
    await there(office, 7_000, 2_500)
    house = office.house
    stranger = await office.lodge.house(sites=1, plugins=["billing"])

    async def seen(client: httpx.AsyncClient) -> list[str]:
        answer = await client.get(f"{_api(office)}/reports/sites")
        assert answer.status_code == 200, answer.text
        assert stranger.sites[0].slug not in answer.text
        return [each["site"] for each in answer.json()["sites"]]

    mine, other = (site.slug for site in house.sites)
    assert await seen(await web.api(house, "finance")) == [mine, other]
    only = await web.token(house, ["billing.report.view", "amount.view"], [house.sites[0].id])
    assert await seen(only) == [mine]
    admin = await web.api(house, "admin")
    staff = house.staff["clerk"]
    assert (await put(admin, staff, place(staff, posts=[post(house.sites[1], ["finance"])]))).status_code == 200
    clerk = await web.api(house, "clerk")  # who keeps accounts there, and none here
    assert (await clerk.get(f"{_api(office)}/reports/sites")).status_code == 403
    found = await clerk.get(f"/api/v1/sites/{other}/billing/reports/sites")
    assert [each["site"] for each in found.json()["sites"]] == [other]
    assert (await (await web.api(house, "cashier")).get(f"{_api(office)}/reports/sites")).status_code == 403


async def test_it_is_a_page_and_a_workbook(office: Office, web: Web) -> None:
    await there(office, 7_000, 2_500)
    console = await web.console(office.house, "finance")
    console.cookies["locale"] = "zh-CN"
    here = f"/s/{office.site.slug}/billing/reports/sites"

    page, book = await console.get(here), await console.get(f"{here}/export")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0)
    rows: list[list[Any]] = sheet.to_python()

    assert "70.00" in page.text and f"/s/{office.house.sites[1].slug}/billing/reports?" in page.text
    assert rows[2] == [office.house.sites[1].name, 0, 70, 0, 0, 25, 45]
    assert rows[3] == ["合计", 0, 70, 0, 0, 25, 45]
    assert (await console.get(f"{here}?since=2026-12-01&until=2026-11-01")).status_code == 422


def _api(office: Office) -> str:
    return f"/api/v1/sites/{office.site.slug}/billing"
