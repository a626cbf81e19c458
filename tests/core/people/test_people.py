"""Staff accounts over HTTP: nobody gives what they lack (AZ-4), what is taken is gone at once (AU-3/4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from core.db.ids import new_id
from core.errors import Unauthenticated
from tests.support.lodge import PASSWORD, House, Lodge, Staff
from tests.support.web import Web, problem


def place(staff: Staff, **changes: Any) -> dict[str, Any]:
    return {"name": staff.name, "staff_no": staff.login, "roles": [staff.role], "all_sites": True, **changes}


async def put(
    api: httpx.AsyncClient, staff: Staff | UUID, body: dict[str, Any], version: int | None = None
) -> httpx.Response:
    member_id = staff if isinstance(staff, UUID) else staff.membership_id
    if version is None:
        found = await api.get(f"/api/v1/people/{member_id}")
        version = found.json()["member"]["version"] if found.status_code == 200 else 1
    return await api.put(f"/api/v1/people/{member_id}", json=body, headers={"if-match": f'"{version}"'})


async def switch(api: httpx.AsyncClient, staff: Staff, way: str, version: int = 1) -> httpx.Response:
    path = f"/api/v1/people/{staff.membership_id}/{way}"
    return await api.post(path, headers={"if-match": f'"{version}"'})


def fields(response: httpx.Response) -> list[object]:
    errors = problem(response)["errors"]
    assert isinstance(errors, list)
    return [error["field"] for error in errors]


async def test_the_list_finds_people_by_what_is_known_of_them(web: Web, house: House) -> None:
    api = await web.api(house, "admin")
    everybody = (await api.get("/api/v1/people")).json()
    assert len(everybody["items"]) == len(house.staff) + len(house.local) and everybody["cursor"] is None
    clerk = house.staff["clerk"]
    for query, found in (
        ({"q": clerk.name.upper()}, [clerk.name]),
        ({"q": "%"}, []),
        ({"role": "clerk"}, [clerk.name]),
        ({"role": "clerk", "status": "disabled"}, []),
        ({"q": clerk.name, "after": f"{house.slug}-999"}, []),
    ):
        page = (await api.get("/api/v1/people", params=query)).json()
        assert [item["name"] for item in page["items"]] == found, query
    await web.api(house, "clerk")
    [item] = (await api.get("/api/v1/people", params={"role": "clerk"})).json()["items"]
    assert item["signed_in_at"] is not None
    page = (await api.get(f"/api/v1/people/{clerk.membership_id}")).json()
    assert (page["login"], page["elsewhere"]) == (clerk.login, False)


async def test_roles_and_sites_change_what_a_person_may_do_at_once(web: Web, house: House) -> None:
    """AU-3/4: without a new sign-in, and in the very next request."""
    api, clerk = await web.api(house, "admin"), await web.api(house, "clerk")
    here, there = house.sites
    assert (await clerk.get(f"/api/v1/sites/{there.slug}/tickets")).status_code == 200
    body = place(house.staff["clerk"], roles=["guard"], all_sites=False, site_ids=[str(here.id)], department="门岗")
    changed = await put(api, house.staff["clerk"], body)
    assert changed.status_code == 200 and changed.headers["etag"] == '"2"'
    me = (await clerk.get("/api/v1/me")).json()
    assert (me["roles"], [site["slug"] for site in me["sites"]]) == (["guard"], [here.slug])
    for part in ("tickets", "policies"):  # what a guard may see, and what they may not
        assert (await clerk.get(f"/api/v1/sites/{there.slug}/{part}")).status_code == 404
    [entry, *_] = (await api.get("/api/v1/audit?action=person")).json()["entries"]
    assert entry["action"] == "person.changed"
    assert entry["changes"]["roles"] == ["guard"] and "name" not in entry["changes"]


async def test_cc_1_a_change_needs_the_version_it_was_made_from(web: Web, house: House) -> None:
    api, clerk = await web.api(house, "admin"), house.staff["clerk"]
    assert (await put(api, clerk, place(clerk), 7)).status_code == 412
    assert (await api.put(f"/api/v1/people/{clerk.membership_id}", json=place(clerk))).status_code == 428
    assert (await switch(api, clerk, "disable", 7)).status_code == 412


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"staff_no": ""}, "staff_no"),
        ({"roles": []}, "roles"),
        ({"roles": ["emperor"]}, "roles"),
        ({"all_sites": False, "site_ids": ["01a20000-0000-7000-8000-000000000000"]}, "site_ids"),
        ({"email": "nowhere"}, "email"),
        ({"phone": "12"}, "phone"),
    ],
)
async def test_what_does_not_fit_is_named(web: Web, house: House, changes: dict[str, Any], field: str) -> None:
    refused = await put(await web.api(house, "admin"), house.staff["clerk"], place(house.staff["clerk"], **changes))
    assert refused.status_code == 422 and fields(refused) == [field]


async def test_a_staff_number_is_somebodys_alone(web: Web, house: House) -> None:
    api = await web.api(house, "admin")
    refused = await put(api, house.staff["clerk"], place(house.staff["clerk"], staff_no=f"{house.slug}-002"))
    assert fields(refused) == ["staff_no"]


async def test_a_disabled_account_is_out_at_once_and_comes_back_with_its_password(web: Web, house: House) -> None:
    """AU-3/4: every session ends, its stream and its refresh token too."""
    api, clerk = await web.api(house, "admin"), house.staff["clerk"]
    sessions = [await web.api(house, "clerk"), await web.console(house, "clerk")]
    disabled = await switch(api, clerk, "disable")
    assert disabled.status_code == 200 and disabled.json()["active"] is False
    assert (await sessions[0].get("/api/v1/me")).status_code == 401
    assert (await sessions[1].get("/notifications")).headers["location"].startswith("/login")
    with pytest.raises(Unauthenticated):
        await web.platform.sign_in.memberships(clerk.login, PASSWORD, "192.0.2.41")
    assert (await switch(api, clerk, "disable", 2)).status_code == 409
    assert (await switch(api, clerk, "enable", 2)).status_code == 200
    assert (await sessions[0].get("/api/v1/me")).status_code == 401
    assert (await (await web.api(house, "clerk")).get("/api/v1/me")).status_code == 200


async def test_tokens_of_a_disabled_account_are_revoked(web: Web, house: House, lodge: Lodge) -> None:
    api, manager = await web.api(house, "admin"), house.local[0]
    token = await web.api(house, manager)
    body = {"name": "meter", "permissions": ["ticket.view"], "site_ids": [str(house.sites[0].id)]}
    text = (await token.post("/api/v1/tokens", json=body)).json()["token"]
    meter = await web.anonymous(authorization=f"Bearer {text}")
    assert (await meter.get("/api/v1/me")).status_code == 200
    assert (await switch(api, manager, "disable")).status_code == 200
    assert (await meter.get("/api/v1/me")).status_code == 401


async def test_the_last_administrator_stays(web: Web, house: House) -> None:
    api, admin = await web.api(house, "admin"), house.staff["admin"]
    for body in (
        place(admin, roles=["clerk"]),
        place(admin, all_sites=False, site_ids=[str(house.sites[0].id)]),
    ):
        assert (await put(api, admin, body)).status_code == 409
    assert (await switch(api, admin, "disable")).status_code == 409  # nor by themselves
    clerk = house.staff["clerk"]
    assert (await put(api, clerk, place(clerk, roles=["admin"]))).status_code == 200
    other = await web.api(house, "clerk")
    assert (await switch(other, admin, "disable")).status_code == 200
    assert (await put(other, clerk, place(clerk, roles=["clerk"]))).status_code == 409


async def test_an_administrator_of_one_site_has_no_say_beyond_it(web: Web, house: House) -> None:
    """TI-10: people of other sites and of the whole company are nobody to them; AZ-4: they give no other site."""
    here, there = house.sites
    api, everywhere = await web.api(house, house.local[0]), await web.api(house, "admin")
    listed = (await api.get("/api/v1/people")).json()["items"]
    assert [item["name"] for item in listed] == [house.local[0].name]
    for stranger in (house.local[1], house.staff["clerk"]):
        assert (await api.get(f"/api/v1/people/{stranger.membership_id}")).status_code == 404
        assert (await put(api, stranger, place(stranger))).status_code == 404
        assert (await switch(api, stranger, "disable")).status_code == 404
    clerk = house.staff["clerk"]
    assert (await put(everywhere, clerk, place(clerk, all_sites=False, site_ids=[str(here.id)]))).status_code == 200
    for changes in ({"all_sites": True}, {"all_sites": False, "site_ids": [str(there.id)]}, {"all_sites": False}):
        refused = await put(api, clerk, place(clerk, **changes))
        assert refused.status_code == 422
    assert (await switch(api, clerk, "disable", 2)).status_code == 200


async def test_az_4_nobody_gives_or_touches_what_they_lack(web: Web, house: House, lodge: Lodge) -> None:
    """AZ-4: a token for accounts alone neither makes administrators nor switches one off."""
    token = await web.token(house, ["people.manage"])
    for role, staff in house.staff.items():
        refused = await put(token, staff, place(staff, roles=["admin"]))
        assert refused.status_code == 403, role
        assert (await switch(token, staff, "disable")).status_code == 403, role


async def test_people_of_another_company_are_nobody(web: Web, house: House, lodge: Lodge) -> None:
    stranger = (await lodge.house()).staff["clerk"]
    api = await web.api(house, "admin")
    nobody = msgspec.structs.replace(stranger, membership_id=new_id())
    for staff in (stranger, nobody):
        assert (await api.get(f"/api/v1/people/{staff.membership_id}")).status_code == 404
        assert (await put(api, staff, place(staff))).status_code == 404
        assert (await switch(api, staff, "disable")).status_code == 404


async def test_an_address_set_by_others_is_to_be_confirmed(web: Web, house: House, lodge: Lodge) -> None:
    api, clerk = await web.api(house, "admin"), house.staff["clerk"]
    body = place(clerk, email="clerk@example.com", phone="13900001234")
    assert (await put(api, clerk, body)).status_code == 200
    page = (await api.get(f"/api/v1/people/{clerk.membership_id}")).json()
    assert (page["email"], page["phone"]) == ("clerk@example.com", "139****1234")
    mine = (await (await web.api(house, "clerk")).get("/api/v1/notifications/preferences")).json()
    assert (mine["email"], mine["email_confirmed"], mine["phone_confirmed"]) == ("clerk@example.com", False, False)
    assert (await put(api, clerk, place(clerk))).status_code == 200  # what is left out stays
    assert (await api.get(f"/api/v1/people/{clerk.membership_id}")).json()["email"] == "clerk@example.com"


async def test_the_page_keeps_what_was_filled_in_and_switches_the_account(web: Web, house: House) -> None:
    console, clerk = await web.console(house, "admin"), house.staff["clerk"]
    path = f"/admin/people/{clerk.membership_id}"
    form = {"version": "1", "name": "Li", "staff_no": "9", "roles": [], "all_sites": "true"}
    refused = await console.post(path, data=form)
    assert refused.status_code == 422 and 'value="Li"' in refused.text and 'id="error-roles"' in refused.text
    saved = await console.post(path, data={**form, "roles": ["clerk", "guard"]})
    assert saved.status_code == 303
    assert "Li" in (await console.get("/admin/people?q=Li")).text
    assert (await console.post(f"{path}/disable", data={"version": "2"})).status_code == 303
    assert "Switch the account on" in (await console.get(path)).text
    assert clerk.name not in (await console.get("/admin/people")).text
