"""In and out of the console: signing in, choosing a company, signing out, how it looks."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

import jwt
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Redirect

from core.auth.principals import Principal
from core.auth.sign_in import Membership, end_session
from core.errors import LodgeError, Malformed, TooMany, Unauthenticated
from core.i18n import match
from core.platform import Platform
from core.web import cookies
from core.web.address import client_address
from core.web.view import View
from core.web.views import Choice
from core.work import Work

_CHOOSE = 120  # seconds to choose a company after the password


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
    return await _form(view, _local(next))


@post("/login", public=True)
async def login(
    request: Request[Any, Any, Any], platform: NamedDependency[Platform], view: NamedDependency[View]
) -> Response[Any]:
    """Password first, then the company where there are several."""
    form = await view.form()
    goal = _local(form.get("next", "/"))
    try:
        companies = await _companies(request, platform, form)
    except (Unauthenticated, TooMany) as refused:
        return await _form(view, goal, login=form.get("login", ""), refused=refused)
    chosen = form.get("company")
    fitting = [c for c in companies if chosen in (None, str(c.company_id))]
    if not fitting:
        raise Malformed
    if len(fitting) > 1:
        return await _form(view, goal, companies=fitting, pending=_sign(platform, companies))
    tokens = await platform.sign_in.open(fitting[0], request.headers.get("user-agent", ""))
    view.state.cookies += cookies.set_session(platform.settings, tokens)
    return Redirect(goal, status_code=303)


@post("/logout", signed_in=True)
async def logout(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
) -> Response[Any]:
    if principal.session_id is not None:
        await end_session(work, principal.session_id)
    view.state.cookies += cookies.clear_session(platform.settings)
    return view.redirect("/login")


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
    return view.redirect(_local(form.get("next", "/")))


async def _companies(request: Request[Any, Any, Any], platform: Platform, form: dict[str, str]) -> list[Membership]:
    if "pending" in form:
        return _read(platform, form["pending"])
    address = client_address(request.scope, platform.settings)
    return await platform.sign_in.memberships(form.get("login", ""), form.get("password", ""), address)


async def _form(
    view: View,
    goal: str,
    *,
    login: str = "",
    refused: LodgeError | None = None,
    companies: list[Membership] | None = None,
    pending: str = "",
) -> Response[str]:
    return await view.html(
        "login.html",
        status=int(refused.status) if refused else 200,
        next=goal,
        login=login,
        error=refused.message if refused else "",
        params=refused.params if refused else {},
        companies=tuple(Choice(str(c.company_id), c.company_name) for c in companies or ()),
        pending=pending,
    )


def _local(path: str) -> str:
    """Only paths of this server: `//elsewhere` and `https://elsewhere` would lead away."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if safe else "/"


def _sign(platform: Platform, companies: list[Membership]) -> str:
    """Proof that the password was right, for the moment it takes to choose a company."""
    claims = {
        "aud": "company-choice",
        "exp": int(platform.clock().timestamp()) + _CHOOSE,
        "companies": [[str(c.company_id), str(c.membership_id), c.company_name] for c in companies],
    }
    return jwt.encode(claims, platform.settings.secret, algorithm="HS256")


def _read(platform: Platform, pending: str) -> list[Membership]:
    try:
        claims = jwt.decode(
            pending,
            platform.settings.secret,
            algorithms=["HS256"],
            audience="company-choice",
            options={"require": ["exp", "aud"]},
        )
        return [Membership(UUID(company), UUID(member), name) for company, member, name in claims["companies"]]
    except (jwt.PyJWTError, ValueError, KeyError, TypeError):
        raise Unauthenticated("That took too long. Sign in again.") from None


HANDLERS = [start, site_start, me, login_page, login, logout, preferences]
