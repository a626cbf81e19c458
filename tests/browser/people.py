"""People at browsers: signed in, watched for everything a browser complains about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, ViewportSize

ROOT: Final = Path(__file__).parents[2]
ROLL: Final = ROOT / "tests/data/roll-cuihu.xlsx"
DESK: Final[ViewportSize] = {"width": 1440, "height": 900}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
SOON: Final = 20_000  # milliseconds within which whatever shall happen has happened, also on a machine with other work
PASSWORDS: Final = {"linli": "linli-demo-2026", "yunfan": "yunfan-demo-2026"}
_AXE = ROOT / "core/web/assets/node_modules/axe-core/axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
_REFUSED = "Failed to load resource: the server responded with a status of 4"  # tests provoke these on purpose


class People:
    """Opens a browser for each person; `complaints` are what the browsers said: scripts that failed, what the security
    policy refused, requests to any other server."""

    def __init__(self, browser: Browser, url: str, options: dict[str, Any]) -> None:
        self.url = url
        self.complaints: list[str] = []
        self._browser = browser
        self._options = options
        self._contexts: list[BrowserContext] = []

    def anybody(self, **options: Any) -> Page:
        """A browser that nobody has signed in with. `options` are Playwright's of a context."""
        context = self._browser.new_context(**{**self._options, "base_url": self.url, **options})
        context.set_default_timeout(SOON)
        self._contexts.append(context)
        page = context.new_page()
        self._watch(page)
        context.on("page", self._watch)
        return page

    def sign_in(self, login: str, company: str = "linli", **options: Any) -> Page:
        """A browser with that person's session."""
        page = self.anybody(**options)
        form = {"login": login, "password": PASSWORDS[company]}
        answer = page.context.request.post("/login", form=form, max_redirects=0)
        assert answer.status == 303, answer.text()
        return page

    def api(self, login: str, company: str = "linli") -> AbstractContextManager[httpx.Client]:
        """The JSON API as that person."""
        return api_of(self.url, login, company)

    def leave(self) -> None:
        """Close the browsers; fails if one of them had complained."""
        for context in self._contexts:
            context.close()
        assert self.complaints == [], self.complaints

    def _watch(self, page: Page) -> None:
        watch_arrivals(page)

        def hear(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning") and not message.text.startswith(_REFUSED):
                self.complaints.append(f"{page.url}: {message.text}")

        def see(request: Request) -> None:
            if urlsplit(request.url).scheme.startswith("http") and not request.url.startswith(f"{self.url}/"):
                self.complaints.append(f"{page.url} asked another server: {request.url}")

        page.on("console", hear)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("request", see)


def watch_arrivals(page: Page) -> None:
    """Have `goto` and `reload` come back once htmx has taken over, which may be a moment after the page has loaded."""
    goto, reload = page.goto, page.reload

    def settle() -> None:
        page.wait_for_function(
            "() => !window.htmx || document.querySelector('[data-htmx-powered]') "
            "|| !document.querySelector('[hx-get], [hx-post]')"
        )

    def come_to(url: str, **options: Any) -> Response | None:
        answer = goto(url, **options)
        settle()
        return answer

    def come_again(**options: Any) -> Response | None:
        answer = reload(**options)
        settle()
        return answer

    page.goto, page.reload = come_to, come_again  # type: ignore[method-assign]


@contextmanager
def api_of(url: str, login: str, company: str = "linli") -> Iterator[httpx.Client]:
    """The JSON API of the server at `url` as that person."""
    with httpx.Client(base_url=f"{url}/api/v1", timeout=60) as client:
        answer = client.post("/auth/tokens", json={"login": login, "password": PASSWORDS[company]})
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe finds wrong with the page as it is: rule and element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", _RULES)["violations"]
    return [(rule["id"], node["html"][:200]) for rule in found for node in rule["nodes"]]
