"""In and out of the console: signing in, choosing a company, signing out, how it looks."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import segno
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Redirect

from core.auth.principals import Principal
from core.auth.second_factor import Enrolment
from core.auth.sign_in import Membership, end_session
from core.errors import Invalid, LodgeError, Malformed, TooMany, Unauthenticated
from core.i18n import match
from core.platform import Platform
from core.web import cookies
from core.web.address import client_address
from core.web.front import read_cookies
from core.web.view import View
from core.web.views import Choice
from core.work import Work

AnyRequest = Request[Any, Any, Any]
COMPANY: Final = "company"  # the cookie that says at which company's page somebody signed in last: it is offered again


@get("/", signed_in=True)
async def start(platform: NamedDependency[Platform], principal: NamedDependency[Principal]) -> Redirect:
    """To the first site's start page, or to what a company-wide role works with."""
    if not principal.sites:
        return Redirect("/admin/policies", status_code=303)
    return Redirect(f"/s/{principal.sites[0].slug}/", status_code=303)


@get("/s/{site_id:str}/", signed_in=True)
async def site_start(
    platform: NamedDependency[Platform], view: NamedDependency[View], principal: NamedDependency[Principal]
) -> Redirect:
    """To what the person works with most at the site: the entry of the navigation with the lowest order."""
    site = view.state.site
    here = [item for item in view.page.nav if item.href.startswith(f"/s/{site.slug}/")]
    return Redirect(min(here, key=lambda item: item.order).href if here else "/me", status_code=303)


@get("/me", signed_in=True)
async def me(view: NamedDependency[View]) -> Response[str]:
    """Somebody whose roles have no page here yet is told so instead of being sent in a circle."""
    return await view.html("empty.html")


@get("/login", public=True)
async def login_page(view: NamedDependency[View], next: FromQuery[str] = "/") -> Response[str]:
    return await form_page(view, local(next))


@post("/login", public=True)
async def login(request: AnyRequest, platform: NamedDependency[Platform], view: NamedDependency[View]) -> Response[Any]:
    """Password first, then the company where there are several, then what that company asks for besides."""
    form = await view.form()
    goal = local(form.get("next", "/"))
    try:
        companies = await _companies(request, platform, form)
    except (Unauthenticated, TooMany) as refused:
        return await form_page(view, goal, login=form.get("login", ""), refused=refused)
    chosen = form.get("company")
    fitting = [c for c in companies if chosen in (None, str(c.company_id))]
    if not fitting:
        raise Malformed
    if len(fitting) > 1:
        return await form_page(view, goal, companies=fitting, pending=fitting[0].proof)
    return await admit(request, view, goal, fitting[0])


async def admit(request: AnyRequest, view: View, goal: str, membership: Membership) -> Response[Any]:
    """Let in whoever has shown who they are, or ask for what the company asks for besides."""
    platform = view.state.platform
    match await platform.second_step.wanted(membership):
        case "code":
            return await _code(view, goal, membership)
        case "enrolment":
            return await _enrolment(view, goal, membership, await platform.second_step.enrol(membership))
        case "provider":
            company = await platform.directory.company(membership.company_id)
            slug = company.slug if company else ""
            return Redirect(f"/sign-in/{quote(slug)}?next={quote(goal)}", status_code=303)
    agent, address, device = _browser(request, view)
    tokens = await platform.sign_in.open(membership, agent, address, device=device)
    view.state.cookies += cookies.set_session(platform.settings, tokens)
    return Redirect(goal, status_code=303)


@post("/login/code", public=True)
async def login_code(
    request: AnyRequest, platform: NamedDependency[Platform], view: NamedDependency[View]
) -> Response[Any]:
    """The second step: a code of the app, or a recovery code."""
    form = await view.form()
    goal = local(form.get("next", "/"))
    try:
        membership = await _proven(platform, form)
    except Unauthenticated as refused:
        return await form_page(view, goal, refused=refused)
    agent, address, device = _browser(request, view)
    try:
        tokens = await platform.second_step.with_code(membership, form.get("code", ""), agent, address, device=device)
    except (Unauthenticated, TooMany) as refused:
        return await _code(view, goal, membership, refused)
    view.state.cookies += cookies.set_session(platform.settings, tokens)
    return Redirect(goal, status_code=303)


@post("/login/enrolment", public=True)
async def login_enrolment(
    request: AnyRequest, platform: NamedDependency[Platform], view: NamedDependency[View]
) -> Response[Any]:
    """Set up the second factor that the company asks for; the session opens once a code shows that it works."""
    form = await view.form()
    goal = local(form.get("next", "/"))
    try:
        membership = await _proven(platform, form)
    except Unauthenticated as refused:
        return await form_page(view, goal, refused=refused)
    agent, address, device = _browser(request, view)
    try:
        tokens, codes = await platform.second_step.enrolled(
            membership, form.get("code", ""), agent, address, device=device
        )
    except Invalid as refused:
        shown = await platform.second_step.enrol(membership, again=True)
        return await _enrolment(view, goal, membership, shown, refused)
    view.state.cookies += cookies.set_session(platform.settings, tokens)
    return await view.html("sign_in/codes.html", codes=codes, next=goal)


