"""A module's kind of ticket at the front desk: its own fields are filled in by the keyboard, and corrected later."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest
from playwright.sync_api import Page, expect

from core.db.ids import new_id
from tests.browser.people import People
from tests.support.served import Served

pytestmark = pytest.mark.browser
SITE = "haiyue"
CATEGORY = {"key": "lost_property", "title_zh": "失物认领", "title_en": "Lost property", "icon": "umbrella"}


@pytest.fixture
def lostfound(people: People, demo: Served) -> None:
    """The module, on at a site of the smaller company, with a category of its kind."""
    with ThreadPoolExecutor(1) as elsewhere:  # the browser holds this thread's event loop
        elsewhere.submit(asyncio.run, subscribe(demo.admin_dsn)).result()
    with people.api("yexin", "yunfan") as api:
        assert api.put(f"/sites/{SITE}/plugins/lostfound", json={"enabled": True}).status_code == 204
        path = f"/sites/{SITE}/policies/core.ticket_categories"
        known = api.get(path)
        categories = [*known.json()["value"]["categories"], {**CATEGORY, "ticket_type": "lostfound.claim"}]
        body = {"overrides": {"categories": categories}, "reason": "失物招领"}
        assert api.put(path, json=body, headers={"If-Match": known.headers["etag"]}).status_code == 200


async def subscribe(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(
            "INSERT INTO lodge.subscription (company_id, id, site_id, plugin, starts_on) "
            "SELECT company_id, $2, id, 'lostfound', '2026-01-01' FROM lodge.site WHERE slug = $1",
            SITE,
            new_id(),
        )
    finally:
        await connection.close()


@pytest.mark.usefixtures("lostfound")
def test_a_lost_umbrella_is_taken_in_by_the_keyboard_and_corrected_on_its_page(people: People) -> None:
    page = people.sign_in("huangying", "yunfan")
    page.goto(f"/s/{SITE}/reception")
    lost, worth = page.get_by_label("失物", exact=True), page.get_by_label("价值")
    expect(lost).to_be_hidden()
    take_in(page, "雨伞忘在大堂，下午来取", "伞")
    expect(page.locator(".field-error")).to_have_text("请填 2 到 60 个字。")
    expect(lost).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type("架边的黑伞")
    page.keyboard.press("Tab")
    expect(worth).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("寻找")
    expect(page.locator("#f-description")).to_have_value("")

    page.goto(f"/s/{SITE}/tickets?type=lostfound.claim")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tickets/*")
    expect(page.locator(".facts")).to_contain_text("伞架边的黑伞")
    page.get_by_role("button", name="修改登记内容").press("Enter")
    expect(lost).to_be_focused()
    lost.fill("长柄黑伞")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".events li").first).to_contain_text("失物 伞架边的黑伞 → 长柄黑伞")


def take_in(page: Page, matter: str, lost: str) -> None:
    """Choose the category by its number and fill in what is asked for, in the order of the keyboard."""
    page.locator("#main").focus()
    page.keyboard.press("8")
    page.locator("input[name=category]:checked").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#f-place")).to_be_focused()
    page.keyboard.type("大堂")
    page.keyboard.press("F2")
    page.keyboard.type(matter)
    for _ in range(1 + page.locator("[data-phrase]").count()):
        page.keyboard.press("Tab")
    expect(page.get_by_label("失物", exact=True)).to_be_focused()
    page.keyboard.type(lost)
    page.keyboard.press("Control+Enter")
