"""Takes the pictures of the documentation, on demo companies of its own: `python -m tests.browser.pictures`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import httpx
from playwright.sync_api import Page, sync_playwright

from core.settings import ROOT
from tests.browser.find import find_browser
from tests.browser.people import DESK, People
from tests.browser.test_main_path import exchange_of, ring
from tests.support.served import served

DOCS: Final = ROOT / "docs"
CALLER: Final = "13800010001"  # of the demo's roll
POLICY: Final = "/s/cuihu/policies/core.sla_targets"


def telling(api: httpx.Client) -> str:
    """The path of the goal whose life shows the most: time that counts, is closed, stands still, is overdue."""
    shown: dict[str, int] = {}
    for ticket in api.get("/sites/cuihu/tickets?status=all&limit=200").json()["items"]:
        for goal in api.get(f"/sites/cuihu/tickets/{ticket['id']}").json()["goals"]:
            path = f"/tickets/{ticket['id']}/goals/{goal['name']}"
            life = api.get(f"/sites/cuihu{path}/explanation").json()
            kinds = {segment["kind"] for segment in life["segments"]}
            days = len({segment["since"][:10] for segment in life["segments"]})
            if days <= 6:
                shown[path] = 10 * len(kinds) + 5 * (goal["state"] == "breached") + days
    return f"/s/cuihu{max(shown, key=lambda path: shown[path])}"


def explanation(page: Page, path: str) -> None:
    """Why a goal is due when it is."""
    page.goto(path)
    page.set_viewport_size({"width": 1180, "height": 740})
    page.screenshot(path=DOCS / "explanation.png")


def trial(page: Page) -> None:
    """What a quicker response and a more patient resolution would have come to."""
    page.goto(POLICY)
    page.locator('[name="urgent.response.amount"]').fill("5")
    for goal, hours in (("arrival", "12"), ("resolution", "40")):
        page.locator(f'[name="categories.plumbing_electric.routine.{goal}.amount"]').fill(hours)
    page.locator("button[hx-post$='/simulations']").click()
    page.locator("#trial-tickets table").wait_for()
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=DOCS / "trial.png")


def front_desk(people: People) -> None:
    """Somebody of a known household calls."""
    page = people.sign_in("chenxiao", viewport=DESK)
    page.goto("/s/cuihu/reception")
    with exchange_of(people) as exchange:
        ring(exchange, "picture", CALLER)
    page.locator("#call-card[data-state=ringing]").wait_for()
    page.wait_for_timeout(1500)
    page.screenshot(path=DOCS / "front-desk.png")


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "home", past=True) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=str(find_browser()))
        people = People(browser, server.url, {"locale": "zh-CN", "viewport": {"width": 1180, "height": 860}})
        with people.api("linan") as api:
            path = telling(api)
        front_desk(people)
        page = people.sign_in("linan")
        trial(page)
        explanation(page, path)
        people.leave()
        browser.close()


if __name__ == "__main__":
    main()
