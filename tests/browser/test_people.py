"""Somebody is invited, sets up their account, works, and is out the moment the account is switched off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import PHONE, People, violations

pytestmark = pytest.mark.browser
PASSWORD = "两只猫走过了三座桥头"


def test_whoever_is_invited_joins_works_and_is_out_when_the_account_is_off(people: People) -> None:
    admin = people.sign_in("linan")
    admin.goto("/admin/people")
    admin.keyboard.press("n")
    admin.get_by_label("姓名").fill("周小燕")
    admin.get_by_label("工号").fill("LL-901")
    admin.get_by_role("group", name="角色").locator("label", has_text="前台客服").click()
    admin.locator("label", has_text="翠湖花园一期").click()
    assert violations(admin) == []
    admin.keyboard.press("Control+Enter")
    expect(admin.get_by_role("heading", name="交给本人的链接")).to_be_visible()
    assert violations(admin) == []
    link = admin.get_by_text(re.compile("/join/")).inner_text()

    newcomer = people.anybody(viewport=PHONE)
    newcomer.goto(re.sub("^https?://[^/]+", "", link))
    newcomer.get_by_label("登录名").first.fill("周小燕")
    newcomer.get_by_label("密码", exact=True).first.fill(PASSWORD)
    newcomer.get_by_label("再次输入密码").fill(PASSWORD)
    assert violations(newcomer) == []
    newcomer.get_by_role("button", name="创建账号").click()
    newcomer.get_by_role("link", name="登录").click()
    newcomer.get_by_label("登录名").fill("周小燕")
    newcomer.get_by_label("密码").fill(PASSWORD)
    newcomer.keyboard.press("Enter")
    expect(newcomer).to_have_url(re.compile("/s/cuihu/"))
    newcomer.goto("/account/security")  # a page without a stream, which would ask in vain

    admin.goto("/admin/people?q=LL-901")
    admin.get_by_role("link", name="周小燕").click()
    admin.once("dialog", lambda dialog: dialog.accept())
    admin.get_by_role("button", name="停用账号").click()
    expect(admin.get_by_role("status").first).to_contain_text("账号已停用")
    assert violations(admin) == []
    newcomer.goto("/s/cuihu/tickets")
    expect(newcomer).to_have_url(re.compile("/login"))
