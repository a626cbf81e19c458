"""Somebody is invited, sets up their account, works, and is out the moment the account is switched off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import PASSWORDS, PHONE, People, violations

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


def test_whoever_works_for_two_companies_goes_from_one_to_the_other_by_keyboard(people: People) -> None:
    with people.api("yexin", "yunfan") as there:
        new = {"name": "曹燕", "staff_no": "YF-902", "roles": ["clerk"], "all_sites": True}
        asked = there.post("/invitations", json=new).raise_for_status().json()
        link = there.get(f"/invitations/{asked['id']}").json()["link"].rpartition("/")[2]
        own = {"link": link, "account": "own", "login": "caoyan", "password": PASSWORDS["linli"]}
        there.post("/auth/invitation/acceptance", json=own).raise_for_status()

    page = people.anybody()
    page.goto("/login")
    page.get_by_label("登录名").fill("caoyan")
    page.get_by_label("密码").fill(PASSWORDS["linli"])
    page.keyboard.press("Enter")
    page.get_by_role("button", name="邻里物业").press("Enter")
    expect(page.locator(".brand")).to_contain_text("邻里物业")
    page.goto("/account/security")  # a page without a stream, which would be refused when the session ends

    page.locator("#account-menu summary").press("Enter")
    other = page.get_by_role("button", name="云帆物业服务")
    expect(other).to_be_visible()
    assert violations(page) == []
    other.press("Enter")
    expect(page.locator(".brand")).to_contain_text("云帆物业服务")
    page.goto("/s/cuihu/tickets")
    expect(page.get_by_role("heading", level=1)).to_have_text("没有找到")
