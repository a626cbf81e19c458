"""Every page that the console leads to, as it looks to different people, lights and screens."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import DESK, PHONE, People, violations

pytestmark = pytest.mark.browser
# what a page links to below the navigation, by the first page that shows one
DETAILS = {
    "/s/cuihu/tickets": "#queue-rows a",
    "/s/cuihu/estate": "#units td.place a, .panel header a.btn",
    "/s/cuihu/policies": "main td a, main th a",
}


def pages(page: Page) -> list[str]:
    """The addresses of the navigation, and of one page of each kind below, or of all where there are few."""
    page.goto("/s/cuihu/")
    found = page.locator("body > nav a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    for path, links in DETAILS.items():
        if path in found:
            page.goto(path)
            below = page.locator(links).evaluate_all("links => links.map(link => link.getAttribute('href'))")
            found += below if len(below) < 10 else below[:1] + below[-1:]
    return list(dict.fromkeys(found))


@pytest.mark.timeout(900)  # every page there is, four times each
@pytest.mark.parametrize("login", ["linan", "chenxiao", "wanglei"])
def test_every_page_is_accessible_in_both_lights_and_on_both_screens(people: People, estate: None, login: str) -> None:
    with people.api("chenxiao") as api:
        new = {"description": f"水管漏水 {uuid4().hex}", "category": "plumbing_electric", "place": "9幢大堂"}
        assert api.post("/sites/cuihu/tickets", json=new).status_code == 201
    page = people.sign_in(login)
    found = pages(page)
    assert len(found) > {"linan": 14, "chenxiao": 6, "wanglei": 4}[login]
    for path in found:
        answer = page.goto(path)
        assert answer is not None and answer.status == 200, path
        expect(page.locator("main h1, body > header h1")).to_have_count(1)  # the phone's page has no shell
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth") == size["width"], f"{path} scrolls sideways"
            # as tall as the page, since axe does not know that what the bar of a phone covers can be scrolled
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": size["width"], "height": height})
            for theme in ("light", "dark"):
                page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
                assert violations(page) == [], (path, size, theme)


@pytest.mark.timeout(600)
def test_no_link_of_the_console_leads_nowhere(people: People, estate: None) -> None:
    page = people.sign_in("linan")
    known: set[str] = set()
    for path in pages(page):
        page.goto(path)
        links = page.locator("a[href^='/']").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        known |= {link.partition("#")[0] for link in links}
    kinds = {re.sub(r"[0-9a-f-]{36}", "ID", link.partition("?")[0]): link for link in sorted(known)}
    for link in kinds.values():
        answer = page.context.request.get(link)
        assert answer.status == 200, link
