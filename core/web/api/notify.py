"""Notifications, webhooks, message providers and the delivery log in the JSON API."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core.notify import log
from core.notify.endpoints import NewProvider, NewWebhook, Provider, Webhook
from core.notify.model import DeliveryPage, Inbox, MyPreferences, NewPreferences, Notice, State
from core.platform import Platform
from core.web.rendering import masked
from core.work import Work


class Webhooks(msgspec.Struct, frozen=True):
    """`event_types` are all that a webhook can ask for."""

    webhooks: list[Webhook]
    event_types: list[str]


class IssuedWebhook(msgspec.Struct, frozen=True):
    """`secret` proves the signatures (Standard Webhooks); it is stored sealed and cannot be shown again."""

    id: UUID
    secret: str


class Providers(msgspec.Struct, frozen=True):
    providers: list[Provider]


class Made(msgspec.Struct, frozen=True):
    id: UUID


class Version(msgspec.Struct, frozen=True):
    """The version after the change, for the next If-Match."""

    version: int


class Count(msgspec.Struct, frozen=True):
    count: int


@get("/notifications", signed_in=True)
async def list_notifications(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    unread: FromQuery[bool] = False,
    after: FromQuery[UUID | None] = None,
) -> Inbox:
    """One's own notifications at the sites one may enter, the newest first; page by page."""
    return await platform.notify.notices.inbox(work, after=after, unread=unread)


@post("/notifications/{notification_id:uuid}/read", signed_in=True, status_code=200)
async def read_notification(
    work: NamedDependency[Work], platform: NamedDependency[Platform], notification_id: FromPath[UUID]
) -> Notice:
    """Mark one as read."""
    return await platform.notify.notices.read(work, notification_id)


@post("/notifications/read", signed_in=True, status_code=200)
async def read_notifications(work: NamedDependency[Work], platform: NamedDependency[Platform]) -> Count:
    """Mark all as read; how many were not."""
    return Count(await platform.notify.notices.read_all(work))


@get("/notifications/preferences", signed_in=True)
async def get_preferences(work: NamedDependency[Work], platform: NamedDependency[Platform]) -> Response[MyPreferences]:
    """How one is told, with the telephone number masked."""
    found = await platform.notify.notices.preferences(work)
    shown = msgspec.structs.replace(found, phone=masked(found.phone))
    return Response(shown, headers={"ETag": f'"{found.version}"'})


@put("/notifications/preferences", signed_in=True)
async def put_preferences(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    data: JSONBody[NewPreferences],
) -> Response[Version]:
    """Set how one is told. An address that is left out stays as it is, an empty one is forgotten."""
    return _changed(await platform.notify.notices.set_preferences(work, data, if_match))


@get("/webhooks", permission="notify.manage")
async def list_webhooks(work: NamedDependency[Work], platform: NamedDependency[Platform]) -> Webhooks:
    """The company's webhooks for sites one may enter, the newest first, and the events there are."""
    endpoints = platform.notify.endpoints
    return Webhooks(await endpoints.webhooks(work), endpoints.event_types())


@post("/webhooks", permission="notify.manage", personal=True)
async def add_webhook(
    work: NamedDependency[Work], platform: NamedDependency[Platform], data: JSONBody[NewWebhook]
) -> Response[IssuedWebhook]:
    """Post events somewhere. The secret is shown this once, so the answer is not kept for a repetition."""
    webhook_id, secret = await platform.notify.endpoints.add_webhook(work, data)
    location = {"Location": f"/api/v1/webhooks/{webhook_id}", "ETag": '"1"'}
    return Response(IssuedWebhook(webhook_id, secret), status_code=201, headers=location)


@get("/webhooks/{webhook_id:uuid}", permission="notify.manage")
async def get_webhook(
    work: NamedDependency[Work], platform: NamedDependency[Platform], webhook_id: FromPath[UUID]
) -> Response[Webhook]:
    found = await platform.notify.endpoints.webhook(work, webhook_id)
    return Response(found, headers={"ETag": f'"{found.version}"'})