@post("/logout", signed_in=True)
async def logout(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
) -> Response[Any]:
    by_provider = principal.session_id is not None and await end_session(work, principal.session_id)
    view.state.cookies += cookies.clear_session(platform.settings)
    return view.redirect(f"/sign-in/{quote(principal.company.slug)}?out=true" if by_provider else "/login")


@post("/prefs", public=True)
async def preferences(platform: NamedDependency[Platform], view: NamedDependency[View]) -> Response[Any]:
    """Theme and language, kept by the browser."""
    form = await view.form()
    if form.get("theme") in ("light", "dark"):
        view.state.cookies.append(cookies.preference(platform.settings, "theme", form["theme"]))
    if locale := match(form.get("locale", "")):
        view.state.cookies.append(cookies.preference(platform.settings, "locale", locale))
    if view.htmx:
        return Response("", status_code=HTTPStatus.NO_CONTENT)
    return view.redirect(local(form.get("next", "/")))


async def _companies(request: AnyRequest, platform: Platform, form: dict[str, str]) -> list[Membership]:
    if "pending" in form:
        return await platform.sign_in.proven(form["pending"])
    address = client_address(request.scope, platform.settings)
    agent = request.headers.get("user-agent", "")
    return await platform.sign_in.memberships(form.get("login", ""), form.get("password", ""), address, agent)


async def _proven(platform: Platform, form: dict[str, str]) -> Membership:
    """Whose password was right a moment ago, at the company they chose."""
    companies = await platform.sign_in.proven(form.get("pending", ""))
    found = next((c for c in companies if str(c.company_id) == form.get("company")), None)
    if found is None:
        raise Malformed
    return found


def _browser(request: AnyRequest, view: View) -> tuple[str, str, str]:
    """What it calls itself, where it asks from, and by what it is known again, which its answer keeps so."""
    settings = view.state.platform.settings
    known, cookie = cookies.device(settings, read_cookies(request.headers.get("cookie", "").encode("latin-1")))
    view.state.cookies.append(cookie)
    return request.headers.get("user-agent", ""), client_address(request.scope, settings), known


async def _code(view: View, goal: str, membership: Membership, refused: LodgeError | None = None) -> Response[str]:
    return await view.html(
        "sign_in/code.html",
        status=int(refused.status) if refused else 200,
        next=goal,
        pending=membership.proof,
        company=str(membership.company_id),
        error=refused.message if refused else "",
        params=refused.params if refused else {},
    )


async def _enrolment(
    view: View, goal: str, membership: Membership, enrolment: Enrolment, refused: Invalid | None = None
) -> Response[str]:
    return await view.html(
        "sign_in/enrol.html",
        status=int(refused.status) if refused else 200,
        next=goal,
        pending=membership.proof,
        company=str(membership.company_id),
        company_name=membership.company_name,
        enrolment=enrolment,
        picture=picture(enrolment),
        error=refused.fields[0].message if refused else "",
    )


def picture(enrolment: Enrolment) -> str:
    """The QR code for the app, as an image's address."""
    return segno.make_qr(enrolment.uri, error="m").svg_data_uri(border=2, scale=4, light="#fff")


async def form_page(
    view: View,
    goal: str,
    *,
    slug: str = "",
    farewell: str = "",
    login: str = "",
    refused: LodgeError | None = None,
    companies: list[Membership] | None = None,
    pending: str = "",
) -> Response[str]:
    """The sign-in page, with the way in of the company of that slug, or of the one where this browser was last."""
    slug = slug or view.cookie(COMPANY)
    return await view.html(
        "login.html",
        status=int(refused.status) if refused else 200,
        next=goal,
        login=login,
        provider=await view.state.platform.identities.door(slug) if slug else None,
        farewell=farewell,
        error=refused.message if refused else "",
        params=spoken(view, refused) if refused else {},
        companies=tuple(Choice(str(c.company_id), c.company_name) for c in companies or ()),
        pending=pending,
    )


def spoken(view: View, refused: LodgeError) -> dict[str, str]:
    """What fills its message, a reason being one of our own texts, too."""
    return {name: view.say(str(value)) for name, value in refused.params.items()}


def local(path: str) -> str:
    """Only paths of this server: `//elsewhere` and `https://elsewhere` would lead away."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if safe else "/"


HANDLERS = [start, site_start, me, login_page, login, login_code, login_enrolment, logout, preferences]
