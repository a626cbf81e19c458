"""The page behind an invitation's link: setting up an account, or joining with the one that somebody has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Conflict, FieldError, Invalid, LodgeError, Malformed, NotFound
from core.i18n import msgid
from core.people.credentials import LONGEST
from core.people.joining import Acceptance, Offer
from core.people.model import NAME
from core.platform import Platform
from core.web.address import client_address
from core.web.console import posted
from core.web.filled import read_form
from core.web.view import View
from core.web.views import Field

AnyRequest = Request[Any, Any, Any]


@get("/join/{token:str}", public=True)
async def join_page(
    request: AnyRequest, platform: NamedDependency[Platform], view: NamedDependency[View], token: FromPath[str]
) -> Response[str]:
    """What is offered, and two ways to accept it. One page for links that are unknown, used, taken back or over."""
    try:
        offer = await platform.joining.offer(token, client_address(request.scope, platform.settings))
    except NotFound as gone:
        return await gone_page(view, gone)
    return await _page(view, token, offer)


@post("/join/{token:str}", public=True, status_code=200)
async def join(
    request: AnyRequest, platform: NamedDependency[Platform], view: NamedDependency[View], token: FromPath[str]
) -> Response[Any]:
    """Accept it; signing in comes after."""
    form, address = await view.form(), client_address(request.scope, platform.settings)
    own = form.get("account") == "own"
    try:
        if not own and form.get("password") != form.get("again"):
            raise Invalid.field("again", "The two passwords differ.")
        given = {name: form.get(name, "") for name in ("login", "password", "name")}
        await platform.joining.join(
            token, read_form({**given, "account": "own" if own else "new"}, Acceptance), address
        )
    except NotFound as gone:
        return await gone_page(view, gone)
    except (Invalid, Conflict, Malformed) as refused:
        try:
            offer = await platform.joining.offer(token, address)
        except NotFound as gone:
            return await gone_page(view, gone)
        return await _page(view, token, offer, form, refused)
    return await view.html("people/said.html", done=True, message=msgid("You have joined. Sign in now."))


async def gone_page(view: View, gone: NotFound) -> Response[str]:
    """For every link that is good no more, alike."""
    return await view.html("people/said.html", status=int(gone.status), done=False, message=gone.message)


async def _page(
    view: View, token: str, offer: Offer, form: Mapping[str, str] = {}, refused: LodgeError | None = None
) -> Response[str]:
    own = form.get("account") == "own"
    faults = posted.faults(refused, {})
    typed = {name: [value] for name, value in form.items()}
    new, known = ({}, faults) if own else (faults, {})
    return await view.html(
        "people/join.html",
        status=int(refused.status) if refused else 200,
        token=token,
        offer=offer,
        own=own,
        refused=refused if refused and not refused.fields else None,
        new_fields=(
            posted.field("name", msgid("Your name"), typed or {"name": [offer.name]}, new, required=True, maximum=NAME),
            posted.field(
                "login",
                msgid("Login name"),
                {} if own else typed,
                new,
                required=True,
                maximum=40,
                autocomplete="username",
                help=msgid("Chinese characters, letters or digits, without spaces."),
            ),
            new_password(offer.password_length, new),
            password_again(new),
        ),
        own_fields=(
            posted.field(
                "login", msgid("Login name"), typed if own else {}, known, required=True, autocomplete="username"
            ),
            posted.field(
                "password",
                msgid("Password"),
                {},
                known,
                kind="password",
                required=True,
                autocomplete="current-password",
            ),
        ),
    )


def new_password(least: int, faults: Mapping[str, FieldError]) -> Field:
    """The field of a password that is set, which says how long it is to be."""
    field = posted.field(
        "password",
        msgid("Password"),
        {},
        faults,
        kind="password",
        required=True,
        maximum=LONGEST,
        autocomplete="new-password",
        help=msgid("At least {n} characters; a sentence is easy to keep in mind."),
    )
    return field if field.error else msgspec.structs.replace(field, params={"n": least})


def password_again(faults: Mapping[str, FieldError]) -> Field:
    return posted.field(
        "again",
        msgid("Password once more"),
        {},
        faults,
        kind="password",
        required=True,
        maximum=LONGEST,
        autocomplete="new-password",
    )


HANDLERS = [join_page, join]
