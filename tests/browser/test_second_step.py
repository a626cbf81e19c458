"""The second step at a real server: set up, asked for, and the telephone lost (AU-6)."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from core.auth import totp
from tests.browser.people import PASSWORDS, People, violations

pytestmark = pytest.mark.browser
WHO = "xuhui"


def code(secret: str, steps: int = 0) -> str:
    key = base64.b32decode(secret.replace(" ", ""))
    return totp.code_of(key, int(datetime.now(UTC).timestamp()) // totp.STEP + steps)


def password(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("登录名").fill(WHO)
    page.get_by_label("密码").fill(PASSWORDS["linli"])
    page.keyboard.press("Enter")


def test_au_6_an_app_is_set_up_asked_for_and_made_good_for_by_a_recovery_code(people: People) -> None:
    page = people.sign_in(WHO)
    page.goto("/account/security")
    page.get_by_role("button", name="设置两步验证").click()
    secret = page.locator(".secret").inner_text()
    assert violations(page) == []
    page.get_by_label("验证码").fill(code(secret))
    page.keyboard.press("Enter")
    spare = page.locator(".recovery-codes code").first.inner_text()
    page.get_by_role("link", name="已保存").click()
    page.get_by_label(re.compile("的账户")).click()
    page.get_by_role("button", name="退出登录").click()

    password(page)
    expect(page.get_by_label("验证码")).to_be_focused()
    assert violations(page) == []
    page.get_by_label("验证码").fill(code(secret, 1))  # the one after the one that switched it on
    page.keyboard.press("Enter")
    expect(page.get_by_label(re.compile("的账户"))).to_be_visible()

    lost = people.anybody()
    password(lost)
    lost.get_by_label("验证码").fill("000000")
    lost.keyboard.press("Enter")
    expect(lost.get_by_role("alert")).to_contain_text("验证码不正确")
    lost.get_by_label("验证码").fill(spare.lower())
    lost.keyboard.press("Enter")
    expect(lost.get_by_label(re.compile("的账户"))).to_be_visible()
    lost.goto("/account/security")
    expect(lost.get_by_text("使用恢复码")).to_be_visible()
    expect(lost.get_by_text("剩余恢复码 9 个")).to_be_visible()
