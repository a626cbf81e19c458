"""The page of API tokens: issuing one, which is shown once, renewing and revoking."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.auth import api_tokens
from core.auth.api_tokens import NewApiToken, Rotation
from core.errors import Conflict, Invalid, LodgeError
from core.i18n import msgid
from core.web.console import posted
from core.web.console.posted import Form
from core.web.console.token_rows import end_of, token_fields, token_row
from core.web.filled import read_form
from core.web.view import View
from core.web.views import Choice

_FIELDS = {"expires_at": "expires_on", "permissions": "scopes", "site_ids": "sites"}


@get("/tokens", permission="token.manage")
async def token_page(view: NamedDependency[View]) -> Response[str]:
    return await _page(view)


@post("/tokens", permission="token.manage", status_code=200)
async def token_issue(view: NamedDependency[View]) -> Response[str]:
    """Issue a token and show it, this once. A refusal comes back with the form as it was filled in."""
    form = await view.form_lists()
    new = NewApiToken(
        posted.last(form, "name"),
        form.get("scopes", []),
        posted.ids(form.get("sites", [])),
        end_of(view, posted.last(form, "expires_on")),
    )
    try:
        _, text = await api_tokens.issue(view.state.work, new)
    except Invalid as refused:
        return await _page(view, form=form, refused=refused)
    return await _page(view, created=text)


@post("/tokens/{token_id:uuid}/rotate", permission="token.manage", status_code=200)
async def token_rotate(view: NamedDependency[View], token_id: FromPath[UUID]) -> Response[str]:
    """Issue its successor and show that, this once; the former one stays good for the hours that were chosen."""
    hours = (await view.form()).get("overlap_hours", "")
    rotation = read_form({"overlap_hours": hours} if hours else {}, Rotation)
    try:
        _, text = await api_tokens.rotate(view.state.work, token_id, rotation)
    except Conflict as refused:
        return await _page(view, refused=refused)
    return await _page(view, created=text)


@post("/tokens/{token_id:uuid}/revoke", permission="token.manage", status_code=200)
async def token_revoke(view: NamedDependency[View], token_id: FromPath[UUID]) -> Response[Any]:
    await api_tokens.revoke(view.state.work, token_id)
    return view.redirect("/admin/tokens")


async def _page(
    view: View, *, created: str = "", form: Form | None = None, refused: LodgeError | None = None
) -> Response[str]:
    state, given = view.state, form or {}
    faults, sites = posted.faults(refused, _FIELDS), posted.sites(view)
    permissions = tuple(Choice(p.id, p.title) for p in state.platform.permissions if p.id in state.work.ctx.permissions)
    return await view.html(
        "admin/tokens.html",
        status=int(refused.status) if refused else 200,
        created=created,
        problem=refused.message if refused and not refused.fields else "",
        fields=token_fields(given, faults),
        groups=(
            ("scopes", msgid("What it may do"), permissions, faults.get("scopes")),
            (
                "sites",
                msgid("Where it may do it"),
                tuple(Choice(*site) for site in sites.items()),
                faults.get("sites"),
            ),
        ),
        chosen=posted.chosen(given, ("scopes", "sites"), sites),
        tokens=tuple(token_row(view, token, sites) for token in await api_tokens.list_tokens(state.work)),
    )


HANDLERS = [token_page, token_issue, token_rotate, token_revoke]
