"""The page of API tokens: issuing one, which is shown once, and revoking."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from core.auth import api_tokens
from core.auth.api_tokens import NAME, ApiToken, NewApiToken
from core.errors import Invalid, LodgeError, Malformed
from core.i18n import msgid
from core.web.view import View
from core.web.views import Choice, Field, TokenRow

Form = Mapping[str, list[str]]
_FIELDS = {"name": "name", "expires_at": "expires_on", "permissions": "scopes", "site_ids": "sites"}


@get("/tokens", permission="token.manage")
async def token_page(view: NamedDependency[View]) -> Response[str]:
    return await _page(view)


@post("/tokens", permission="token.manage", status_code=200)
async def token_issue(view: NamedDependency[View]) -> Response[str]:
    """Issue a token and show it, this once. A refusal comes back with the form as it was filled in."""
    form = await view.form_lists()
    try:
        new = NewApiToken(
            form.get("name", [""])[-1],
            form.get("scopes", []),
            [UUID(site_id) for site_id in form.get("sites", [])],
            _end_of(form.get("expires_on", [""])[-1], view.page.timezone),
        )
    except ValueError as error:
        raise Malformed from error
    try:
        _, text = await api_tokens.issue(view.state.work, new)
    except Invalid as refused:
        return await _page(view, form=form, refused=refused)
    return await _page(view, created=text)


@post("/tokens/{token_id:uuid}/revoke", permission="token.manage")
async def token_revoke(view: NamedDependency[View], token_id: FromPath[UUID]) -> Redirect:
    await api_tokens.revoke(view.state.work, token_id)
    return Redirect("/admin/tokens", status_code=303)


async def _page(
    view: View, *, created: str = "", form: Form | None = None, refused: LodgeError | None = None
) -> Response[str]:
    state, posted = view.state, form or {}
    faults = {_FIELDS[fault.field]: fault for fault in (refused.fields if refused else ())}
    sites = {str(site.id): site.name for site in state.principal.sites}

    def field(name: str, label: str, kind: Any, **more: Any) -> Field:
        fault = faults.get(name)
        return Field(
            name,
            label,
            kind,
            posted.get(name, [""])[-1],
            error=fault.message if fault else "",
            params=fault.params if fault else {},
            **more,
        )

    return await view.html(
        "admin/tokens.html",
        status=int(refused.status) if refused else 200,
        created=created,
        fields=(
            field("name", msgid("Name"), "text", help=msgid("Who uses it, and for what."), required=True, maximum=NAME),
            field("expires_on", msgid("Valid until"), "date", help=msgid("That day included. Empty: until revoked.")),
        ),
        groups=(
            (
                "scopes",
                msgid("What it may do"),
                tuple(Choice(p.id, p.title) for p in state.platform.permissions if p.id in state.work.ctx.permissions),
                faults.get("scopes"),
            ),
            (
                "sites",
                msgid("Where it may do it"),
                tuple(Choice(*site) for site in sites.items()),
                faults.get("sites"),
            ),
        ),
        chosen={*posted.get("scopes", ()), *posted.get("sites", sites if len(sites) == 1 else ())},
        tokens=tuple(_row(view, token, sites) for token in await api_tokens.list_tokens(state.work)),
    )


def _row(view: View, token: ApiToken, sites: Mapping[str, str]) -> TokenRow:
    names: Collection[str] = sites.values() if token.all_sites else [sites[str(id)] for id in token.site_ids]
    return TokenRow(
        id=str(token.id),
        name=token.name,
        scopes=tuple(token.permissions),
        sites=tuple(names),
        created_at=token.created_at,
        created_by=token.created_by,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        expired=token.expires_at is not None and token.expires_at <= view.state.work.now,
    )


def _end_of(text: str, timezone: str) -> datetime | None:
    """The last second of a day."""
    if not text:
        return None
    return datetime.combine(date.fromisoformat(text), time(23, 59, 59), ZoneInfo(timezone)).astimezone(UTC)


HANDLERS = [token_page, token_issue, token_revoke]