@put("/webhooks/{webhook_id:uuid}", permission="notify.manage")
async def put_webhook(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    webhook_id: FromPath[UUID],
    data: JSONBody[NewWebhook],
) -> Response[Version]:
    """Change a webhook; its secret stays."""
    return _changed(await platform.notify.endpoints.set_webhook(work, webhook_id, data, if_match))


@delete("/webhooks/{webhook_id:uuid}", permission="notify.manage")
async def remove_webhook(
    work: NamedDependency[Work], platform: NamedDependency[Platform], webhook_id: FromPath[UUID]
) -> None:
    """Remove a webhook with its deliveries; what was not sent yet will not be."""
    await platform.notify.endpoints.remove_webhook(work, webhook_id)


@get("/providers", permission="notify.manage")
async def list_providers(work: NamedDependency[Work], platform: NamedDependency[Platform]) -> Providers:
    """Chat groups and text message services for sites one may enter, without their tokens."""
    return Providers(await platform.notify.endpoints.providers(work))


@post("/providers", permission="notify.manage")
async def add_provider(
    work: NamedDependency[Work], platform: NamedDependency[Platform], data: JSONBody[NewProvider]
) -> Response[Made]:
    """Add one. `settings`: wecom key · dingtalk token, secret · feishu token · twilio account, token, phone."""
    provider_id = await platform.notify.endpoints.add_provider(work, data)
    location = {"Location": f"/api/v1/providers/{provider_id}", "ETag": '"1"'}
    return Response(Made(provider_id), status_code=201, headers=location)


@get("/providers/{provider_id:uuid}", permission="notify.manage")
async def get_provider(
    work: NamedDependency[Work], platform: NamedDependency[Platform], provider_id: FromPath[UUID]
) -> Response[Provider]:
    found = await platform.notify.endpoints.provider(work, provider_id)
    return Response(found, headers={"ETag": f'"{found.version}"'})


@put("/providers/{provider_id:uuid}", permission="notify.manage")
async def put_provider(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    provider_id: FromPath[UUID],
    data: JSONBody[NewProvider],
) -> Response[Version]:
    """Change a provider. Without `settings` its tokens stay."""
    return _changed(await platform.notify.endpoints.set_provider(work, provider_id, data, if_match))


@delete("/providers/{provider_id:uuid}", permission="notify.manage")
async def remove_provider(
    work: NamedDependency[Work], platform: NamedDependency[Platform], provider_id: FromPath[UUID]
) -> None:
    """Remove a provider and its tokens."""
    await platform.notify.endpoints.remove_provider(work, provider_id)


@get("/deliveries", permission="notify.manage")
async def list_deliveries(
    work: NamedDependency[Work],
    status: FromQuery[State | None] = None,
    webhook_id: FromQuery[UUID | None] = None,
    after: FromQuery[UUID | None] = None,
) -> DeliveryPage:
    """What was queued for sites one may enter and what came of it, the newest first."""
    return await log.page(work, state=status, webhook_id=webhook_id, after=after)


@post("/deliveries/{delivery_id:uuid}/send", permission="notify.manage", status_code=202)
async def send_again(work: NamedDependency[Work], delivery_id: FromPath[UUID]) -> None:
    """Send a parked or sent message once more, under the id it has."""
    await log.send_again(work, delivery_id)


def _changed(version: int) -> Response[Version]:
    return Response(Version(version), headers={"ETag": f'"{version}"'})


HANDLERS = [
    list_notifications,
    read_notification,
    read_notifications,
    get_preferences,
    put_preferences,
    list_webhooks,
    add_webhook,
    get_webhook,
    put_webhook,
    remove_webhook,
    list_providers,
    add_provider,
    get_provider,
    put_provider,
    remove_provider,
    list_deliveries,
    send_again,
]
