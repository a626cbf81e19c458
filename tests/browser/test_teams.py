"""A team at a real server: its week filled in from the keyboard, and a ticket given to whom is suggested."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import People, violations

pytestmark = pytest.mark.browser


def test_a_week_is_planned_from_the_keyboard_and_says_who_gets_the_next_ticket(people: People) -> None:
    page = people.sign_in("sunli")
    page.goto("/s/cuihu/teams/new")
    page.get_by_label("名称").fill("水电班")
    page.get_by_label("王磊的角色").select_option("lead")
    page.get_by_label("刘洋的角色").select_option("member")
    page.locator("label", has_text="水电维修").click()
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("/teams/[0-9a-f-]{36}$"))

    page.keyboard.press("e")
    page.get_by_label("王磊 星期一").press_sequentially("0-24")
    for _ in range(6):
        page.keyboard.press("Tab")
        page.keyboard.insert_text("0-24")
    page.get_by_label("刘洋 星期一").fill("每天")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("星期一")
    page.get_by_label("刘洋 星期一").fill("休")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#roster tbody tr", has_text="王磊").locator("td b")).to_have_count(7)
    assert violations(page) == []

    with people.api("chenxiao") as api:
        new = {"description": "厨房水管爆了", "category": "plumbing_electric", "place": "5幢大堂"}
        ticket = api.post("/sites/cuihu/tickets", json=new).json()
    assert ticket["team_name"] == "水电班"
    page.goto(f"/s/cuihu/tickets/{ticket['id']}")
    page.get_by_role("button", name="派单").click()
    choice = page.locator("#action-assign").get_by_label("处理人")
    expect(choice.locator("option:checked")).to_contain_text(re.compile("当班至 .* 手上"))  # who is on duty comes first
    planned = choice.locator("optgroup").first.locator("option", has_text="王磊 · 当班至")
    choice.select_option(value=planned.get_attribute("value"))
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ticket")).to_contain_text("把工单派给了水电班的王磊")
