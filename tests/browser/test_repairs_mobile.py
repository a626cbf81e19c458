"""A technician's phone without a connection: all that is done arrives once, nothing is dropped silently (REP-3)."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pypdf
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.people import PHONE, People, violations

pytestmark = pytest.mark.browser
PAGE = "/s/cuihu/repairs/mobile"


def given_to(people: People, name: str, place: str) -> tuple[str, str]:
    """A repair that is the technician's: its URL in the API and its number."""
    with people.api("linan") as api:
        new = {
            "description": "厨房水槽漏水",
            "category": "plumbing_electric",
            "place": place,
            "reporter_phone": "13800001111",
        }
        taken = api.post("/sites/cuihu/tickets", json=new)
        url = f"/sites/cuihu/tickets/{taken.json()['id']}"
        people_at_work = api.get("/sites/cuihu/tickets/candidates?category=plumbing_electric").json()["candidates"]
        member = next(each["membership_id"] for each in people_at_work if each["name"] == name)
        seen = {"if-match": taken.headers["etag"]}
        answer = api.post(f"{url}/actions/assign", json={"assignee_id": member}, headers=seen)
        assert answer.status_code == 200, answer.text
    return url, taken.json()["number"]


def detail(people: People, url: str) -> dict[str, Any]:
    with people.api("linan") as api:
        found: dict[str, Any] = api.get(url).json()
    return found


def photograph(page: Page, moment: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (3000, 2000), "#a55").save(picture, "JPEG")
    with page.expect_file_chooser() as camera:
        page.locator(f"[data-photo={moment}]").click()
    camera.value.set_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()})


def sign(page: Page, canvas: str) -> None:
    place = page.locator(canvas).bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + 60, place["y"] + 60)
    page.mouse.down()
    page.mouse.move(place["x"] + 200, place["y"] + 100, steps=5)
    page.mouse.up()


def at_order(people: People, place: str) -> Page:
    """The technician's phone, with that order open, ready for the connection to go."""
    page = people.sign_in("wanglei", viewport=PHONE, has_touch=True)
    page.goto(PAGE)
    page.wait_for_function("() => caches.match(location.pathname).then(Boolean)")
    page.locator("#m-list a", has_text=place).click()
    return page


def test_what_is_done_without_a_connection_arrives_once(people: People) -> None:
    url, _ = given_to(people, "王磊", "离线楼1单元101")
    with people.api("linan") as api:
        valve = {"code": "LX01", "name": "离线角阀", "kind": "material", "unit": "个", "price_fen": 4850}
        prices = {"valid_from": str(datetime.now(ZoneInfo("Asia/Shanghai")).date()), "prices": [valve]}
        assert api.post("/sites/cuihu/repairs/prices", json=prices).status_code == 201
    page = at_order(people, "离线楼1单元101")
    assert violations(page) == []
    page.context.set_offline(True)
    for name in ("accept", "set_off", "arrive"):
        page.locator(f"[data-do={name}]").click()
        expect(page.locator(".m-waiting")).to_contain_text(
            {"accept": "接单", "set_off": "出发", "arrive": "到场"}[name]
        )
    photograph(page, "before")
    page.locator("[data-dialog=lines]").click()
    page.locator("#m-code").select_option("LX01")
    page.locator("#m-lines [type=submit]").click()
    page.locator("[data-dialog=signature]").click()
    expect(page.locator("[data-slot=sum]")).to_have_text("¥ 48.50")
    page.locator("#m-signature [name=signer]").fill("王丽华")
    sign(page, "#m-signature canvas")
    page.locator("#m-signature [type=submit]").click()
    expect(page.locator(".m-state")).to_contain_text("6")
    page.reload()
    expect(page.locator(".m-waiting li")).to_have_count(6)
    lost: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        if not lost:
            lost.append(route.request.headers["idempotency-key"])
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/act", lose_the_first_answer)
    page.context.set_offline(False)
    expect(page.locator(".m-waiting li")).to_have_count(6)
    expect(page.locator("body")).to_have_attribute("data-state", "offline")
    page.locator("[data-refresh]").click()
    expect(page.locator(".m-waiting li")).to_have_count(0)

    found = detail(people, url)
    kinds = [entry["kind"] for entry in found["timeline"]]
    assert kinds == ["created", "assign", "accept", "stage", "arrive", "attached", "module", "module"]
    assert [each["signed_by"] for each in found["sections"]["attachments"]] == [None, "王丽华"] and lost
    with people.api("linan") as api:
        settled = api.get(url.replace("/tickets/", "/repairs/orders/")).json()["settled"]
    assert (settled["amount_fen"], settled["how"], settled["resident_name"]) == (4850, "signature", "王丽华")
    people.complaints[:] = [each for each in people.complaints if "net::ERR" not in each]  # it was without a connection


def test_what_somebody_else_has_changed_meanwhile_is_shown_and_decided(people: People) -> None:
    url, _ = given_to(people, "王磊", "离线楼1单元102")
    page = at_order(people, "离线楼1单元102")
    page.context.set_offline(True)
    page.locator("[data-do=accept]").click()
    with people.api("linan") as api:
        seen = {"if-match": api.get(url).headers["etag"]}
        assert api.post(f"{url}/actions/comment", json={"text": "业主改约明早"}, headers=seen).status_code == 200
    page.context.set_offline(False)
    refused = page.locator(".m-waiting [data-refused]")
    expect(refused).to_contain_text("内容已被别人改过")
    assert detail(people, url)["ticket"]["status"] == "new"
    refused.locator("[data-retry]").click()
    expect(page.locator(".m-waiting li")).to_have_count(0)
    expect(page.locator("[data-history]")).to_contain_text("业主改约明早")
    assert detail(people, url)["ticket"]["status"] == "accepted"
    page.locator("[data-sign-out] button").click()
    page.wait_for_url("**/login*")
    page.wait_for_function("() => caches.keys().then(names => names.length === 0)")
    people.complaints[:] = [each for each in people.complaints if "net::ERR" not in each]  # it was without a connection


def test_a_contact_sheet_is_issued_signed_for_and_printed(people: People) -> None:
    """REP-4."""
    with people.api("linan") as api:
        new = {"name": "验收楼施工单位", "contact": "李工", "phone": "13800001111"}
        assert api.post("/sites/cuihu/repairs/contractors", json=new).status_code == 201
    url, number = given_to(people, "王磊", "离线楼1单元103")
    page = people.sign_in("chenxiao")
    page.goto(f"/s/cuihu{url.removeprefix('/sites/cuihu')}")
    page.get_by_role("link", name="开具联系单").click()
    page.get_by_label("施工单位").select_option(label="验收楼施工单位")
    page.get_by_role("button", name="开具").click()
    page.get_by_role("button", name="施工单位已完工").click()
    page.locator("#step-done [type=submit]").click()
    page.get_by_role("button", name="请业主验收").click()
    box = page.locator("#step-accept canvas")
    page.locator("#step-accept [name=signer]").fill("王丽华")
    page.locator("#step-accept [type=submit]").click()
    expect(box).to_be_visible()  # nothing is signed yet
    sign(page, "#step-accept canvas")
    page.locator("#step-accept [type=submit]").click()
    expect(page.locator("#sheet-title ~ .state")).to_contain_text("已验收")
    token = page.locator("[name=csrf_token]").first.input_value()
    answer = page.context.request.post(f"{page.url}/print", form={"csrf_token": token})
    paper = [each.extract_text() for each in pypdf.PdfReader(io.BytesIO(answer.body())).pages]
    assert len(paper) == 3
    assert all(number in each and "王丽华" in each for each in paper)
