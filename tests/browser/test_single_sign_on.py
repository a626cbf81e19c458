"""Single sign-on at a real server, by a real provider: set up, tried, made the only way in, and out of both again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg
import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from core.db.ids import company_id_of
from core.estate.sealing import Sealer
from core.notify.model import Contacts
from tests.browser.people import PASSWORDS, violations
from tests.support.provider import real_provider
from tests.support.served import Served

pytestmark = pytest.mark.browser
ADDRESSES = {"linan": "linan@example.com", "wanglei": "wanglei@example.com"}
_MEMBER = """
SELECT m.id FROM lodge.membership m JOIN lodge.person p ON p.id = m.person_id WHERE m.company_id = $1 AND p.login = $2
"""
_REACHED = """
INSERT INTO lodge.notify_preference (company_id, member_id, settings, contacts_sealed, version, updated_at)
VALUES ($1, $2, '{}', $3, 1, now()) ON CONFLICT (company_id, member_id) DO UPDATE SET contacts_sealed = $3
"""


async def forget(demo: Served) -> None:
    """Others sign in with their passwords."""
    connection = await asyncpg.connect(demo.admin_dsn)
    try:
        await connection.execute("DELETE FROM lodge.identity_provider")
    finally:
        await connection.close()


async def confirm(demo: Served, login: str, address: str) -> None:
    """As if they had followed the link in a letter, which this server cannot send."""
    company_id, sealer = company_id_of("linli"), Sealer((demo.home / "secret").read_bytes().strip())
    connection = await asyncpg.connect(demo.admin_dsn)
    try:
        member_id = await connection.fetchval(_MEMBER, company_id, login)
        contacts = msgspec.json.encode(Contacts(address, email_confirmed=True))
        await connection.execute(_REACHED, company_id, member_id, sealer.seal(company_id, member_id, contacts))
    finally:
        await connection.close()


@pytest.fixture
def issuer(demo: Served) -> Iterator[str]:
    with ThreadPoolExecutor(1) as beside:  # this thread has a loop that runs
        for login, address in ADDRESSES.items():
            beside.submit(asyncio.run, confirm(demo, login, address)).result()
    known = {login: {"email": address, "email_verified": True} for login, address in ADDRESSES.items()}
    with real_provider(**known) as issuer:
        yield issuer
    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, forget(demo)).result()


@pytest.fixture
def elsewhere(browser: Browser, demo: Served, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    """A browser that may go to the provider, which knows no other server."""
    with browser.new_context(**browser_context_args, base_url=demo.url) as context:
        context.route(lambda url: not url.startswith("http://127.0.0.1:"), lambda route: route.abort())
        yield context.new_page()


def test_a_company_signs_in_by_its_provider_only(issuer: str, elsewhere: Page) -> None:
    page = elsewhere
    form = {"login": "linan", "password": PASSWORDS["linli"]}
    assert page.context.request.post("/login", form=form, max_redirects=0).status == 303
    page.goto("/admin/sign-in")
    page.get_by_label("按钮名称").fill("邻里账号")
    page.get_by_label("颁发者").fill(issuer)
    page.get_by_label("客户端 ID").fill("lodge")
    page.get_by_label("客户端密钥").fill("any")
    page.get_by_label("应急管理员", exact=True).select_option(index=1)
    page.get_by_label("在登录页启用").check()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("当前设置尚未试登录")).to_be_visible()
    assert violations(page) == []

    page.get_by_role("link", name="试登录").click()
    page.get_by_role("button", name="linan", exact=True).click()
    expect(page.get_by_text("认证平台认出了您本人")).to_be_visible()
    page.get_by_label("仅限单点登录").check()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存。")).to_be_visible()

    page.goto("about:blank")  # the page would notice by itself that nobody is signed in any more, and go
    page.context.clear_cookies()
    page.goto("/login")
    page.get_by_label("登录名").fill("wanglei")
    page.get_by_label("密码").fill(PASSWORDS["linli"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="用邻里账号登录")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.get_by_role("button", name="wanglei", exact=True).click()
    expect(page.get_by_label("的账户")).to_be_visible()
    page.goto("/account/security")
    expect(page.get_by_text("经单点登录").first).to_be_visible()

    page.get_by_label("的账户").click()
    page.get_by_role("button", name="退出登录").click()
    page.get_by_role("link", name="在那里也退出").click()
    expect(page).to_have_url(re.compile("/oauth2/end_session"))
