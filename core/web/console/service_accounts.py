"""The pages of service accounts: the list, and one account with what it may do and its tokens."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.auth import api_tokens, service_accounts
from core.auth.api_tokens import NAME
from core.auth.service_accounts import PURPOSE, AccountEntry, NewAccountToken, ServiceAccount
from core.errors import Conflict, Invalid, LodgeError, PreconditionFailed
from core.i18n import msgid
from core.web.console import posted
from core.web.console.posted import Form
from core.web.console.token_rows import end_of, token_fields, token_row
from core.web.view import View
from core.web.views import Choice
from core.web.views.admin import AccountRow

_NAMES: Final = {"site_ids": "sites", "permissions": "scopes"}
_TOKEN_NAMES: Final = {"expires_at": "expires_on"}


@get("/service-accounts", permission="token.manage")
async def account_list(view: NamedDependency[View]) -> Response[str]:
    return await _list(view)


@post("/service-accounts", permission="token.manage", status_code=200)
async def account_make(view: NamedDependency[View]) -> Response[Any]:
    """Make an account. A refusal comes back with the form as it was filled in."""
    form = await view.form_lists()
    try:
        account = await service_accounts.make(view.state.work, _entry(form))
    except Invalid as refused:
        return await _list(view, form=form, refused=refused)
    return view.redirect(f"/admin/service-accounts/{account.id}")


@get("/service-accounts/{service_account_id:uuid}", permission="token.manage")
async def account_page(view: NamedDependency[View], service_account_id: FromPath[UUID]) -> Response[str]:
    return await _page(view, service_account_id)


@post("/service-accounts/{service_account_id:uuid}", permission="token.manage", status_code=200)
async def account_save(view: NamedDependency[View], service_account_id: FromPath[UUID]) -> Response[Any]:
    form = await view.form_lists()
    version = posted.version({"version": posted.last(form, "version")})
    try:
        await service_accounts.revise(view.state.work, service_account_id, _entry(form), version)
    except (Invalid, PreconditionFailed) as refused:
        return await _page(view, service_account_id, form=form, refused=refused)
    return view.redirect(f"/admin/service-accounts/{service_account_id}?done=saved")


@post("/service-accounts/{service_account_id:uuid}/tokens", permission="token.manage", status_code=200)
async def account_token(view: NamedDependency[View], service_account_id: FromPath[UUID]) -> Response[str]:
    """Issue a token of the account and show it, this once."""
    form = await view.form_lists()
    new = NewAccountToken(posted.last(form, "name"), end_of(view, posted.last(form, "expires_on")))
    try:
        _, text = await service_accounts.issue(view.state.work, service_account_id, new)
    except (Invalid, Conflict) as refused:
        return await _page(view, service_account_id, token_form=form, refused=refused)
    return await _page(view, service_account_id, created=text)


async def _list(view: View, *, form: Form | None = None, refused: LodgeError | None = None) -> Response[str]:
    sites = posted.sites(view)
    rows = tuple(
        AccountRow(
            str(each.id),
            each.name,
            each.purpose,
            posted.names(each.site_ids, sites),
            each.active,
            len(each.permissions),
            each.tokens,
        )
        for each in await service_accounts.accounts(view.state.work)
    )
    return await view.html(
        "admin/service_accounts.html",
        status=int(refused.status) if refused else 200,
        rows=rows,
        **_form(view, form or {}, refused, None),
    )


async def _page(
    view: View,
    account_id: UUID,
    *,
    created: str = "",
    form: Form | None = None,
    token_form: Form | None = None,
    refused: LodgeError | None = None,
) -> Response[str]:
    account = await service_accounts.account(view.state.work, account_id)
    given = form or {
        "name": [account.name],
        "purpose": [account.purpose],
        "scopes": account.permissions,
        "sites": [str(site_id) for site_id in account.site_ids],
        "active": ["true"] if account.active else [],
    }
    sites = posted.sites(view)
    tokens = await api_tokens.list_tokens(view.state.work, account_id)
    return await view.html(
        "admin/service_account.html",
        status=int(refused.status) if refused else 200,
        account=account,
        created=created,
        problem=refused.message if refused and not refused.fields else "",
        done=view.query.get("done") == "saved" and not refused,
        token_fields=token_fields(token_form or {}, posted.faults(refused if token_form else None, _TOKEN_NAMES)),
        tokens=tuple(token_row(view, token, sites) for token in tokens),
        **_form(view, given, None if token_form else refused, account),
    )


def _form(view: View, given: Form, refused: LodgeError | None, account: ServiceAccount | None) -> dict[str, Any]:
    """The fields and boxes of an account; what it has may stay, what one lacks cannot be added."""
    faults, sites = posted.faults(refused, _NAMES), posted.sites(view)
    grantable = {*view.state.work.ctx.permissions, *(account.permissions if account else ())}
    permissions = tuple(Choice(p.id, p.title) for p in view.state.platform.permissions if p.id in grantable)
    fields = [
        posted.field("name", msgid("Name"), given, faults, required=True, maximum=NAME),
        posted.field("purpose", msgid("What it is for"), given, faults, maximum=PURPOSE),
    ]
    if account is not None:
        fields.append(posted.field("active", msgid("In use"), given, faults, kind="checkbox"))
    return {
        "fields": tuple(fields),
        "groups": (
            ("scopes", msgid("What it may do"), permissions, faults.get("scopes")),
            (
                "sites",
                msgid("Where it may do it"),
                tuple(Choice(*site) for site in sites.items()),
                faults.get("sites"),
            ),
        ),
        "chosen": posted.chosen(given, ("scopes", "sites"), sites),
    }


def _entry(form: Form) -> AccountEntry:
    """The account of a form; one that is being made has no switch and is on."""
    return AccountEntry(
        posted.last(form, "name"),
        form.get("scopes", []),
        posted.ids(form.get("sites", [])),
        posted.last(form, "purpose"),
        active="version" not in form or posted.last(form, "active") == "true",
    )


HANDLERS = [account_list, account_make, account_page, account_save, account_token]
