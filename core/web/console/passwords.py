"""The pages of passwords: forgotten ones, the one behind a link, changing one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Conflict, FieldError, Forbidden, Invalid, LodgeError, NotFound, TooMany
from core.i18n import msgid
from core.people.passwords import Resetting
from core.platform import Platform
from core.policies.sign_in import SIGN_IN
from core.web.address import client_address
from core.web.console import posted
from core.web.console.joining import gone_page, new_password, password_again
from core.web.console.people import MANAGE, member_view
from core.web.view import View
from core.web.views import Field

AnyRequest = Request[Any, Any, Any]
_ASKED = msgid(
    "If there is such an account and it has a confirmed e-mail address, a link is on its way there. It is good for "
    "half an hour. Without an address: ask your administrator for a link."
)
_SET = msgid("Your password is set, and you are signed out everywhere. Sign in with it now.")
_WRONG = "This is not your present password."
_DIFFER = "The two passwords differ."


@get("/password/forgotten", public=True)
async def forgotten_page(view: NamedDependency[View]) -> Response[str]:
    return await view.html("people/forgotten.html", error="", params={})


@post("/password/forgotten", public=True, status_code=200)
async def forgotten(
    request: AnyRequest, platform: NamedDependency[Platform], view: NamedDependency[View]
) -> Response[Any]:
    """Have a link mailed. One answer, whether there is such a login or not."""
    login = (await view.form()).get("login", "")
    try:
        send = await platform.passwords.ask(login, client_address(request.scope, platform.settings))
    except TooMany as refused:
        return await view.html(
            "people/forgotten.html", status=int(refused.status), error=refused.message, params=refused.params
        )
    answer = await view.html("people/said.html", done=True, message=_ASKED)
    answer.background = BackgroundTask(platform.passwords.send, login) if send else None
    return answer


@get("/password/reset/{token:str}", public=True)
async def reset_page(
    request: AnyRequest, platform: NamedDependency[Platform], view: NamedDependency[View], token: FromPath[str]
) -> Response[str]:
    """One page for links that are unknown, used or over."""
    try:
        found = await platform.passwords.look(token, client_address(request.scope, platform.settings))
    except NotFound as gone:
        return await gone_page(view, gone)
    return await _reset(view, token, found, None)


@post("/password/reset/{token:str}", public=True, status_code=200)
async def reset(
    request: AnyRequest, platform: NamedDependency[Platform], view: NamedDependency[View], token: FromPath[str]
) -> Response[Any]:
    """Set the password."""
    form, address = await view.form(), client_address(request.scope, platform.settings)
    try:
        if form.get("password") != form.get("again"):
            found = await platform.passwords.look(token, address)
            return await _reset(view, token, found, Invalid.field("again", _DIFFER))
        await platform.passwords.use(token, form.get("password", ""), address)
    except NotFound as gone:
        return await gone_page(view, gone)
    except Invalid as refused:
        return await _reset(view, token, await platform.passwords.look(token, address), refused)
    return await view.html("people/said.html", done=True, message=_SET)


@get("/account/password", signed_in=True)
async def password_page(view: NamedDependency[View]) -> Response[str]:
    return await _own(view)


@post("/account/password", signed_in=True, personal=True, status_code=200)
async def password_change(view: NamedDependency[View]) -> Response[Any]:
    """Change one's own. A wrong present one is no error here: it is counted, so what is done has to be committed."""
    form, state = await view.form(), view.state
    if form.get("password") != form.get("again"):
        return await _own(view, Invalid.field("again", _DIFFER))
    session_id = state.principal.session_id
    try:
        ended = await state.platform.passwords.change(
            state.work, form.get("present", ""), form.get("password", ""), session_id
        )
    except (Invalid, Conflict, Forbidden, TooMany) as refused:
        return await _own(view, refused)
    if ended is None:
        return await _own(view, Invalid.field("present", _WRONG), status=200)
    answer = await _own(view, done=msgid("Your password is changed; your other sessions have ended."))
    answer.background = BackgroundTask(state.platform.passwords.tell, ended, state.principal.company.id)
    return answer


@post("/people/{member_id:uuid}/password-reset", permission=MANAGE, personal=True, status_code=200)
async def issue_reset(view: NamedDependency[View], member_id: FromPath[UUID]) -> Response[str]:
    """A link to hand over, shown this once."""
    state = view.state
    try:
        link = await state.platform.passwords.issue(state.work, state.principal.company, member_id)
    except (Conflict, Forbidden) as refused:
        return await member_view(view, member_id, refused=refused)
    return await member_view(view, member_id, link=link)


async def _reset(view: View, token: str, found: Resetting, refused: Invalid | None) -> Response[str]:
    faults = posted.faults(refused, {})
    return await view.html(
        "people/reset.html",
        status=int(refused.status) if refused else 200,
        token=token,
        login=found.login,
        fields=(new_password(found.password_length, faults), password_again(faults)),
    )


async def _own(
    view: View, refused: LodgeError | None = None, *, done: str = "", status: int | None = None
) -> Response[str]:
    state, faults = view.state, posted.faults(refused, {})
    rules = await state.platform.policies.value(state.work, SIGN_IN, None)
    return await view.html(
        "people/password.html",
        status=status or (int(refused.status) if refused else 200),
        fields=(_present(faults), new_password(rules.password_length, faults), password_again(faults)),
        refused=refused if refused and not refused.fields else None,
        done=done,
    )


def _present(faults: Mapping[str, FieldError]) -> Field:
    label = msgid("Present password")
    more: dict[str, Any] = {"required": True, "autocomplete": "current-password"}
    return posted.field("present", label, {}, faults, kind="password", **more)


PUBLIC = [forgotten_page, forgotten, reset_page, reset, password_page, password_change]
HANDLERS = [issue_reset]
