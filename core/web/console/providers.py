"""The pages of message providers: chat groups and the text message service; their tokens are never shown again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from core.errors import Conflict, FieldError, Invalid, LodgeError, Malformed
from core.i18n import msgid
from core.notify import log
from core.notify.channels.provider import FIELDS, SCHEMES, Scheme
from core.notify.endpoints import NewProvider, Provider
from core.notify.model import KINDS
from core.web.console import posted
from core.web.console.deliveries import DONE, RECENT, delivery_row
from core.web.console.notifications import NEWS
from core.web.console.posted import Form, Group
from core.web.view import View
from core.web.views import Choice, ProviderRow

_SCHEMES: Final[Mapping[Scheme, str]] = {
    "wecom": msgid("WeCom group robot"),
    "dingtalk": msgid("DingTalk group robot"),
    "feishu": msgid("Feishu group robot"),
    "twilio": msgid("Text messages (Twilio)"),
}
_SETTINGS: Final = {
    "key": msgid("Key (WeCom)"),
    "token": msgid("Token (DingTalk, Feishu, Twilio)"),
    "secret": msgid("Signing secret (DingTalk)"),
    "account": msgid("Account SID (Twilio)"),
    "phone": msgid("Sender's number (Twilio)"),
}
_NAMES: Final = {"site_ids": "sites", **{f"settings.{name}": name for name in _SETTINGS}}


@get("/providers", permission="notify.manage")
async def provider_page(view: NamedDependency[View]) -> Response[str]:
    return await _providers(view)


@post("/providers", permission="notify.manage", status_code=200)
async def provider_add(view: NamedDependency[View]) -> Response[Any]:
    """Add one; its tokens are never shown again."""
    form = await view.form_lists()
    try:
        new = _new(form, posted.last(form, "scheme"), active=True)
        await view.state.platform.notify.endpoints.add_provider(view.state.work, new)
    except Invalid as refused:
        return await _providers(view, form=form, refused=refused)
    return view.redirect("/admin/providers")


@get("/providers/{provider_id:uuid}", permission="notify.manage")
async def provider_edit(view: NamedDependency[View], provider_id: FromPath[UUID]) -> Response[str]:
    return await _provider_page(view, provider_id, done=DONE.get(view.query.get("done", ""), ""))


@post("/providers/{provider_id:uuid}", permission="notify.manage", status_code=200)
async def provider_save(view: NamedDependency[View], provider_id: FromPath[UUID]) -> Response[Any]:
    """Save. Tokens that are left empty stay."""
    endpoints, work, form = view.state.platform.notify.endpoints, view.state.work, await view.form_lists()
    version = posted.version({"version": posted.last(form, "version")})
    scheme = (await endpoints.provider(work, provider_id)).scheme
    try:
        new = _new(form, scheme, active=posted.last(form, "active") == "true")
        await endpoints.set_provider(work, provider_id, new, version)
    except Invalid as refused:
        return await _provider_page(view, provider_id, form=form, refused=refused)
    return view.redirect(f"/admin/providers/{provider_id}?done=saved")


@post("/providers/{provider_id:uuid}/test", permission="notify.manage", status_code=200)
async def provider_test(view: NamedDependency[View], provider_id: FromPath[UUID]) -> Response[Any]:
    """Send a test message."""
    state = view.state
    try:
        await state.platform.notify.trials.provider(state.work, provider_id, state.principal.company.name)
    except Conflict as refused:
        return await _provider_page(view, provider_id, refused=refused)
    return view.redirect(f"/admin/providers/{provider_id}?done=tried")


@post("/providers/{provider_id:uuid}/active", permission="notify.manage")
async def provider_switch(view: NamedDependency[View], provider_id: FromPath[UUID]) -> Redirect:
    """Switch it on or off."""
    endpoints, work = view.state.platform.notify.endpoints, view.state.work
    found, form = await endpoints.provider(work, provider_id), await view.form()
    new = NewProvider(
        name=found.name,
        scheme=found.scheme,
        kinds=found.kinds,
        site_ids=found.site_ids,
        active=form.get("active") == "true",
    )
    await endpoints.set_provider(work, provider_id, new, posted.version(form))
    return Redirect("/admin/providers", status_code=303)


@post("/providers/{provider_id:uuid}/remove", permission="notify.manage")
async def provider_remove(view: NamedDependency[View], provider_id: FromPath[UUID]) -> Redirect:
    await view.state.platform.notify.endpoints.remove_provider(view.state.work, provider_id)
    return Redirect("/admin/providers", status_code=303)


async def _providers(view: View, *, form: Form | None = None, refused: LodgeError | None = None) -> Response[str]:
    given = form or {}
    faults = posted.faults(refused, _NAMES)
    sites = posted.sites(view)
    schemes = tuple(Choice(scheme, _SCHEMES[scheme]) for scheme in SCHEMES)
    needed = {scheme: tuple(fields) for scheme, fields in FIELDS.items()}
    return await view.html(
        "notify/providers.html",
        status=int(refused.status) if refused else 200,
        needed=tuple((_SCHEMES[scheme], tuple(_SETTINGS[name] for name in names)) for scheme, names in needed.items()),
        fields=(
            posted.field("scheme", msgid("Provider"), given, faults, kind="select", choices=schemes),
            posted.field("name", msgid("Name"), given, faults, required=True, maximum=80),
            *(
                posted.field(name, label, given, faults, kind="password", maximum=200)
                for name, label in _SETTINGS.items()
            ),
        ),
        groups=_groups(sites, faults),
        chosen=posted.chosen(given, ("kinds", "sites"), sites),
        providers=tuple(
            _provider(provider, sites)
            for provider in await view.state.platform.notify.endpoints.providers(view.state.work)
        ),
    )


async def _provider_page(
    view: View,
    provider_id: UUID,
    *,
    done: str = "",
    form: Form | None = None,
    refused: LodgeError | None = None,
) -> Response[str]:
    found = await view.state.platform.notify.endpoints.provider(view.state.work, provider_id)
    page = await log.page(view.state.work, provider_id=provider_id, size=RECENT)
    given = form or {
        "name": [found.name],
        "kinds": list(found.kinds),
        "sites": [str(site_id) for site_id in found.site_ids],
        "active": ["true"] if found.active else [],
    }
    faults, sites = posted.faults(refused, _NAMES), posted.sites(view)
    return await view.html(
        "notify/endpoint.html",
        status=int(refused.status) if refused else 200,
        path=f"/admin/providers/{provider_id}",
        back=("/admin/providers", msgid("Message providers"), "messages"),
        name=found.name,
        version=found.version,
        fields=(
            posted.field("name", msgid("Name"), given, faults, required=True, maximum=80),
            *(
                posted.field(
                    name, _SETTINGS[name], given, faults, kind="password", help=msgid("Empty: it stays."), maximum=200
                )
                for name in FIELDS[found.scheme]
            ),
            posted.field("active", msgid("In use"), given, faults, kind="checkbox"),
        ),
        groups=_groups(sites, faults)[found.scheme == "twilio" :],
        chosen=posted.chosen(given, ("kinds", "sites"), sites),
        secret=None,
        done=done,
        problem=refused.message if refused and not refused.fields else "",
        rows=tuple(delivery_row(delivery) for delivery in page.items),
        waiting=any(delivery.state == "waiting" for delivery in page.items),
    )


def _new(form: Form, scheme: str, *, active: bool) -> NewProvider:
    settings = {name: posted.last(form, name).strip() for name in _SETTINGS if posted.last(form, name).strip()}
    new = {
        "name": posted.last(form, "name"),
        "scheme": scheme,
        "kinds": form.get("kinds", []),
        "site_ids": form.get("sites", []),
        "settings": settings,
        "active": active,
    }
    try:
        return msgspec.convert(new, NewProvider)
    except msgspec.ValidationError as error:
        raise Malformed from error


def _groups(sites: Mapping[str, str], faults: Mapping[str, FieldError]) -> tuple[Group, ...]:
    kinds = tuple(Choice(kind, NEWS[kind]) for kind in KINDS)
    return (
        ("kinds", msgid("What the group hears"), kinds, faults.get("kinds")),
        ("sites", msgid("Sites"), tuple(Choice(*site) for site in sites.items()), faults.get("sites")),
    )


def _provider(provider: Provider, sites: Mapping[str, str]) -> ProviderRow:
    return ProviderRow(
        str(provider.id),
        provider.name,
        _SCHEMES[provider.scheme],
        tuple(NEWS[kind] for kind in provider.kinds),
        posted.names(provider.site_ids, sites),
        provider.active,
        provider.version,
    )


HANDLERS = [
    provider_page,
    provider_add,
    provider_edit,
    provider_save,
    provider_test,
    provider_switch,
    provider_remove,
]
