"""The sign-in page of one company: to its identity provider, back with its answer, and out of it again.

What is asked of a company that there is none of is answered as for one without a provider: nobody learns who is here.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from core.errors import Forbidden, LodgeError, NotFound, TooMany, Unauthenticated
from core.platform import Platform
from core.web import cookies
from core.web.address import client_address
from core.web.console import door
from core.web.front import read_cookies
from core.web.view import View

AnyRequest = Request[Any, Any, Any]
TRIED: Final = "/admin/sign-in?done=tried"


@get("/sign-in/{slug:str}", public=True)
async def company_page(
    view: NamedDependency[View],
    platform: NamedDependency[Platform],
    slug: FromPath[str],
    next: FromQuery[str] = "/",
    out: FromQuery[bool] = False,
) -> Response[str]:
    """As the sign-in page of everybody, with the company's own way; `out`: somebody has just signed out."""
    if await platform.identities.door(slug) is not None:
        view.state.cookies.append(cookies.preference(platform.settings, door.COMPANY, slug))
    farewell = f"/sign-in/{quote(slug)}/end" if out and await platform.identities.farewell(slug) else ""
    return await door.form_page(view, door.local(next), slug=slug, farewell=farewell)


@get("/sign-in/{slug:str}/start", public=True)
async def company_start(
    view: NamedDependency[View],
    platform: NamedDependency[Platform],
    slug: FromPath[str],
    next: FromQuery[str] = "/",
    trial: FromQuery[str] = "",
) -> Response[Any]:
    """Away to the provider; the browser keeps what its answer has to fit. With a `trial` it may not be in use yet."""
    goal = TRIED if trial else door.local(next)
    try:
        url, kept = await platform.identities.begin(slug, goal, trial)
    except NotFound:
        return Redirect(f"/sign-in/{quote(slug)}", status_code=303)
    except Unauthenticated as refused:
        if trial:
            return await _not_tried(view, refused)
        return await door.form_page(view, goal, slug=slug, refused=refused)
    view.state.cookies.append(cookies.set_attempt(platform.settings, kept))
    return Redirect(url, status_code=303)


@get("/sign-in/{slug:str}/callback", public=True)
async def company_callback(
    request: AnyRequest, view: NamedDependency[View], platform: NamedDependency[Platform], slug: FromPath[str]
) -> Response[Any]:
    """Back from the provider: a session, or the second step, or why not."""
    jar = read_cookies(request.headers.get("cookie", "").encode("latin-1"))
    kept = jar.get(cookies.attempt_name(platform.settings), "")
    view.state.cookies.append(cookies.set_attempt(platform.settings, ""))
    goal, address = platform.identities.goal(kept), client_address(request.scope, platform.settings)
    try:
        came = await platform.identities.end(slug, view.query, kept, address)
        if came.trial:
            return Redirect(goal, status_code=303)
        return await door.admit(request, view, goal, came.membership)
    except (Unauthenticated, TooMany, Forbidden) as refused:
        if goal == TRIED:
            return await _not_tried(view, refused)
        return await door.form_page(view, goal, slug=slug, refused=refused)


@get("/sign-in/{slug:str}/end", public=True)
async def company_end(platform: NamedDependency[Platform], slug: FromPath[str]) -> Redirect:
    """Out of the provider too, where it offers that; it sends people back to the company's page."""
    url = await platform.identities.farewell(slug)
    return Redirect(url or f"/sign-in/{quote(slug)}", status_code=303)


async def _not_tried(view: View, refused: LodgeError) -> Response[str]:
    params = door.spoken(view, refused)
    return await view.html("sign_in/tried.html", status=int(refused.status), error=refused.message, params=params)


HANDLERS = [company_page, company_start, company_callback, company_end]
