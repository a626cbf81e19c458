"""Roles of a company's own: what they grant, at once and here only, and who may change them (AZ-4)."""

from __future__ import annotations

from typing import Any

import httpx

from core.auth.permissions import ROLES
from tests.support.lodge import House, Lodge
from tests.support.web import Web, problem

READER = {"key": "reader", "title": "值班查看", "permissions": ["ticket.view"]}


async def give(lodge: Lodge, house: House, who: str, *roles: str) -> None:
    """Have somebody hold these roles, as the administration of people does."""
    async with lodge.work(house, "admin") as work:
        await work.uow.execute(
            "UPDATE membership SET roles = $3 WHERE company_id = $1 AND id = $2",
            house.company_id,
            house.staff[who].membership_id,
            list(roles),
        )
        work.announce("access", None)


async def revise(api: httpx.AsyncClient, version: int, **changes: Any) -> httpx.Response:
    body = {"title": READER["title"], "permissions": READER["permissions"], **changes}
    return await api.put("/api/v1/roles/reader", json=body, headers={"if-match": f'"{version}"'})


async def test_raising_and_lowering_a_role_counts_at_once(web: Web, lodge: Lodge, house: House) -> None:
    admin, cashier = await web.api(house, "admin"), await web.api(house, "cashier")
    tickets = f"/api/v1/sites/{house.sites[0].slug}/tickets"
    assert (await cashier.get(tickets)).status_code == 403

    made = await admin.post("/api/v1/roles", json=READER)
    assert (made.status_code, made.headers["etag"], made.headers["location"]) == (201, '"1"', "/api/v1/roles/reader")
    await give(lodge, house, "cashier", "reader")
    assert (await cashier.get(tickets)).status_code == 200
    assert (await cashier.get("/api/v1/me")).json()["permissions"] == ["ticket.view"]

    lowered = await revise(admin, 1, permissions=["estate.view"])
    assert lowered.status_code == 200, lowered.text
    assert (await cashier.get(tickets)).status_code == 403
    assert (await revise(admin, 1)).status_code == 412
    assert (await revise(admin, 2)).status_code == 200
    assert (await cashier.get(tickets)).status_code == 200

    held = (await admin.get("/api/v1/roles/reader")).json()
    assert ([holder["name"] for holder in held["held_by"]], held["role"]["holders"]) == (
        [house.staff["cashier"].name],
        1,
    )


async def test_a_role_goes_when_nobody_holds_it(web: Web, lodge: Lodge, house: House) -> None:
    admin = await web.api(house, "admin")
    await admin.post("/api/v1/roles", json=READER)
    await give(lodge, house, "guard", "guard", "reader")
    assert (await admin.delete("/api/v1/roles/reader")).status_code == 409
    await give(lodge, house, "guard", "guard")
    assert (await admin.delete("/api/v1/roles/reader")).status_code == 204
    assert (await admin.get("/api/v1/roles/reader")).status_code == 404
    await give(lodge, house, "guard", "reader")  # what no administration does: a key that means nothing
    assert (await admin.post("/api/v1/roles", json=READER)).status_code == 422
    actions = [entry["action"] for entry in (await admin.get("/api/v1/audit?action=role")).json()["entries"]]
    assert actions == ["role.removed", "role.made"]


async def test_built_in_roles_stay_as_they_are(web: Web, house: House) -> None:
    admin = await web.api(house, "admin")
    listed = (await admin.get("/api/v1/roles")).json()["roles"]
    assert [role["key"] for role in listed] == list(ROLES)
    body = {"title": "x", "permissions": ["ticket.view"]}
    assert (await admin.put("/api/v1/roles/clerk", json=body, headers={"if-match": '"0"'})).status_code == 409
    assert (await admin.delete("/api/v1/roles/clerk")).status_code == 409
    assert (await admin.post("/api/v1/roles", json={**READER, "key": "clerk"})).status_code == 422


async def test_what_a_role_may_be(web: Web, house: House) -> None:
    admin = await web.api(house, "admin")
    for changes, field in (
        ({"title": " "}, "title"),
        ({"title": "x" * 41}, "title"),
        ({"permissions": []}, "permissions"),
        ({"permissions": ["world.domination"]}, "permissions"),
        ({"key": "Reader"}, "key"),
        ({"key": "r"}, "key"),
    ):
        refused = await admin.post("/api/v1/roles", json={**READER, **changes})
        errors: Any = problem(refused)["errors"]
        assert (refused.status_code, [error["field"] for error in errors]) == (422, [field])


