"""The application's routes as tests walk them, and whoever calls: with headers instead of a cookie jar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from uuid import UUID

import httpx
import msgspec

from core.auth.sign_in import Membership
from core.platform import Platform
from core.web import cookies
from core.web.app import create_litestar, http_handlers
from tests.support.lodge import House, Staff
from tests.support.web import Web

SAFE = frozenset({"GET", "HEAD"})
_PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")


class Route(msgspec.Struct, frozen=True):
    """A method of a path. `path` names its parameters in braces, `parameters` say what each takes (str, uuid, path).

    `access` is `public`, `signed_in` or the id of a permission, as the handler states it; `module` has its code. It is
    `versioned` if it takes If-Match, `creates` if it answers 201; of `personal` ones no answer is kept. `asks` are the
    names of what its handler takes besides, such as fields of the query.
    """

    method: str
    path: str
    parameters: dict[str, str]
    access: str
    module: str
    versioned: bool
    creates: bool
    personal: bool
    asks: frozenset[str]

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def takes_json(self) -> bool:
        """All of the API does, and pages that work without a form."""
        return self.api or "data" in self.asks

    @property
    def safe(self) -> bool:
        return self.method in SAFE

    def at(self, **values: object) -> str:
        """The path with its parameters filled in."""
        return self.path.format(**values)


def routes_of(platform: Platform) -> list[Route]:
    """Every route that the application serves, plugins' included, by path and method."""
    found = []
    for path, handler in http_handlers(create_litestar(platform)):
        opt = handler.opt
        access = "public" if opt.get("public") else "signed_in" if opt.get("signed_in") else opt.get("permission")
        parameters = {name: kind or "str" for name, kind in _PARAMETER.findall(path)}
        for method in handler.http_methods:  # type: ignore[attr-defined]
            found.append(
                Route(
                    method,
                    _PARAMETER.sub(r"{\1}", path),
                    parameters,
                    str(access),
                    handler.fn.__module__,
                    versioned="if_match" in handler.parsed_fn_signature.parameters,
                    creates=handler.status_code == 201,  # type: ignore[attr-defined]
                    personal=bool(opt.get("personal")),
                    asks=frozenset(handler.parsed_fn_signature.parameters) - parameters.keys(),
                )
            )
    return sorted(found, key=lambda route: (route.path, route.method))


def openapi_of(platform: Platform) -> dict[str, Any]:
    """The document that describes the API, as a client reads it."""
    document: dict[str, Any] = create_litestar(platform).openapi_schema.to_schema()
    return document


class Caller(msgspec.Struct, frozen=True):
    """Somebody who makes requests: with a bearer token at the API, with a session's cookies at the console."""

    name: str
    bearer: str = ""
    cookie: str = ""
    csrf: str = ""

    def headers(self, route: Route, **more: str) -> dict[str, str]:
        """What identifies the caller there. The console speaks English, so that a test knows what it says."""
        headers = {"accept-language": "en", **more}
        if route.api and self.bearer:
            headers["authorization"] = f"Bearer {self.bearer}"
        if not route.api and self.cookie:
            headers["cookie"] = self.cookie
            if not route.safe:
                headers.setdefault("x-csrf-token", self.csrf)
        return headers


async def session_of(web: Web, house: House, who: str | Staff) -> Caller:
    """A new session of a role of the house, or of one of its staff."""
    staff = house.staff[who] if isinstance(who, str) else who
    platform = web.platform
    tokens = await platform.sign_in.open(Membership(house.company_id, staff.membership_id, house.slug), "tests")
    access, refresh = cookies.names(platform.settings)
    return Caller(
        staff.login,
        tokens.access,
        f"{access}={tokens.access}; {refresh}={tokens.refresh}; locale=en",
        platform.signer.csrf(tokens.session_id),
    )


async def client_of(web: Web) -> httpx.AsyncClient:
    """A client that keeps no cookie, for requests of many callers at once."""
    client = await web.anonymous()
    client.cookies = httpx.Cookies(CookieJar(DefaultCookiePolicy(allowed_domains=[])))
    return client


async def ask(
    client: httpx.AsyncClient,
    route: Route,
    caller: Caller,
    values: Mapping[str, object],
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, object] | None = None,
    body: object = None,
    files: Mapping[str, tuple[str, bytes]] | None = None,
) -> httpx.Response:
    """The answer to one request; of a stream only its head. `body` is JSON or a form, as the route takes it; `files`
    are sent instead."""
    payload: dict[str, Any] = {}
    if not route.safe:
        payload = {"json": {} if body is None else body} if route.takes_json else {"data": body or {}}
    if files:
        payload = {"files": dict(files)}
    request = client.build_request(
        route.method,
        route.at(**values),
        params=dict(query or {}),  # type: ignore[arg-type]
        headers=caller.headers(route, **(headers or {})),
        **payload,
    )
    response = await client.send(request, stream=True)
    try:
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            return httpx.Response(response.status_code, headers=response.headers, content=b"", request=request)
        await response.aread()
    finally:
        await response.aclose()
    return response


def nonsense(route: Route, **known: object) -> dict[str, object]:
    """Values for the parameters of a route that mean nothing, but for those that are given."""
    made: dict[str, object] = {
        name: UUID(int=0xDEAD) if kind == "uuid" else "nonsense" for name, kind in route.parameters.items()
    }
    return {**made, **{name: value for name, value in known.items() if name in made}}
