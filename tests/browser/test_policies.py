"""An administrator at the policy pages: tries a draft and looks at what turns, plans a change and takes it back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.people import DESK, PHONE, People, violations

pytestmark = pytest.mark.browser
POLICY = "/s/cuihu/policies/core.sla_targets"


def test_a_draft_is_tried_its_tickets_sifted_and_a_planned_change_withdrawn(people: People) -> None:
    with people.api("chenxiao") as api:
        new = {"description": f"楼道灯不亮 {uuid4().hex}", "category": "other", "severity": "routine", "place": "5幢"}
        number = api.post("/sites/cuihu/tickets", json=new).json()["number"]
    page = people.sign_in("linan")
    page.goto(POLICY)
    page.locator('[name="routine.response.amount"]').fill("5")
    page.get_by_role("button", name="试算").click()
    moved = page.get_by_role("button", name="期限会变动")
    moved.click()
    expect(moved).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#trial-tickets").get_by_role("link", name=number)).to_be_visible()
    for size, theme in ((DESK, "light"), (PHONE, "dark")):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        assert violations(page) == [], (size, theme)

    page.set_viewport_size(DESK)
    later = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)
    page.get_by_label("生效时间").fill(f"{later:%Y-%m-%dT%H:%M}")
    page.get_by_label("原因").fill("写给另一个项目的")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("待生效").first).to_be_visible()
    page.get_by_role("link", name="撤回").click()
    panel = page.locator("section", has=page.get_by_role("button", name="撤回"))
    panel.get_by_label("原因").fill("写错了")
    panel.get_by_role("button", name="撤回").click()
    expect(page.get_by_text("已撤回").first).to_be_visible()
    expect(page.get_by_role("link", name="撤回")).to_have_count(0)


def test_kinds_of_ticket_are_ticked_by_their_names(people: People) -> None:
    page = people.sign_in("linan")
    page.goto("/s/cuihu/policies/returnvisits.rules")
    rows = page.locator(".repeat-rows .repeat-row")
    kinds = rows.first.locator("[data-choices]")
    ticked = [box.get_attribute("value") for box in kinds.locator("input:checked").all()]
    box = kinds.get_by_label("咨询")
    expect(box).not_to_be_checked()
    box.check()
    assert violations(page) == []
    page.get_by_label("原因").fill("咨询也回访")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("咨询也回访").first).to_be_visible()

    with people.api("linan") as api:
        rules = api.get("/sites/cuihu/policies/returnvisits.rules").raise_for_status().json()["value"]["rules"]
    assert sorted(rules[0]["kinds"]) == sorted([*ticked, "enquiry"])
