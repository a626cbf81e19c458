"""A suspended company: nobody who works there is in, or comes in; it reads why; open again, they come in as before."""

from __future__ import annotations

from core.db.uow import UnitOfWork
from core.operator.realm import REALM
from tests.support.lodge import PASSWORD, House, Lodge
from tests.support.operator import api, console, operator
from tests.support.web import Web

WHY = {"reason": "the contract has ended, case 4711"}
_SAID = "SELECT action FROM audit_entry WHERE company_id = $1 AND starts_with(action, 'company.') ORDER BY id"


async def test_a_suspended_company_is_shut_to_its_people_and_goes_on_for_its_residents(
    web: Web, lodge: Lodge, house: House
) -> None:
    client = await api(web, await operator(lodge.platform, "suspends"))
    admin, program = await web.api(house, "admin"), await web.token(house, ["ticket.view"])
    path = f"/api/v1/operator/companies/{house.company_id}"

    assert (await client.post(f"{path}/suspension", json={"reason": "short"})).status_code == 400
    assert (await client.post(f"{path}/suspension", json=WHY)).json()["sessions"] >= 1
    assert (await client.post(f"{path}/suspension", json=WHY)).status_code == 409
    assert (await admin.get("/api/v1/me")).status_code == 401
    assert (await program.get("/api/v1/me")).status_code == 401
    door = {"login": house.staff["admin"].login, "password": PASSWORD}
    shut = await (await web.anonymous()).post("/login", data=door, headers={"accept-language": "en"})
    assert shut.status_code == 403
    assert "suspended" in shut.text
    assert await lodge.platform.system_context(house.company_id, None) is not None  # work that is due goes on

    assert (await client.post(f"{path}/reopening", json=WHY)).status_code == 204
    assert (await program.get("/api/v1/me")).status_code == 200
    assert (await (await web.anonymous()).post("/login", data=door)).status_code == 303
    for tenant in (house.company_id, REALM):
        async with lodge.platform.db.begin(tenant) as uow:
            assert await _said(uow) == ["company.suspended", "company.reopened"]


async def test_the_console_suspends_for_a_reason_only(web: Web, lodge: Lodge, house: House) -> None:
    client = await console(web, await operator(lodge.platform, "at-the-console"))
    path = f"/operator/companies/{house.company_id}"

    refused = await client.post(f"{path}/suspension", data={"reason": "no"})
    assert refused.status_code == 422
    assert "10 characters" in refused.text
    assert (await client.post(f"{path}/suspension", data=WHY)).status_code == 303
    assert "Suspended since" in (await client.get(path)).text
    assert (await client.post(f"{path}/suspension", data={**WHY, "reopen": "true"})).status_code == 303


async def _said(uow: UnitOfWork) -> list[str]:
    assert uow.company_id is not None
    return await uow.fetch(str, _SAID, uow.company_id)
