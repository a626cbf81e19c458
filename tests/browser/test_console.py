"""The console at a real server: what each person sees and does not, and that nothing typed is ever lost."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import People

pytestmark = pytest.mark.browser
CHINESE = re.compile(r"[一-鿿]")


def ticket(people: People, description: str, **values: str) -> str:
    """The path of the page of a ticket taken in through the API."""
    new = {"description": description, "category": "plumbing_electric", "place": "3幢大堂", **values}
    with people.api("chenxiao") as api:
        answer = api.post("/sites/cuihu/tickets", json=new)
        assert answer.status_code == 201, answer.text
    return f"/s/cuihu/tickets/{answer.json()['id']}"


def nav(page: Page) -> list[str]:
    return page.locator("body > nav a").evaluate_all("links => links.map(link => link.getAttribute('href'))")


def test_signing_in_refuses_leads_back_and_signs_out(people: People) -> None:
    page = people.anybody()
    page.goto("/s/xinghe/estate")
    expect(page).to_have_url(re.compile("/login"))
    for password in ("not-the-password", "linli-demo-2026"):
        page.get_by_label("登录名").fill("zhaomin")
        page.get_by_label("密码").fill(password)
        page.get_by_role("button", name="登录").click()
        if password.startswith("not"):
            expect(page.get_by_role("alert")).to_be_visible()
            expect(page.get_by_label("登录名")).to_have_value("zhaomin")
    expect(page).to_have_url(re.compile("/s/xinghe/estate$"))
    kept = page.context.cookies()
    page.locator("summary", has_text="赵敏").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(re.compile("/login"))
    page.context.add_cookies(kept)  # a copy of the session is worth nothing now
    page.goto("/s/xinghe/estate")
    expect(page).to_have_url(re.compile("/login"))


def test_the_language_is_switched_for_the_whole_page_and_kept(people: People) -> None:
    page = people.sign_in("chenxiao")
    page.goto("/s/cuihu/reception")
    page.get_by_role("button", name="EN").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for path in ("/s/cuihu/reception", "/s/cuihu/tickets", "/s/cuihu/reception/calls"):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", "en")
        words = page.locator("nav, main h1, main h2, main th, main label.form-label, main button.btn-primary")
        for text in words.all_inner_texts():
            assert not CHINESE.search(text), text
    page.get_by_role("button", name="切换为中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_the_theme_outlives_a_reload(people: People) -> None:
    page = people.sign_in("chenxiao")
    page.goto("/s/cuihu/tickets")
    with page.expect_response("**/prefs"):
        page.get_by_role("button", name="深色模式").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.get_by_role("button", name="浅色模式")).to_be_visible()


def test_the_palette_finds_a_unit_and_a_ticket_and_opens_them(people: People, estate: None) -> None:
    mark = uuid4().hex[:8]
    path = ticket(people, f"门禁失灵 {mark}")
    page = people.sign_in("chenxiao")
    page.goto("/s/cuihu/tickets")
    for typed, lands in ((mark, re.compile(path)), ("1幢1单元103", re.compile("/s/cuihu/estate"))):
        page.keyboard.press("Control+k")
        page.keyboard.type(typed)
        expect(page.locator("#palette-list [aria-selected=true]")).to_contain_text(typed)
        page.keyboard.press("Enter")
        expect(page).to_have_url(lands)
    expect(page.locator("#main")).to_contain_text("1幢1单元103")


def test_a_refused_form_keeps_what_was_typed(people: People) -> None:
    page = people.sign_in("chenxiao")
    page.goto("/s/cuihu/reception")
    page.locator("#f-description").fill(" ")
    page.locator("#f-place").fill("地下车库B区")
    page.locator("#f-contact").fill("路过的业主")
    with page.expect_response(re.compile("/reception/intake")) as answer:
        page.keyboard.press("Control+Enter")
    assert answer.value.status == 422
    expect(page.locator("#error-description")).to_be_visible()
    expect(page.locator("#f-place")).to_have_value("地下车库B区")
    expect(page.locator("#f-contact")).to_have_value("路过的业主")


def test_a_lost_session_leads_to_signing_in_and_the_draft_is_kept(people: People) -> None:
    page = people.sign_in("chenxiao")
    page.goto("/s/cuihu/reception")
    page.locator("#f-description").fill("电梯异响，写到一半")
    page.context.clear_cookies()
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("登录名").fill("chenxiao")
    page.get_by_label("密码").fill("linli-demo-2026")
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("/login"))
    page.goto("/s/cuihu/reception")
    expect(page.locator("#f-description")).to_have_value("电梯异响，写到一半")


def test_people_see_only_what_is_theirs(people: People) -> None:
    path = ticket(people, "楼道灯不亮")
    clerk = people.sign_in("chenxiao")
    clerk.goto(path)
    assert not [href for href in nav(clerk) if href.startswith("/admin")]
    for hidden in ("/admin/tokens", "/admin/audit", "/admin/plugins", "/s/cuihu/estate/import"):
        answer = clerk.goto(hidden)
        assert answer is not None and answer.status == 403, hidden
        expect(clerk.locator("#main h1")).to_be_visible()
    stranger = people.sign_in("yexin", "yunfan")
    for foreign in (path, "/s/cuihu/tickets", "/s/cuihu/reception", "/s/cuihu/policies/core.sla_targets"):
        answer = stranger.goto(foreign)
        assert answer is not None and answer.status == 404, foreign
    stranger.goto("/admin/audit")
    for foreign in ("邻里", "翠湖", "chenxiao", "陈晓"):
        expect(stranger.locator("body")).not_to_contain_text(foreign)


def test_a_module_is_switched_off_and_on_again_with_its_data(people: People) -> None:
    caller = f"业主{uuid4().hex[:6]}"
    clerk = people.sign_in("zhaomin")
    clerk.goto("/s/xinghe/reception")
    clerk.get_by_placeholder("电话、房号或姓名").fill(caller)
    with clerk.expect_response(re.compile("/reception/calls")):
        clerk.get_by_role("button", name="查找").click()
    admin = people.sign_in("linan")
    admin.goto("/admin/plugins")
    switch = admin.locator("#switch-reception-xinghe")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    answer = clerk.goto("/s/xinghe/reception/calls")
    assert answer is not None and answer.status == 404
    clerk.goto("/s/xinghe/tickets")
    assert not [href for href in nav(clerk) if "/reception" in href]
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    clerk.goto("/s/xinghe/reception/calls")
    assert "/s/xinghe/reception/calls" in nav(clerk)
    expect(clerk.locator("#calls")).to_contain_text("来电")
    expect(clerk.locator("#calls tbody tr")).not_to_have_count(0)


def test_a_promise_that_is_broken_shows_at_that_moment(people: People) -> None:
    with people.api("linan") as api:
        path = "/sites/xinghe/policies/core.sla_targets"
        policy = api.get(path)
        overrides = policy.json()["overrides"]
        overrides.setdefault("critical", {})["response"] = {"amount": 1, "unit": "minutes", "clock": "elapsed"}
        revision = {"overrides": overrides, "reason": "演练"}
        saved = api.put(path, json=revision, headers={"If-Match": policy.headers["ETag"]})
        assert saved.status_code == 200, saved.text
        new = {"description": "货梯困人", "category": "lift", "severity": "critical", "place": "货梯厅"}
        made = api.post("/sites/xinghe/tickets", json=new).json()
    page = people.sign_in("gaoxiang")
    page.goto(f"/s/xinghe/tickets/{made['id']}")
    face = page.locator(".ticket-head .clock")
    expect(face).not_to_have_attribute("data-level", "breach")
    expect(page.locator(".events")).not_to_contain_text("未达成")
    expect(face).to_have_attribute("data-level", "breach", timeout=70_000)
    expect(face).to_contain_text("超时")
    expect(page.locator(".events")).to_contain_text("未达成时限目标：响应")
    missed = page.get_by_role("row").filter(has_text="响应")
    expect(missed.locator("sla-clock")).to_be_visible()
    page.locator("#action-claim-open").click()
    expect(missed).to_contain_text("超时")
    expect(missed.locator("sla-clock")).to_have_count(0)  # it counts no further
