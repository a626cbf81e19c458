"""The desk without a mouse: a visitor whose host answers by a link, with a badge, in and out; a shift handed over."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from playwright.sync_api import Page, expect

from core.auth.links import Links
from core.db.engine import Database
from core.db.ids import new_id
from plugins.reception.visitors.asking import PURPOSE
from tests.browser.people import PHONE, People, violations
from tests.support.served import Served

pytestmark = pytest.mark.browser
DESK = "/s/cuihu/reception"


@pytest.mark.usefixtures("estate")
def test_a_host_lets_a_visitor_in_by_a_link_and_the_badge_comes_back(people: People, demo: Served) -> None:
    clerk = people.sign_in("chenxiao")
    clerk.goto(f"{DESK}/visitors")
    clerk.keyboard.press("n")
    clerk.keyboard.insert_text("周航")
    clerk.keyboard.press("Tab")
    clerk.keyboard.insert_text("13800001111")
    clerk.keyboard.press("Tab")
    clerk.keyboard.type("1幢1单元102")
    expect(clerk.get_by_role("option").first).to_contain_text("1幢1单元102")
    clerk.keyboard.press("Enter")  # takes the unit
    clerk.keyboard.press("Enter")  # lets nobody in: the household is to be asked
    clerk.wait_for_url("**/visitors/*-*")
    expect(clerk.locator("#visit")).to_contain_text("请联系业主核实")
    expect(clerk.locator("[data-live]")).to_have_attribute("data-state", "online")

    host = people.anybody(viewport=PHONE)
    host.goto(link_for(demo, clerk.url))
    expect(host.locator("main")).to_contain_text("周航")
    assert violations(host) == []
    host.get_by_role("button", name="同意来访").click()
    expect(host.locator("h1")).to_have_text("谢谢，前台已收到您的答复")

    expect(clerk.locator("#visit")).to_contain_text("业主同意 · 住户")  # by itself
    clerk.get_by_role("button", name="放行").press("Enter")
    expect(clerk.locator("#do-admit")).to_be_visible()
    badge = clerk.locator("#do-admit-f-badge").input_value()
    clerk.keyboard.press("Control+Enter")
    expect(clerk.locator("#visit")).to_contain_text("在场")
    assert violations(clerk) == []
    clerk.keyboard.press("u")
    row = clerk.locator("#visitors-here tr").filter(has_text="周航")
    expect(row).to_contain_text(badge)
    clerk.keyboard.press("p")
    expect(clerk.get_by_role("table")).to_contain_text("周航")
    clerk.keyboard.press("u")
    row.get_by_role("button", name="离开").press("Enter")
    expect(row).to_have_count(0)


def test_a_shift_is_handed_over_by_the_keyboard_and_signed_on_paper(people: People) -> None:
    clerk, relief = people.sign_in("chenxiao"), people.sign_in("sunli")
    clerk.goto(f"{DESK}/handover")
    clerk.keyboard.press("n")
    clerk.keyboard.press("Control+A")
    clerk.keyboard.insert_text("备用钥匙一串（12 把）")
    clerk.keyboard.press("Control+Enter")
    clerk.wait_for_url("**/handover/*-*")
    expect(clerk.get_by_role("button", name="接班")).to_have_count(0)  # nobody hands over to themselves

    relief.goto(clerk.url)
    expect(relief.locator("#main")).to_contain_text("备用钥匙一串（12 把）")
    relief.keyboard.press("a")
    accept_with(relief, "已核对，钥匙齐全")
    expect(relief.locator("#main")).to_contain_text("已核对，钥匙齐全")
    relief.emulate_media(media="print")
    expect(relief.locator(".signatures")).to_contain_text("孙莉")
    expect(relief.locator(".topbar")).to_be_hidden()


def accept_with(page: Page, note: str) -> None:
    page.locator("#accept textarea").fill(note)
    page.keyboard.press("Control+Enter")


def link_for(demo: Served, visit: str) -> str:
    """What a text message about the visit would hold; it is asked for beside the application, for nothing is sent."""
    with ThreadPoolExecutor(1) as elsewhere:  # the browser holds this thread's event loop
        company_id, ask_id = elsewhere.submit(asyncio.run, asked(demo.admin_dsn, visit.rpartition("/")[2])).result()
    secret = (demo.home / "secret").read_text().strip().encode()
    links = Links(Database("postgresql://nowhere"), secret, lambda: datetime.now(UTC))
    return f"{DESK}/host/{links.make(PURPOSE, company_id, ask_id)}"


async def asked(dsn: str, visit_id: str) -> tuple[UUID, UUID]:
    """A question put to the host of the visit: company and id."""
    connection = await asyncpg.connect(dsn)
    now = datetime.now(UTC)
    try:
        made = await connection.fetchrow(
            "INSERT INTO lodge.reception_visit_ask "
            "(company_id, id, site_id, visit_id, asked_name, asked_at, expires_at) "
            "SELECT company_id, $2, site_id, id, '住户', $3, $4 FROM lodge.reception_visit WHERE id = $1 "
            "RETURNING company_id, id",
            UUID(visit_id),
            new_id(),
            now,
            now + timedelta(minutes=30),
        )
        assert made is not None
        return made["company_id"], made["id"]
    finally:
        await connection.close()
