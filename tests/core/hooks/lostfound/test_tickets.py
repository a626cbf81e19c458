"""What a plugin from a package of its own brings to tickets: a kind with stages, goals and fields, and a check."""

from __future__ import annotations

import httpx
import msgspec
import pytest

from tests.core.hooks.lostfound.found import UMBRELLA, acting, items
from tests.support.lodge import House, Lodge
from tests.support.web import Web, problem

LOST_PROPERTY = {
    "key": "lost_property",
    "title_zh": "失物",
    "title_en": "Lost property",
    "icon": "umbrella",
    "ticket_type": "enquiry",
}


async def test_outlet_fill_shows_found_things_beside_a_ticket_about_lost_property(
    served: Web, lodge: Lodge, clerk: httpx.AsyncClient, house: House
) -> None:
    await clerk.post(items(house), json=UMBRELLA)
    await add_category(lodge, house)
    console = await served.console(house, "clerk")

    async def page(category: str) -> str:
        answer = await clerk.post(
            f"/api/v1/sites/{house.sites[0].slug}/tickets",
            json={"description": "雨伞忘在大堂", "category": category, "place": "大堂"},
        )
        return (await console.get(f"/s/{house.sites[0].slug}/tickets/{answer.json()['id']}")).text

    assert UMBRELLA["description"] in await page("lost_property")
    assert UMBRELLA["description"] not in await page("lift")


@pytest.mark.parametrize(
    ("category", "description", "refused"),
    [("lost_property", "????", True), ("lost_property", "钱包，棕色", False), ("lift", "????", False)],
)
async def test_ticket_validate_wants_lost_property_described(
    category: str, description: str, refused: bool, lodge: Lodge, clerk: httpx.AsyncClient, house: House
) -> None:
    await add_category(lodge, house)

    answer = await clerk.post(
        f"/api/v1/sites/{house.sites[0].slug}/tickets",
        json={"description": description, "category": category, "place": "大堂"},
    )

    assert answer.status_code == (422 if refused else 201)
    if refused:
        assert [error["field"] for error in problem(answer)["errors"]] == ["description"]  # type: ignore[attr-defined]


async def test_register_ticket_types_brings_stages_goals_and_fields_of_its_own(
    served: Web, lodge: Lodge, clerk: httpx.AsyncClient, house: House
) -> None:
    await add_category(lodge, house, "lostfound.claim")
    url = f"/api/v1/sites/{house.sites[0].slug}/tickets"
    new = {"description": "雨伞忘在大堂", "category": "lost_property", "place": "大堂"}

    nameless = await clerk.post(url, json=new)
    wrong = await clerk.post(url, json={**new, "fields": {"what": "伞", "worth": "huge", "colour": "black"}})
    created = await clerk.post(url, json={**new, "fields": {"what": "黑色雨伞"}})

    assert [e["field"] for e in problem(nameless)["errors"]] == ["fields.what"]  # type: ignore[attr-defined]
    assert {e["field"] for e in problem(wrong)["errors"]} == {  # type: ignore[attr-defined]
        "fields.what",
        "fields.worth",
        "fields.colour",
    }
    ticket = created.json()
    assert (ticket["type"], ticket["status"], ticket["stage"]) == ("lostfound.claim", "new", "reported")
    assert ticket["fields"] == {"what": "黑色雨伞", "worth": "small"}

    async def step(name: str, text: str = "") -> httpx.Response:
        headers = {"If-Match": str((await clerk.get(f"{url}/{ticket['id']}")).json()["ticket"]["version"])}
        return await clerk.post(f"{url}/{ticket['id']}/actions/{name}", json={"text": text}, headers=headers)

    assert (await step("accept")).status_code == 404, "replaced by the type's own"
    assert (await step("hand_over")).status_code == 409
    assert (await step("found")).status_code == 422
    found = (await step("found", "in the lobby")).json()
    detail = (await clerk.get(f"{url}/{ticket['id']}")).json()
    goals = {goal["name"]: (goal["state"], goal["ended"]) for goal in detail["goals"]}
    assert (found["status"], found["stage"]) == ("accepted", "found")
    assert goals["search"] == ("met", True)
    assert goals["collection"] == ("running", False)
    assert "hand_over" in detail["actions"] and "search" not in detail["actions"]
    page = (await (await served.console(house, "clerk")).get(f"/s/{house.sites[0].slug}/tickets/{ticket['id']}")).text
    assert all(word in page for word in ("Found, waiting for the owner", "黑色雨伞", "Claim of lost property"))
    assert (await step("hand_over")).json()["stage"] == "handed_over"
    await step("answer", "told him")
    assert (await step("close")).json()["stage"] == "handed_over"
    assert (await step("reopen", "the wrong one")).json()["stage"] == "searching"