async def test_a_right_of_a_module_that_is_gone_is_shown_and_grants_nothing(
    web: Web, lodge: Lodge, house: House
) -> None:
    admin, cashier = await web.api(house, "admin"), await web.api(house, "cashier")
    await admin.post("/api/v1/roles", json=READER)
    await give(lodge, house, "cashier", "reader")
    async with lodge.work(house, "admin") as work:
        await work.uow.execute(
            "UPDATE role SET permissions = '{gone.door.open,ticket.view}' WHERE company_id = $1", house.company_id
        )
        work.announce("access", None)
    assert (await cashier.get("/api/v1/me")).json()["permissions"] == ["ticket.view"]
    assert (await admin.get("/api/v1/roles/reader")).json()["role"]["gone"] == ["gone.door.open"]
    page = await (await web.console(house, "admin")).get("/admin/roles/reader")
    assert "gone.door.open" in page.text and "Of modules that no longer run here" in page.text
    assert (await revise(admin, 1, permissions=["gone.door.open", "ticket.view"])).status_code == 200


async def test_whoever_enters_some_sites_only_changes_no_role(web: Web, house: House) -> None:
    admin, local = await web.api(house, "admin"), await web.api(house, house.local[0])
    await admin.post("/api/v1/roles", json=READER)
    assert (await local.get("/api/v1/roles/reader")).status_code == 200
    assert (await revise(local, 1)).status_code == 403
    assert (await local.delete("/api/v1/roles/reader")).status_code == 403
    assert (await local.post("/api/v1/roles", json={**READER, "key": "other"})).status_code == 403


async def test_a_role_is_its_companys(web: Web, lodge: Lodge, house: House) -> None:
    admin = await web.api(house, "admin")
    await admin.post("/api/v1/roles", json=READER)
    stranger = await lodge.house()
    elsewhere = await web.api(stranger, "admin")
    assert (await elsewhere.get("/api/v1/roles/reader")).status_code == 404
    assert (await revise(elsewhere, 1)).status_code == 404
    await give(lodge, stranger, "cashier", "reader")
    assert (await (await web.api(stranger, "cashier")).get("/api/v1/me")).json()["permissions"] == []


async def test_a_copy_is_made_and_changed_on_its_page(web: Web, house: House) -> None:
    console = await web.console(house, "admin")
    copying = await console.get("/admin/roles/clerk/copy")
    assert copying.status_code == 200 and 'value="clerk_2"' in copying.text
    form: dict[str, Any] = {"title": "夜班前台", "key": "clerk_2", "permissions": []}
    refused = await console.post("/admin/roles/clerk/copy", data=form)
    assert refused.status_code == 422 and "夜班前台" in refused.text and 'id="error-permissions"' in refused.text
    made = await console.post("/admin/roles/clerk/copy", data={**form, "permissions": ["ticket.view"]})
    assert (made.status_code, made.headers["location"]) == (303, "/admin/roles/clerk_2?done=saved")
    saved = {"title": "夜班", "permissions": ["ticket.view", "ticket.create"], "version": "1"}
    assert (await console.post("/admin/roles/clerk_2", data=saved)).status_code == 303
    assert (await console.post("/admin/roles/clerk_2", data=saved)).status_code == 412
    listed = await console.get("/admin/roles")
    assert "夜班" in listed.text and (await console.get("/admin/roles/clerk")).status_code == 200
    assert (await console.post("/admin/roles/clerk_2/remove")).headers["location"] == "/admin/roles"


async def test_fields_stand_by_themselves_and_what_deals_in_amounts_brings_them(web: Web, house: House) -> None:
    admin, console = await web.api(house, "admin"), await web.console(house, "admin")
    charging = {"key": "charging", "title": "收费", "permissions": ["repairs.charge.confirm"]}
    assert (await admin.post("/api/v1/roles", json=charging)).status_code == 201
    for key, ticked in (("guard", False), ("charging", True), ("technician", True)):
        page = (await console.get(f"/admin/roles/{key}")).text
        _, _, group = page.partition("Fields that are masked or left out")
        group = group.partition("</fieldset>")[0]
        assert "estate.contact.reveal" in group
        assert ('value="amount.view" checked' in group, 'value="amount.view"' in group) == (ticked, True), key
