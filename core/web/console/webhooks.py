"""The pages of webhooks: adding one, whose secret is shown once, changing, trying, switching and removing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from core.errors import Conflict, FieldError, Invalid, LodgeError
from core.i18n import msgid
from core.notify import log
from core.notify.endpoints import NewWebhook, Webhook
from core.web.console import posted
from core.web.console.deliveries import DONE, RECENT, delivery_row
from core.web.console.posted import Form, Group
from core.web.view import View
from core.web.views import Choice, Field, WebhookRow

_NAMES: Final = {"event_types": "events", "site_ids": "sites"}


@get("/webhooks", permission="notify.manage")
async def webhook_page(view: NamedDependency[View]) -> Response[str]:
    return await _webhooks(view)


@post("/webhooks", permission="notify.manage", status_code=200)
async def webhook_add(view: NamedDependency[View]) -> Response[str]:
    """Add one and show its secret, this once. A refusal comes back with the form as it was filled in."""
    form = await view.form_lists()
    try:
        _, secret = await view.state.platform.notify.endpoints.add_webhook(view.state.work, _new(form))
    except Invalid as refused:
        return await _webhooks(view, form=form, refused=refused)
    return await _webhooks(view, created=secret)


@get("/webhooks/{webhook_id:uuid}", permission="notify.manage")
async def webhook_edit(view: NamedDependency[View], webhook_id: FromPath[UUID]) -> Response[str]:
    return await _webhook_page(view, webhook_id, done=DONE.get(view.query.get("done", ""), ""))


@post("/webhooks/{webhook_id:uuid}", permission="notify.manage", status_code=200)
async def webhook_save(view: NamedDependency[View], webhook_id: FromPath[UUID]) -> Response[Any]:
    form = await view.form_lists()
    version = posted.version({"version": posted.last(form, "version")})
    try:
        await view.state.platform.notify.endpoints.set_webhook(view.state.work, webhook_id, _new(form), version)
    except Invalid as refused:
        return await _webhook_page(view, webhook_id, form=form, refused=refused)
    return view.redirect(f"/admin/webhooks/{webhook_id}?done=saved")


@post("/webhooks/{webhook_id:uuid}/secret", permission="notify.manage", status_code=200)
async def webhook_secret(view: NamedDependency[View], webhook_id: FromPath[UUID]) -> Response[str]:
    """Give it a new secret and show that, this once."""
    secret = await view.state.platform.notify.endpoints.succeed_secret(view.state.work, webhook_id)
    return await _webhook_page(view, webhook_id, created=secret)


@post("/webhooks/{webhook_id:uuid}/test", permission="notify.manage", status_code=200)
async def webhook_test(view: NamedDependency[View], webhook_id: FromPath[UUID]) -> Response[Any]:
    """Post a test event."""
    try:
        await view.state.platform.notify.trials.webhook(view.state.work, webhook_id)
    except Conflict as refused:
        return await _webhook_page(view, webhook_id, refused=refused)
    return view.redirect(f"/admin/webhooks/{webhook_id}?done=tried")


@post("/webhooks/{webhook_id:uuid}/active", permission="notify.manage")
async def webhook_switch(view: NamedDependency[View], webhook_id: FromPath[UUID]) -> Redirect:
    """Switch it on or off."""
    endpoints, work = view.state.platform.notify.endpoints, view.state.work
    found, form = await endpoints.webhook(work, webhook_id), await view.form()
    new = NewWebhook(
        url=found.url,
        description=found.description,
        event_types=found.event_types,
        site_ids=found.site_ids,
        active=form.get("active") == "true",
    )
    await endpoints.set_webhook(work, webhook_id, new, posted.version(form))
    return Redirect("/admin/webhooks", status_code=303)


@post("/webhooks/{webhook_id:uuid}/remove", permission="notify.manage")
async def webhook_remove(view: NamedDependency[View], webhook_id: FromPath[UUID]) -> Redirect:
    await view.state.platform.notify.endpoints.remove_webhook(view.state.work, webhook_id)
    return Redirect("/admin/webhooks", status_code=303)


async def _webhooks(
    view: View, *, created: str = "", form: Form | None = None, refused: LodgeError | None = None
) -> Response[str]:
    endpoints, given = view.state.platform.notify.endpoints, form or {}
    faults = posted.faults(refused, _NAMES)
    sites = posted.sites(view)
    return await view.html(
        "notify/webhooks.html",
        status=int(refused.status) if refused else 200,
        created=created,
        fields=_fields(given, faults),
        groups=_groups(view, sites, faults),
        chosen=posted.chosen(given, ("events", "sites"), sites),
        webhooks=tuple(_webhook(webhook, sites) for webhook in await endpoints.webhooks(view.state.work)),
    )


async def _webhook_page(
    view: View,
    webhook_id: UUID,
    *,
    done: str = "",
    created: str = "",
    form: Form | None = None,
    refused: LodgeError | None = None,
) -> Response[str]:
    found = await view.state.platform.notify.endpoints.webhook(view.state.work, webhook_id)
    page = await log.page(view.state.work, webhook_id=webhook_id, size=RECENT)
    given = form or {
        "url": [found.url],
        "description": [found.description],
        "events": found.event_types,
        "sites": [str(site_id) for site_id in found.site_ids],
        "active": ["true"] if found.active else [],
    }
    faults, sites = posted.faults(refused, _NAMES), posted.sites(view)
    return await view.html(
        "notify/endpoint.html",
        status=int(refused.status) if refused else 200,
        path=f"/admin/webhooks/{webhook_id}",
        back=("/admin/webhooks", msgid("Webhooks"), "webhook"),
        name=found.description or found.url,
        version=found.version,
        fields=(*_fields(given, faults), posted.field("active", msgid("In use"), given, faults, kind="checkbox")),
        groups=_groups(view, sites, faults),
        chosen=posted.chosen(given, ("events", "sites"), sites),
        secret=(created, found.former_until),
        done=done,
        problem=refused.message if refused and not refused.fields else "",
        rows=tuple(delivery_row(delivery) for delivery in page.items),
        waiting=any(delivery.state == "waiting" for delivery in page.items),
    )


def _new(form: Form) -> NewWebhook:
    """The webhook of a form; one that is being made has no switch and is on."""
    return NewWebhook(
        url=posted.last(form, "url").strip(),
        description=posted.last(form, "description"),
        event_types=form.get("events", []),
        site_ids=posted.ids(form.get("sites", [])),
        active="version" not in form or posted.last(form, "active") == "true",
    )


def _fields(form: Form, faults: Mapping[str, FieldError]) -> tuple[Field, ...]:
    return (
        posted.field(
            "url", msgid("Address"), form, faults, help=msgid("Public, beginning with https://."), maximum=500
        ),
        posted.field("description", msgid("What it is for"), form, faults, maximum=80),
    )


def _groups(view: View, sites: Mapping[str, str], faults: Mapping[str, FieldError]) -> tuple[Group, ...]:
    events = view.state.platform.notify.endpoints.event_types()
    return (
        ("events", msgid("Events"), tuple(Choice(event, event) for event in events), faults.get("events")),
        ("sites", msgid("Sites"), tuple(Choice(*site) for site in sites.items()), faults.get("sites")),
    )


def _webhook(webhook: Webhook, sites: Mapping[str, str]) -> WebhookRow:
    return WebhookRow(
        str(webhook.id),
        webhook.url,
        webhook.description,
        tuple(webhook.event_types),
        posted.names(webhook.site_ids, sites),
        webhook.active,
        webhook.version,
    )


HANDLERS = [
    webhook_page,
    webhook_add,
    webhook_edit,
    webhook_save,
    webhook_secret,
    webhook_test,
    webhook_switch,
    webhook_remove,
]
