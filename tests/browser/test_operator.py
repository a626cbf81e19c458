"""An operator of the platform from the command line to a company and out again, as both sides see it."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.people import DESK, PHONE, People, violations
from tests.browser.test_second_step import code
from tests.support.served import Served

pytestmark = pytest.mark.browser
PASSWORD = "四扇门里只有一扇是开的 2026"


def test_an_operator_enters_for_a_reason_is_seen_and_put_out(people: People, demo: Served) -> None:
    login, name = f"op-{uuid4().hex[:6]}", "运维 沈一"
    link = demo.lodge("operator", "add", login, "--name", name).strip()
    page, admin = people.anybody(), people.sign_in("linan")
    page.goto(link.removeprefix(re.match(r"https?://[^/]+", link)[0]))  # type: ignore[index]
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("再次").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("登录名")).to_have_value(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("验证码").fill(code(page.locator(".secret").inner_text()))
    page.keyboard.press("Enter")
    page.get_by_role("link", name="已保存").click()
    page.get_by_role("link", name="邻里物业").click()
    page.get_by_label("原因").first.fill("客户反映工单列表打不开，需要查看")
    page.get_by_label("服务单号").fill("CS-1024")
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
        # as tall as the page, since axe does not know that what the bar of a phone covers can be scrolled
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": height})
        assert violations(page) == []
    page.set_viewport_size(DESK)
    page.get_by_role("button", name="申请进入").click()
    page.get_by_role("button", name="进入 邻里物业").click()
    expect(page.get_by_role("status").filter(has_text="你已进入 邻里物业")).to_be_visible()
    page.goto("/s/cuihu/tickets")
    assert violations(page) == []

    admin.goto("/s/cuihu/tickets")
    admin.get_by_role("status").filter(has_text=name).get_by_role("link").click()
    admin.get_by_role("link", name=name).first.click()
    expect(admin.get_by_role("cell", name="/s/cuihu/tickets").first).to_be_visible()
    assert violations(admin) == []
    admin.get_by_role("button", name="终止").click()
    expect(admin.get_by_role("button", name="终止")).to_have_count(0)
    page.goto("/s/cuihu/tickets")
    expect(page).to_have_url(re.compile("/operator/companies"))
