"""The page behind the link of a text message, where a household answers for a visitor without an account (REC-7)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Invalid,
    Malformed,
    NotFound,
    Platform,
    Site,
    View,
    Work,
    client_address,
    local_instant,
    msgid,
    read_form,
    views,
)
from plugins.reception.visitors import asking, screens
from plugins.reception.visitors.model import Question, Reply


@get("/host/{token:str}", public=True)
async def host_page(
    request: Request[Any, Any, Any],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    token: FromPath[str],
) -> Response[str]:
    """Who stands at the desk, and the two answers. 404 for a link that is wrong, used or over."""
    async with _opened(request, platform, token, read_only=True) as (work, ask_id):
        asked = await asking.question(work, ask_id)
    return await _page(view, await _site(platform, work, asked), asked)


@post("/host/{token:str}", public=True, status_code=200)
async def host_answer(
    request: Request[Any, Any, Any],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    token: FromPath[str],
) -> Response[str]:
    """Take down the answer; the link is good no more."""
    async with _opened(request, platform, token) as (work, ask_id):
        asked = await asking.question(work, ask_id)
        values = await view.form()
        if values.get("answer") not in ("accept", "refuse"):
            raise Malformed
        site = await _site(platform, work, asked)
        at = local_instant(site, values.get("at", "")) if values["answer"] == "refuse" else None
        try:
            await asking.reply(work, ask_id, read_form({"answer": values["answer"], "at": at}, Reply))
        except Invalid as refused:
            return await _page(view, site, asked, values, refused)
    return await _page(view, site, asked, values, done=values["answer"])


@asynccontextmanager
async def _opened(
    request: Request[Any, Any, Any], platform: Platform, token: str, *, read_only: bool = False
) -> AsyncIterator[tuple[Work, UUID]]:
    """A work at the sites of the link's company where the front desk is on, and what the link names."""
    address = client_address(request.scope, platform.settings)
    company_id, ask_id = await platform.links.read(asking.PURPOSE, token, address)
    ctx = await platform.system_context(company_id, None, plugin="reception")
    if ctx is None:
        raise NotFound
    async with platform.work(ctx, read_only=read_only) as work:
        yield work, ask_id


async def _site(platform: Platform, work: Work, asked: Question) -> Site:
    company = await platform.directory.company(work.ctx.company_id)
    site = company.site(str(asked.site_id)) if company else None
    if site is None:
        raise NotFound
    return site


async def _page(
    view: View,
    site: Site,
    asked: Question,
    values: Mapping[str, str] = {},
    refused: Invalid | None = None,
    done: str = "",
) -> Response[str]:
    wrong = next(iter(refused.fields), None) if refused else None
    said: dict[str, Any] = {"error": wrong.message, "params": wrong.params} if wrong else {}
    return await view.html(
        "reception/host.html",
        status=422 if refused else 200,
        site=site.name,
        asked=asked,
        until=screens.local(site, asked.expires_at)[-5:],
        done=done,
        another=views.Field("at", msgid("Another time that suits you"), "datetime-local", values.get("at", ""), **said),
    )


HANDLERS: list[HTTPRouteHandler] = [host_page, host_answer]
