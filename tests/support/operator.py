"""Operators of the platform for tests: an account that is ready, a session, the realm's routes."""

from __future__ import annotations

import itertools
import re

import httpx
import msgspec

from core.auth import totp
from core.operator.sign_in import OperatorTokens
from core.platform import Platform
from core.web import cookies
from core.web.app import http_handlers
from core.web.operator.app import create_operator
from tests.support.routes import Caller, Route
from tests.support.web import Web

PASSWORD = "a realm of its own, and locked"  # of every operator of tests
_NUMBERS = itertools.count(1)
_PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")


class Signed(msgspec.Struct, frozen=True):
    """An operator with an open session, and the secret of their app."""

    login: str
    secret: bytes
    tokens: OperatorTokens
    caller: Caller


async def operator(platform: Platform, login: str) -> Signed:
    """A new operator: added, with a password by the link, the app set up, signed in, from a network of their own.
    They sign in as `login` and a number, as others may be called like that."""
    number, realm = next(_NUMBERS), platform.operator
    name, login, address = f"Operator {login}", f"{login}-{number}", f"2001:db8:{number:x}::1"
    link = (await realm.accounts.add(login, name)).rpartition("/")[2]
    await realm.accounts.set_password(link, PASSWORD, address)
    proof = await realm.sign_in.prove(login, PASSWORD, address, "tests")
    enrolment = await realm.sign_in.enrol(proof)
    secret = typed(enrolment.secret)
    code = totp.code_of(secret, step(platform))
    tokens, _ = await realm.sign_in.enrolled(proof, code, address, "tests")
    return Signed(login, secret, tokens, caller_of(platform, login, tokens))


def caller_of(platform: Platform, name: str, tokens: OperatorTokens) -> Caller:
    """Whoever makes requests with that session."""
    cookie = f"{cookies.operator_name(platform.settings)}={tokens.token}; locale=en"
    return Caller(name, tokens.token, cookie, platform.operator.signer.csrf(tokens.session_id))


def typed(secret: str) -> bytes:
    """The secret of an app from the text that is typed into it."""
    import base64

    plain = secret.replace(" ", "")
    return base64.b32decode(plain + "=" * (-len(plain) % 8))


def step(platform: Platform) -> int:
    """The time step of now."""
    return int(platform.clock().timestamp()) // totp.STEP


async def console(web: Web, signed: Signed) -> httpx.AsyncClient:
    """The realm's console as a browser signed in."""
    client = await web.anonymous(**{"x-csrf-token": signed.caller.csrf})
    client.cookies.update({cookies.operator_name(web.platform.settings): signed.tokens.token, "locale": "en"})
    return client


async def api(web: Web, signed: Signed) -> httpx.AsyncClient:
    """The realm's API by bearer token."""
    return await web.anonymous(accept="application/json", authorization=f"Bearer {signed.tokens.token}")


def realm_routes(platform: Platform) -> list[Route]:
    """Every route of the realm's application, by path and method."""
    found = []
    for path, handler in http_handlers(create_operator(platform)):
        for method in handler.http_methods:  # type: ignore[attr-defined]
            found.append(
                Route(
                    method,
                    _PARAMETER.sub(r"{\1}", path),
                    {name: kind or "str" for name, kind in _PARAMETER.findall(path)},
                    "public" if handler.opt.get("public") else "operator",
                    handler.fn.__module__,
                    versioned=False,
                    creates=handler.status_code == 201,  # type: ignore[attr-defined]
                    personal=bool(handler.opt.get("personal")),
                    asks=frozenset(handler.parsed_fn_signature.parameters),
                )
            )
    return sorted(found, key=lambda route: (route.path, route.method))
