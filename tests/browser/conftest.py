"""The browser, and people who work at a server of the demo companies with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.find import find_browser
from tests.browser.people import DESK, ROLL, SOON, People, api_of, watch_arrivals
from tests.plugins_src.install import environment, install
from tests.support.served import Served, served

expect.set_options(timeout=SOON)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {"executable_path": str(find_browser()), "args": ["--no-sandbox", "--disable-gpu", *quiet]}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": DESK, "reduced_motion": "reduce"}


@pytest.fixture
def page(page: Page) -> Page:
    watch_arrivals(page)
    return page


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`lodge serve --demo`, for all tests, with one more module that is on nowhere; it may ask an identity provider on
    this machine. At the end it must have nothing to complain about."""
    module = install(tmp_path_factory.mktemp("site"), "lodge_lostfound")
    python_path = environment(module)["PYTHONPATH"]
    settings = {"PYTHONPATH": python_path, "LODGE_EGRESS_ALLOW": "127.0.0.0/8"}
    with served(tmp_path_factory.mktemp("demo") / "home", past=True, **settings) as server:
        assert httpx.get(f"{server.url}/health/ready").json()["status"] == "ok"
        yield server
    assert "Traceback" not in server.said()
    assert "[error" not in server.said()


@pytest.fixture
def people(browser: Browser, demo: Served, browser_context_args: dict[str, Any]) -> Iterator[People]:
    """Signs people in, each in a browser of their own; at the end no browser may have complained."""
    people = People(browser, demo.url, browser_context_args)
    yield people
    people.leave()


@pytest.fixture(scope="session")
def estate(demo: Served) -> None:
    """The household roll of 翠湖花园一期, imported as other systems do it."""
    with api_of(demo.url, "linan") as api:
        preview = api.post("/sites/cuihu/imports/roll", files={"file": (ROLL.name, ROLL.read_bytes())})
        assert preview.status_code == 201, preview.text
        applied = api.post(f"/sites/cuihu/imports/{preview.json()['id']}/apply")
        assert applied.status_code == 200, applied.text
