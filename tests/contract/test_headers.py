"""OU-2: every answer, errors too, carries the headers that keep a browser from harm."""

from __future__ import annotations

import re

import httpx
import msgspec
import pytest

from core.web.rendering import HERE
from tests.support.lodge import House, Lodge
from tests.support.routes import Caller, ask, client_of, nonsense, routes_of, session_of
from tests.support.web import Web

POLICY = re.compile(
    r"default-src 'self'; script-src 'self' 'nonce-(\w{32})'; style-src 'self'; img-src 'self' data:; "
    r"connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"  # of what is to be saved (UP-1)
READER = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"  # of our own PDFs
FIXED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def missing(response: httpx.Response, *, cached: bool = False) -> list[str]:
    """What the answer's headers lack."""
    found = [name for name, value in FIXED.items() if response.headers.get_list(name) != [value]]
    policies = response.headers.get_list("content-security-policy")
    policy = POLICY.fullmatch(policies[0]) if len(policies) == 1 else None
    if response.headers.get("content-disposition", "").startswith("attachment"):
        if policies != [SANDBOX]:
            found.append("sandbox")
    elif response.headers.get("content-type") == "application/pdf":
        if policies != [READER]:
            found.append("reader")
    elif policy is None:
        found.append("content-security-policy")
    elif any(nonce != policy[1] for nonce in re.findall(r'<script[^>]* nonce="([^"]*)"', response.text)):
        found.append("nonce")
    if response.headers.get("content-type", "").startswith("text/html") and re.search(
        r"<script(?![^>]*(?: nonce=| src=))", response.text
    ):
        found.append("a script without nonce")
    if not re.fullmatch(r"[0-9a-f]{32}", response.headers.get("x-request-id", "")):
        found.append("x-request-id")
    if not cached and response.headers.get_list("cache-control") != ["no-store"]:
        found.append(f"no-store: {response.headers.get_list('cache-control')}")
    for cookie in response.headers.get_list("set-cookie"):
        if not {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; ")):
            found.append(cookie.partition("=")[0])
    return found


async def test_ou_2_every_route_answers_with_them_whoever_asks(web: Web, lodge: Lodge) -> None:
    house = await lodge.house(plugins=[plugin.id for plugin in lodge.platform.host.plugins])
    client, lacking = await client_of(web), {}
    for route in routes_of(web.platform):
        for who in ("admin", "guard", None):
            caller = await session_of(web, house, who) if who else Caller("nobody")
            values = nonsense(route, site_id=house.sites[0].slug)
            response = await ask(client, route, caller, values, body={"pending": "nonsense"})
            if lacks := missing(response):
                lacking[route.key, who] = (response.status_code, lacks)

    assert lacking == {}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/no/such/page", 404),
        ("GET", "/api/v1/no/such/thing", 404),
        ("DELETE", "/login", 405),
        ("OPTIONS", "/login", 405),
        ("OPTIONS", "/api/v1/me", 405),
        ("PATCH", "/api/v1/me", 405),
        ("GET", "/api/v1/me", 401),
        ("GET", "/static/dist/../../i18n.py", 404),
        ("GET", "/%ff", 404),
        ("GET", "/s/%00/tickets", 303),
    ],
)
async def test_ou_2_errors_answer_with_them(web: Web, method: str, path: str, status: int) -> None:
    response = await (await client_of(web)).request(method, path)

    assert response.status_code == status
    assert missing(response) == []


@pytest.mark.parametrize("path", ["/api/v1/sites/{}/tickets/counts", "/s/{}/tickets"])
async def test_ou_2_a_failure_answers_with_them_and_says_nothing_of_itself(
    web: Web, house: House, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError("the secret cause")

    monkeypatch.setattr(web.platform.tickets, "counts", fail)
    caller = await session_of(web, house, "clerk")
    headers = {"authorization": f"Bearer {caller.bearer}", "cookie": caller.cookie, "accept-language": "en"}
    response = await (await client_of(web)).get(path.format(house.sites[0].slug), headers=headers)

    assert response.status_code == 500
    assert missing(response) == []
    assert "secret" not in response.text
    assert "ZeroDivision" not in response.text
    assert response.headers["x-request-id"] in response.text


async def test_over_https_browsers_are_told_to_stay_there(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = msgspec.structs.replace(web.platform.settings, insecure_cookies=False)
    monkeypatch.setattr(web.platform, "settings", settings)
    response = await (await client_of(web)).post("/prefs", data={"theme": "dark"})

    assert response.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert "; Secure" in response.headers["set-cookie"]
    assert missing(response) == []


async def test_only_files_whose_name_tells_their_content_are_kept_by_browsers(web: Web) -> None:
    client = await client_of(web)
    dist = HERE / "static" / "dist"
    for file in dist.iterdir():
        response = await client.get(f"/static/dist/{file.name}")
        hashed = re.fullmatch(r"[\w-]+\.[0-9a-f]{12}\.\w+", file.name) is not None
        assert response.status_code == (200 if hashed else 404)
        assert missing(response, cached=hashed) == []
        assert ("immutable" in response.headers["cache-control"]) is hashed, file.name
