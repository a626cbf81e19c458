"""Webhooks, message providers and the delivery log in the JSON API."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core.auth.principals import Principal
from core.notify import log
from core.notify.endpoints import NewProvider, NewWebhook, Provider, Webhook
from core.notify.model import DeliveryPage, State
from core.platform import Platform
from core.web.api.notify import Version, changed
from core.work import Work


class Webhooks(msgspec.Struct, frozen=True):
    """`event_types` are all that a webhook can ask for."""

    webhooks: list[Webhook]
    event_types: list[str]


class IssuedWebhook(msgspec.Struct, frozen=True):
    """`secret` proves the signatures (Standard Webhooks); it is stored sealed and cannot be shown again."""

    id: UUID
    secret: str


class IssuedSecret(msgspec.Struct, frozen=True):
    """The webhook's new secret, shown this once; the one before signs as well for a day."""

    secret: str


class Providers(msgspec.Struct, frozen=True):
    providers: list[Provider]


class Made(msgspec.Struct, frozen=True):
    id: UUID


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
    """A webhook as it is set up, without its secret; its version is in the ETag."""
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
    return changed(await platform.notify.endpoints.set_webhook(work, webhook_id, data, if_match))


@post("/webhooks/{webhook_id:uuid}/secret", permission="notify.manage", personal=True, status_code=200)
async def succeed_secret(
    work: NamedDependency[Work], platform: NamedDependency[Platform], webhook_id: FromPath[UUID]
) -> IssuedSecret:
    """Give a webhook a new secret. For a day deliveries are signed with the one before, too."""
    return IssuedSecret(await platform.notify.endpoints.succeed_secret(work, webhook_id))


@post("/webhooks/{webhook_id:uuid}/test", permission="notify.manage", status_code=202)
async def try_webhook(
    work: NamedDependency[Work], platform: NamedDependency[Platform], webhook_id: FromPath[UUID]
) -> Made:
    """Post a test event, `lodge.test.v1`, once; the delivery log shows what came of it."""
    return Made(await platform.notify.trials.webhook(work, webhook_id))


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
    """A provider as it is set up, without its secrets; its version is in the ETag."""
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
    """Change a provider. `settings` that are left out stay."""
    return changed(await platform.notify.endpoints.set_provider(work, provider_id, data, if_match))


@post("/providers/{provider_id:uuid}/test", permission="notify.manage", status_code=202)
async def try_provider(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    provider_id: FromPath[UUID],
) -> Made:
    """Send a test message to the group, or to oneself as a text message, once; the log shows what came of it."""
    return Made(await platform.notify.trials.provider(work, provider_id, principal.company.name))


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
    provider_id: FromQuery[UUID | None] = None,
    after: FromQuery[UUID | None] = None,
) -> DeliveryPage:
    """What was queued for sites one may enter and what came of it, the newest first."""
    return await log.page(work, state=status, webhook_id=webhook_id, provider_id=provider_id, after=after)


@post("/deliveries/{delivery_id:uuid}/send", permission="notify.manage", status_code=202)
async def send_again(work: NamedDependency[Work], delivery_id: FromPath[UUID]) -> None:
    """Send a parked or sent message once more, under the id it has."""
    await log.send_again(work, delivery_id)


HANDLERS = [
    list_webhooks,
    add_webhook,
    get_webhook,
    put_webhook,
    succeed_secret,
    try_webhook,
    remove_webhook,
    list_providers,
    add_provider,
    get_provider,
    put_provider,
    try_provider,
    remove_provider,
    list_deliveries,
    send_again,
]
