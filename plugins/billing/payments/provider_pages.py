"""Payment providers in the console: what a site tells them, below …/billing/payments/providers. Secrets go in and never
come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Conflict,
    Invalid,
    LodgeError,
    NotFound,
    PaymentProvider,
    Platform,
    PreconditionFailed,
    Site,
    View,
    Work,
    msgid,
    setting_fields,
    views,
)
from plugins.billing.payments import providers
from plugins.billing.payments.model import ChangedProvider, NewProvider, Provider
from plugins.billing.permissions import PROVIDER_SET

_KEPT: Final = msgid("One is kept. Leave this empty to keep it.")


@get("/payments/providers", permission=PROVIDER_SET.id)
async def provider_list(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
) -> Response[str]:
    """Providers that plugins offer here, each with the form of what it has to be told."""
    return await _page(platform, work, site, view)


@post("/payments/providers", permission=PROVIDER_SET.id, status_code=200)
async def provider_add(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
) -> Response[Any]:
    """Set one up."""
    values = await view.form()
    which = values.get("provider", "")[:60]
    try:
        async with work.savepoint():
            await providers.add(platform, work, site, NewProvider(which, _settings(values), _active(values)))
    except (Invalid, Conflict) as refused:
        return await _page(platform, work, site, view, which, values, refused)
    return view.redirect(f"/s/{site.slug}/billing/payments/providers")


@post("/payments/providers/{billing_provider_id:uuid}", permission=PROVIDER_SET.id, status_code=200)
async def provider_change(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_provider_id: FromPath[UUID],
) -> Response[Any]:
    """Tell one something else, or switch it on or off."""
    values = await view.form()
    text = values.get("version", "")
    version = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    new = ChangedProvider(_settings(values), _active(values))
    known = {each.id: each.provider for each in await providers.listed(platform, work, site)}
    if billing_provider_id not in known:
        raise NotFound
    try:
        async with work.savepoint():
            await providers.change(platform, work, site, billing_provider_id, new, version)
    except (Invalid, Conflict, PreconditionFailed) as refused:
        return await _page(platform, work, site, view, known[billing_provider_id], values, refused)
    return view.redirect(f"/s/{site.slug}/billing/payments/providers")


async def _page(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    which: str = "",
    values: Mapping[str, str] = {},
    refused: LodgeError | None = None,
) -> Response[str]:
    known = {each.provider: each for each in await providers.listed(platform, work, site)}
    forms = [
        _form(view, plugin, offered, known.get(offered.id), values if offered.id == which else None, refused)
        for plugin, offered in platform.payments.offered(work.ctx, site.id)
    ]
    gone = [each for each in known.values() if not each.offered]
    return await view.html("billing/providers.html", status=refused.status if refused else 200, forms=forms, gone=gone)


def _form(
    view: View,
    plugin: str,
    offered: PaymentProvider,
    known: Provider | None,
    values: Mapping[str, str] | None,
    refused: LodgeError | None,
) -> dict[str, Any]:
    """What `providers.html` shows of one: its title and its fields, in the words of its own plugin."""
    wrong = {e.field: e for e in refused.fields} if refused is not None and values is not None else {}
    told = dict(known.settings) if known else {}
    fields = []
    for each in setting_fields(offered.settings):
        name = f"settings.{each.name}"
        kept = known is not None and each.name in known.secrets
        error = wrong.get(name)
        fields.append(
            views.Field(
                name,
                view.say_of(plugin, each.title),
                "password" if each.secret else "text",
                (values or {}).get(name, told.get(each.name, "")) if not each.secret else "",
                help=_KEPT if kept else view.say_of(plugin, each.help) if each.help else "",
                required=each.required and not kept,
                maximum=8000,
                autocomplete="new-password" if each.secret else "off",
                error=error.message if error else "",
                params=error.params if error else {},
            )
        )
    on = _active(values) if values is not None else known.active if known else True
    switch = views.Field("active", msgid("The counter shows its codes"), "checkbox", "true" if on else "")
    said = view.reason(refused) if refused is not None and values is not None and not wrong else ""
    return {
        "id": offered.id, "title": view.say_of(plugin, offered.title), "known": known, "fields": (*fields, switch),
        "told": said,
    }  # fmt: skip


def _settings(values: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("settings."): text[:8000] for name, text in values.items() if name.startswith("settings.")
    }


def _active(values: Mapping[str, str]) -> bool:
    return values.get("active") == "true"


HANDLERS: list[HTTPRouteHandler] = [provider_list, provider_add, provider_change]
