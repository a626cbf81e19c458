"""Sending statements in the console, and the household's own page behind the link, without an account (BIL-8)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Conflict,
    Invalid,
    NotFound,
    Platform,
    Site,
    TooMany,
    View,
    Work,
    client_address,
    msgid,
    read_form,
    views,
)
from plugins.billing.ledger.pages import KIND_WORDS, MEANS_WORDS
from plugins.billing.permissions import STATEMENT_SEND
from plugins.billing.statements import service
from plugins.billing.statements.model import TRIES, Asked, NewStatement, Told
from plugins.billing.telling import yuan

_WRONG = msgid("This is not the code, or it is over.")


@get("/statements/units/{unit_id:uuid}", permission=STATEMENT_SEND.id)
async def statement_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[str]:
    """A household's links, and a form to send another."""
    return await _list(platform, work, site, view, unit_id)


@post("/statements/units/{unit_id:uuid}", permission=STATEMENT_SEND.id, status_code=200)
async def statement_send(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[Any]:
    """Send somebody of the household a link."""
    values = await view.form()
    try:
        async with work.savepoint():
            new = read_form({"party_id": values.get("party_id", "")}, NewStatement)
            await service.send(platform, work, site, unit_id, new)
    except (Invalid, Conflict, TooMany) as refused:
        return await _list(platform, work, site, view, unit_id, view.reason(refused), refused.status)
    return view.redirect(f"/s/{site.slug}/billing/statements/units/{unit_id}")


@get("/statement/{token:str}", public=True)
async def statement_page(
    request: Request[Any, Any, Any],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    token: FromPath[str],
) -> Response[str]:
    """Asks for the code, and says nothing of what is owed. 404 for a link that is wrong, over, or tried too often."""
    async with _opened(request, platform, token, read_only=True) as (work, id):
        asked = await service.asked(work, id)
        site = await _site(platform, work, asked)
    return await _page(view, site, asked)


@post("/statement/{token:str}", public=True, status_code=200)
async def statement_open(
    request: Request[Any, Any, Any],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    token: FromPath[str],
) -> Response[str]:
    """Send a code to the number on record, or show the statement to whoever has it: once for each code."""
    values = await view.form()
    told: Told | None = None
    refused: Conflict | TooMany | None = None
    async with _opened(request, platform, token) as (work, id):
        asked = await service.asked(work, id)
        site = await _site(platform, work, asked)
        try:
            async with work.savepoint():
                if "code" in values:
                    told = await service.open_with(platform, work, site, asked, values["code"])
                else:
                    await service.send_code(platform, work, site, asked)
        except (Conflict, TooMany) as error:
            refused = error
    if refused is not None:
        return await _page(view, site, asked, refused=view.reason(refused), status=refused.status)
    if told is None:
        wrong = "code" in values
        return await _page(view, site, asked, sent=True, wrong=wrong, status=422 if wrong else 200)
    return await view.html(
        "billing/statement.html",
        site=site.name,
        unit=asked.unit,
        name=service.short_name(asked.party),
        day=site.today(work.now),
        told=told,
        kinds=KIND_WORDS,
        means=MEANS_WORDS,
        money=yuan,
    )


@asynccontextmanager
async def _opened(
    request: Request[Any, Any, Any], platform: Platform, token: str, *, read_only: bool = False
) -> AsyncIterator[tuple[Work, UUID]]:
    """A work at the sites of the link's company where billing is on, and what the link names."""
    address = client_address(request.scope, platform.settings)
    company_id, id = await platform.links.read(service.PURPOSE, token, address)
    ctx = await platform.system_context(company_id, None, plugin="billing")
    if ctx is None:
        raise NotFound
    async with platform.work(ctx, read_only=read_only) as work:
        yield work, id


async def _site(platform: Platform, work: Work, asked: Asked) -> Site:
    company = await platform.directory.company(work.ctx.company_id)
    site = company.site(str(asked.site_id)) if company else None
    if site is None:
        raise NotFound
    return site


async def _page(
    view: View,
    site: Site,
    asked: Asked,
    *,
    sent: bool = False,
    wrong: bool = False,
    refused: str = "",
    status: int = 200,
) -> Response[str]:
    field = views.Field(
        "code",
        msgid("The code from the text message"),
        "tel",
        required=True,
        maximum=6,
        autocomplete="one-time-code",
        error=_WRONG if wrong else "",
    )
    return await view.html(
        "billing/statement_door.html",
        status=status,
        site=site.name,
        unit=asked.unit,
        name=service.short_name(asked.party),
        field=field if sent or asked.code_at is not None else None,
        minutes=service.MINUTES,
        tries=TRIES,
        refused=refused,
    )


async def _list(
    platform: Platform, work: Work, site: Site, view: View, unit_id: UUID, refused: str = "", status: int = 200
) -> Response[str]:
    found = await service.household(platform, work, site, unit_id)
    choices = tuple(views.Choice(str(each.party_id), f"{each.name} {each.phone}") for each in found.readers)
    return await view.html(
        "billing/statements.html",
        status=status,
        found=found,
        party=views.Field("party_id", msgid("To whom"), "select", choices=choices),
        tries=TRIES,
        refused=refused,
    )


HANDLERS: list[HTTPRouteHandler] = [statement_list, statement_send, statement_page, statement_open]
