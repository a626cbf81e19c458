"""The page of webhooks: adding one, whose secret is shown once, switching and removing."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from core.errors import Invalid, LodgeError
from core.i18n import msgid
from core.notify.endpoints import NewWebhook, Webhook
from core.web.console import posted
from core.web.console.posted import Form
from core.web.view import View
from core.web.views import Choice, WebhookRow


@get("/webhooks", permission="notify.manage")
async def webhook_page(view: NamedDependency[View]) -> Response[str]:
    return await _webhooks(view)


@post("/webhooks", permission="notify.manage", status_code=200)
async def webhook_add(view: NamedDependency[View]) -> Response[str]:
    """Add one and show its secret, this once. A refusal comes back with the form as it was filled in."""
    form = await view.form_lists()
    new = NewWebhook(
        url=posted.last(form, "url").strip(),
        description=posted.last(form, "description"),
        event_types=form.get("events", []),
        site_ids=posted.ids(form.get("sites", [])),
    )
    try:
        _, secret = await view.state.platform.notify.endpoints.add_webhook(view.state.work, new)
    except Invalid as refused:
        return await _webhooks(view, form=form, refused=refused)
    return await _webhooks(view, created=secret)


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
    faults = posted.faults(refused, {"event_types": "events", "site_ids": "sites"})
    sites = posted.sites(view)
    return await view.html(
        "notify/webhooks.html",
        status=int(refused.status) if refused else 200,
        created=created,
        fields=(
            posted.field(
                "url", msgid("Address"), given, faults, help=msgid("Public, beginning with https://."), maximum=500
            ),
            posted.field("description", msgid("What it is for"), given, faults, maximum=80),
        ),
        groups=(
            (
                "events",
                msgid("Events"),
                tuple(Choice(event, event) for event in endpoints.event_types()),
                faults.get("events"),
            ),
            ("sites", msgid("Sites"), tuple(Choice(*site) for site in sites.items()), faults.get("sites")),
        ),
        chosen=posted.chosen(given, ("events", "sites"), sites),
        webhooks=tuple(_webhook(webhook, sites) for webhook in await endpoints.webhooks(view.state.work)),
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


HANDLERS = [webhook_page, webhook_add, webhook_switch, webhook_remove]