async def test_the_fields_of_its_own_can_be_changed_later(
    served: Web, lodge: Lodge, clerk: httpx.AsyncClient, house: House
) -> None:
    """By the API and on the page; audited by name, the timeline says from what to what."""
    await add_category(lodge, house, "lostfound.claim")
    url = f"/api/v1/sites/{house.sites[0].slug}/tickets"
    new = {
        "description": "雨伞忘在大堂",
        "category": "lost_property",
        "place": "大堂",
        "fields": {"what": "伞架上的伞"},
    }
    path = f"{url}/{(await clerk.post(url, json=new)).json()['id']}"
    screen = await served.console(house, "clerk")
    page = path.replace("/api/v1/sites/", "/s/")

    async def patch(version: int | None, **fields: str) -> httpx.Response:
        headers = {} if version is None else {"If-Match": str(version)}
        return await clerk.patch(path, json={"fields": fields}, headers=headers)

    changed = await patch(1, what="黑色雨伞")
    assert (changed.status_code, changed.json()["fields"]) == (200, {"what": "黑色雨伞", "worth": "small"})
    refused = {
        "stale": await patch(1, what="蓝色雨伞"),
        "unsaid": await patch(None),
        "same": await patch(2, worth="small"),
    }
    assert {name: each.status_code for name, each in refused.items()} == {"stale": 412, "unsaid": 428, "same": 409}
    wrong = await patch(2, what="x", colour="black")
    assert {e["field"] for e in problem(wrong)["errors"]} == {"fields.what", "fields.colour"}  # type: ignore[attr-defined]

    form = {"version": "2", "fields.lostfound.claim.what": "黑", "fields.lostfound.claim.worth": "large"}
    again = await screen.post(f"{page}/amend", data=form, headers={"hx-request": "true"})
    assert (again.status_code, "Give 2 to 60 characters." in again.text, 'value="黑"' in again.text) == (
        422,
        True,
        True,
    )
    answer = await screen.post(f"{page}/amend", data={**form, "fields.lostfound.claim.what": "黑色长柄伞"})
    assert answer.status_code == 303
    listed = (await screen.get(f"{page.rpartition('/')[0]}?type=lostfound.claim&cols=matter,type")).text
    assert '<option value="lostfound.claim" selected>Claim of lost property</option>' in listed
    assert ">Claim of lost property</td>" in listed
    shown = (await screen.get(page)).text
    assert "changed the details: What was lost 黑色雨伞 → 黑色长柄伞；Worth Small → Large" in shown

    guard = await served.api(house, "cashier")
    assert (await guard.patch(path, json={"fields": {}}, headers={"If-Match": "3"})).status_code in (403, 404)
    async with lodge.platform.work(acting(house), read_only=True) as work:
        sql = "SELECT changes::text FROM audit_entry WHERE company_id = $1 AND action = 'ticket.amend' ORDER BY id"
        audited = await work.uow.fetch(str, sql, house.company_id)
    assert ["what" in audited[0], "worth" in audited[1]] == [True, True] and "伞" not in "".join(audited)


async def test_where_it_is_off_its_tickets_stay_readable_and_its_steps_are_unknown(
    served: Web, lodge: Lodge, clerk: httpx.AsyncClient, house: House
) -> None:
    await add_category(lodge, house, "lostfound.claim")
    new = {"description": "雨伞忘在大堂", "category": "lost_property", "place": "大堂", "fields": {"what": "黑色雨伞"}}
    url = f"/api/v1/sites/{house.sites[0].slug}/tickets"
    ticket = (await clerk.post(url, json=new)).json()
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute("UPDATE plugin_switch SET enabled = false WHERE company_id = $1", house.company_id)
    lodge.forget()

    detail = (await clerk.get(f"{url}/{ticket['id']}")).json()
    step = await clerk.post(f"{url}/{ticket['id']}/actions/search", json={}, headers={"If-Match": "1"})
    unknown = await clerk.post(f"{url}/{ticket['id']}/actions/burn", json={}, headers={"If-Match": "1"})

    assert detail["ticket"]["fields"] == {"what": "黑色雨伞", "worth": "small"}
    assert "search" not in detail["actions"] and "accept" in detail["actions"]
    assert (step.status_code, problem(step)["title"]) == (404, problem(unknown)["title"])  # type: ignore[attr-defined]
    refused = await clerk.post(url, json=new)
    assert [e["field"] for e in problem(refused)["errors"]] == ["category"]  # type: ignore[attr-defined]


async def add_category(lodge: Lodge, house: House, ticket_type: str = "enquiry") -> None:
    """Let the company's tickets be about lost property, besides what they are about by default."""
    from core.policies.ticket_categories import TICKET_CATEGORIES

    default = msgspec.json.decode(msgspec.json.encode(TICKET_CATEGORIES.default.categories))
    async with lodge.platform.work(acting(house)) as work:
        await lodge.platform.policies.revise(
            work,
            TICKET_CATEGORIES,
            None,
            {"categories": [*default, {**LOST_PROPERTY, "ticket_type": ticket_type}]},
            reason="tests",
            expected=0,
        )
