"""An open page while its server and database go away and come back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import People, api_of
from tests.support.served import Served, served

pytestmark = pytest.mark.browser
GONE = ("net::ERR_", "status of 503", "Failed to fetch")
RECOVERY = 45_000  # ms; the page asks again after pauses that grow


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of its own, to be broken."""
    with served(tmp_path_factory.mktemp("fragile") / "home") as server:
        yield server
    assert "Traceback" not in server.said()


@pytest.fixture
def people(browser: Browser, fragile: Served, browser_context_args: dict[str, Any]) -> Iterator[People]:
    """What the browser says of a server that is gone is no complaint here."""
    people = People(browser, fragile.url, browser_context_args)
    yield people
    people.complaints = [said for said in people.complaints if not any(gone in said for gone in GONE)]
    people.leave()


@pytest.fixture
def page(people: People) -> Page:
    """A supervisor's tickets."""
    page = people.sign_in("sunli")
    page.goto("/s/cuihu/tickets")
    expect(page.locator("[data-live]")).to_have_attribute("data-state", "online")
    return page


def take_in(server: Served, matter: str) -> None:
    with api_of(server.url, "chenxiao") as api:
        new = {"description": matter, "category": "plumbing_electric", "place": "3幢"}
        assert api.post("/sites/cuihu/tickets", json=new).status_code == 201


def test_an_open_page_says_that_it_is_offline_and_catches_up(page: Page, fragile: Served) -> None:
    live = page.locator("[data-live]")
    fragile.kill()
    expect(live).to_have_attribute("data-state", "offline", timeout=RECOVERY)
    expect(live).to_contain_text("已断线")
    fragile.start()
    take_in(fragile, "重启后登记的漏水")
    expect(live).to_have_attribute("data-state", "online", timeout=RECOVERY)
    expect(page.locator("#queue-rows")).to_contain_text("重启后登记的漏水")


def test_an_open_page_outlives_a_database_that_dies(page: Page, fragile: Served) -> None:
    before = fragile.postmaster()
    fragile.kill_database()
    fragile.wait_until_ready()
    assert fragile.postmaster() != before
    expect(page.locator("[data-live]")).to_have_attribute("data-state", "online", timeout=RECOVERY)
    take_in(fragile, "数据库重启后登记的漏水")
    expect(page.locator("#queue-rows")).to_contain_text("数据库重启后登记的漏水")


def test_a_call_that_is_being_typed_outlives_a_database_that_dies(people: People, fragile: Served) -> None:
    desk, matter = people.sign_in("chenxiao"), "数据库重启时登记的外墙渗水"
    desk.goto("/s/cuihu/reception")
    desk.locator("#f-place").fill("6幢1单元1802")
    desk.locator("#f-description").fill(matter)
    fragile.kill_database()
    desk.locator("#f-description").press("Control+Enter")
    expect(desk.locator(".toast-item").last).to_contain_text("没有保存，请重试")
    expect(desk.locator("#f-description")).to_have_value(matter)
    fragile.wait_until_ready()
    desk.locator("#f-description").press("Control+Enter")
    expect(desk.locator("#f-description")).to_have_value("", timeout=RECOVERY)
    with api_of(fragile.url, "chenxiao") as api:
        found = api.get("/sites/cuihu/tickets", params={"q": matter}).json()["items"]
    assert [ticket["description"] for ticket in found] == [matter], "once"
