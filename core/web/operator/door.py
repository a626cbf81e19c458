"""In and out of the realm's console: password, second step, the link that sets a password, signing out."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from core.auth.second_factor import Enrolment
from core.errors import Conflict, Invalid, LodgeError, NotFound, TooMany, Unauthenticated
from core.i18n import msgid
from core.operator import own
from core.operator.accounts import PASSWORD
from core.operator.realm import NAME
from core.operator.sign_in import LONGEST, OperatorTokens, SignedOperator
from core.platform import Platform
from core.web import cookies
from core.web.address import client_address
from core.web.console import posted
from core.web.console.door import picture
from core.web.console.joining import gone_page, new_password, password_again
from core.web.operator.edge import PAGES
from core.web.view import View
from core.work import Work

AnyRequest = Request[Any, Any, Any]
_START: Final = f"{PAGES}/companies"
_SET: Final = msgid("Your password is set, and you are signed out everywhere. Sign in with it now.")
_DIFFER: Final = msgid("The two passwords differ.")


@get("/", operator=True)
async def start() -> Redirect:
    """To what operators work with most."""
    return Redirect(_START, status_code=303)


@get("/login", public=True)
async def login_page(view: NamedDependency[View], next: FromQuery[str] = _START) -> Response[str]:
    return await _form(view, _local(next))


@post("/login", public=True)
async def login(request: AnyRequest, platform: NamedDependency[Platform], view: NamedDependency[View]) -> Response[Any]:
    """The password; a second step always follows."""
    form = await view.form()
    goal, (address, agent) = _local(form.get("next", "")), _browser(request, platform)
    try:
        proof = await platform.operator.sign_in.prove(form.get("login", ""), form.get("password", ""), address, agent)
        if await platform.operator.sign_in.wants(proof) == "code":
            return await _code(view, goal, proof)
        return await _enrolment(view, goal, proof, await platform.operator.sign_in.enrol(proof))
    except (Unauthenticated, TooMany) as refused:
        return await _form(view, goal, login=form.get("login", ""), refused=refused)


@post("/login/code", public=True)
async def login_code(
    request: AnyRequest, platform: NamedDependency[Platform], view: NamedDependency[View]
) -> Response[Any]:
    """A code of the app, or a recovery code."""
    form = await view.form()
    goal, proof, (address, agent) = _local(form.get("next", "")), form.get("pending", ""), _browser(request, platform)
    try:
        await platform.operator.sign_in.wants(proof)
    except Unauthenticated as refused:
        return await _form(view, goal, refused=refused)
    try:
        tokens = await platform.operator.sign_in.with_code(proof, form.get("code", ""), address, agent)
    except (Unauthenticated, TooMany) as refused:
        return await _code(view, goal, proof, refused)
    _keep(view, tokens)
    return Redirect(goal, status_code=303)


@post("/login/enrolment", public=True)
async def login_enrolment(
    request: AnyRequest, platform: NamedDependency[Platform], view: NamedDependency[View]
) -> Response[Any]:
    """The authenticator app, once; the session opens when a code shows that it works."""
    form = await view.form()
    goal, proof, (address, agent) = _local(form.get("next", "")), form.get("pending", ""), _browser(request, platform)
    try:
        tokens, codes = await platform.operator.sign_in.enrolled(proof, form.get("code", ""), address, agent)
    except (Unauthenticated, Conflict) as refused:
        return await _form(view, goal, refused=refused)
    except Invalid as wrong:
        shown = await platform.operator.sign_in.enrol(proof, again=True)
        return await _enrolment(view, goal, proof, shown, wrong)
    _keep(view, tokens)
    return await view.html("sign_in/codes.html", codes=codes, next=goal)


@get("/password/{link:str}", public=True)
async def password_page(
    request: AnyRequest, platform: NamedDependency[Platform], view: NamedDependency[View], link: FromPath[str]
) -> Response[str]:
    """One page for links that are unknown, used or over."""
    try:
        found = await platform.operator.accounts.look(link, client_address(request.scope, platform.settings))
    except NotFound as gone:
        return await gone_page(view, gone)
    return await _password(view, link, found)


@post("/password/{link:str}", public=True, status_code=200)
async def password_set(
    request: AnyRequest, platform: NamedDependency[Platform], view: NamedDependency[View], link: FromPath[str]
) -> Response[Any]:
    """Set the password; the session is opened at the door, with the second step."""
    form, address = await view.form(), client_address(request.scope, platform.settings)
    accounts = platform.operator.accounts
    try:
        login = await accounts.look(link, address)
        if form.get("password") != form.get("again"):
            return await _password(view, link, login, Invalid.field("again", _DIFFER))
        try:
            await accounts.set_password(link, form.get("password", ""), address)
        except Invalid as refused:
            return await _password(view, link, login, refused)
    except NotFound as gone:
        return await gone_page(view, gone)
    return await _form(view, _START, said=_SET, login=login)


@post("/logout", operator=True)
async def logout(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    operator: NamedDependency[SignedOperator],
    view: NamedDependency[View],
) -> Response[Any]:
    """End the session; what it has entered is closed with it."""
    await own.end(work, operator, operator.session_id)
    view.state.cookies.append(cookies.set_operator(platform.settings, "", 0))
    return view.redirect(f"{PAGES}/login")


def _browser(request: AnyRequest, platform: Platform) -> tuple[str, str]:
    return client_address(request.scope, platform.settings), request.headers.get("user-agent", "")


def _keep(view: View, tokens: OperatorTokens) -> None:
    seconds = int(LONGEST.total_seconds())
    view.state.cookies.append(cookies.set_operator(view.state.platform.settings, tokens.token, seconds))


def _local(path: str) -> str:
    """Only pages of the realm: whoever signs in here goes nowhere else."""
    return path if path.startswith(f"{PAGES}/") and path.isprintable() and "\\" not in path else _START


async def _form(
    view: View, goal: str, *, login: str = "", refused: LodgeError | None = None, said: str = ""
) -> Response[str]:
    return await view.html(
        "operator/login.html",
        status=int(refused.status) if refused else 200,
        next=goal,
        login=login,
        said=said,
        error=refused.message if refused else "",
        params=refused.params if refused else {},
    )


async def _code(view: View, goal: str, proof: str, refused: LodgeError | None = None) -> Response[str]:
    return await view.html(
        "operator/code.html",
        status=int(refused.status) if refused else 200,
        next=goal,
        pending=proof,
        error=refused.message if refused else "",
        params=refused.params if refused else {},
    )


async def _enrolment(
    view: View, goal: str, proof: str, enrolment: Enrolment, refused: Invalid | None = None
) -> Response[str]:
    return await view.html(
        "operator/enrol.html",
        status=int(refused.status) if refused else 200,
        next=goal,
        pending=proof,
        company_name=NAME,
        enrolment=enrolment,
        picture=picture(enrolment),
        error=refused.fields[0].message if refused else "",
    )


async def _password(view: View, link: str, login: str, refused: Invalid | None = None) -> Response[str]:
    faults = posted.faults(refused, {})
    return await view.html(
        "operator/password.html",
        status=int(refused.status) if refused else 200,
        link=link,
        login=login,
        fields=(new_password(PASSWORD, faults), password_again(faults)),
    )


HANDLERS = [start, login_page, login, login_code, login_enrolment, password_page, password_set, logout]
