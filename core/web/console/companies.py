"""Going from one company to another: the entries of the account menu."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from core.web.console import posted
from core.web.view import View


@get("/account/companies", signed_in=True)
async def companies(view: NamedDependency[View]) -> Response[str]:
    """A part of the menu: a button for each of the reader's other companies, with the pass that it goes on with."""
    state = view.state
    others = await state.platform.companies.others(state.work)
    return await view.html(
        "people/_companies.html",
        companies=others,
        pending=await state.platform.companies.pass_for(state.work, state.principal.session_id) if others else "",
    )


@post("/account/company", signed_in=True, personal=True)
async def go(view: NamedDependency[View]) -> Response[Any]:
    """End the session here and go on at the other company's door, which is posted the same form; without a pass one
    signs in there."""
    form, state = await view.form(), view.state
    [company_id] = posted.ids([form.get("company", "")])
    went = await state.platform.companies.leave(state.work, company_id, state.principal.session_id)
    return Redirect("/login", status_code=307 if went else 303)


HANDLERS = [companies, go]
