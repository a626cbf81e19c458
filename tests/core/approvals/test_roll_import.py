"""Where a site wants it, a household roll counts once a second person has agreed to it (ARC-3)."""

from __future__ import annotations

import re

import httpx

from core.policies.approvals import APPROVALS
from tests.core.web.estate import WANG, api, counts, roll, upload
from tests.support.lodge import House, Lodge
from tests.support.web import Web


async def careful(lodge: Lodge, house: House) -> None:
    async with lodge.work(house, "admin") as work:
        policies, site = lodge.platform.policies, house.sites[0]
        await policies.revise(work, APPROVALS, site.id, {"roll_import": True}, reason="ARC-3", expected=0)


async def previewed(client: httpx.AsyncClient, house: House) -> str:
    answer = await upload(client, f"{api(house)}/imports/roll", roll(WANG))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_nobody_imports_alone_and_agreeing_does_it(web: Web, lodge: Lodge, house: House) -> None:
    await careful(lodge, house)
    archivist, admin = await web.api(house, "archivist"), await web.api(house, "admin")
    import_id = await previewed(archivist, house)
    path = f"{api(house)}/imports/{import_id}"
    assert (await archivist.post(f"{path}/apply")).status_code == 409
    asked = await archivist.post(f"{path}/approval")
    assert asked.status_code == 200, asked.text
    assert (await archivist.post(f"{path}/approval")).status_code == 409

    approval = asked.headers["location"]
    assert (await archivist.post(f"{approval}/decision", json={"approve": True})).status_code == 409
    assert (await admin.post(f"{approval}/decision", json={"approve": False})).status_code == 422
    assert (await counts(lodge, house))["unit"] == 0
    seen = await admin.get(path)
    assert (seen.status_code, seen.json()["changes"]["units_new"], seen.json()["issues"]) == (200, 1, [])
    [waiting] = (await admin.get(f"{api(house)}/approvals")).json()["approvals"]
    assert (waiting["state"], waiting["payload"]["units_new"]) == ("asked", 1)
    decided = await admin.post(f"{approval}/decision", json={"approve": True})
    assert (decided.status_code, decided.json()["state"]) == (200, "approved")
    assert (await counts(lodge, house))["unit"] == 1
    assert (await admin.post(f"{approval}/decision", json={"approve": True})).status_code == 409
    assert (await admin.get(path)).status_code == 409
    actions = {entry["action"]: entry for entry in (await admin.get("/api/v1/audit")).json()["entries"]}
    assert actions["approval.asked"]["actor_name"] == house.staff["archivist"].name
    assert actions["approval.approved"]["actor_name"] == actions["roll.applied"]["actor_name"]
    assert actions["roll.applied"]["actor_name"] == house.staff["admin"].name


async def test_the_pages_ask_show_and_decide(web: Web, lodge: Lodge, house: House) -> None:
    await careful(lodge, house)
    archivist, admin = await web.console(house, "archivist"), await web.console(house, "admin")
    base = f"/s/{house.sites[0].slug}"
    preview = await upload(archivist, f"{base}/estate/import", roll(WANG))
    assert "Ask for a second look" in preview.text
    found = re.search(r'name="token" value="([^"]+)"', preview.text)
    assert found is not None
    asked = await archivist.post(f"{base}/estate/import/confirm", data={"token": found[1]})
    page = asked.headers["location"]
    assert "Take it back" in (await archivist.get(page)).text
    assert "Import of a household roll" in (await admin.get(f"{base}/approvals")).text
    shown = await admin.get(page)
    assert "1 units new" in shown.text and 'value="refuse"' in shown.text
    look = re.search(r'href="([^"]+/estate/import/[^"]+)"', shown.text)
    assert look is not None
    looked = await admin.get(look[1])
    assert looked.status_code == 200 and "No problems found" in looked.text and "Ask for" not in looked.text
    refused = await admin.post(f"{page}/decision", data={"verdict": "refuse", "text": ""})
    assert refused.status_code == 422 and 'id="error-text"' in refused.text
    assert (await admin.post(f"{page}/decision", data={"verdict": "approve"})).status_code == 303
    assert "Agreed" in (await admin.get(page)).text
    again = await admin.post(f"{page}/decision", data={"verdict": "approve"})
    assert again.status_code == 409 and "decided or taken back" in again.text
    taken = await archivist.post(f"{page}/withdrawal")
    assert taken.status_code == 409
