"""Where a company's messages go besides people: webhooks for events, chat groups and text messages by providers.

Whoever may enter some sites only has no say over what serves others, and does not see it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.errors import FieldError, Invalid, NotFound, PreconditionFailed
from core.estate.sealing import Sealer
from core.notify.channels.provider import Scheme, check
from core.notify.channels.webhook import new_secret
from core.notify.egress import Egress, Refused
from core.notify.model import KINDS, Kind
from core.work import Work

Name = Annotated[str, msgspec.Meta(max_length=80)]
Url = Annotated[str, msgspec.Meta(max_length=500)]


class Webhook(msgspec.Struct, frozen=True):
    """A webhook as listed; its secret was shown when it was made. The one before it signs too until `former_until`."""

    id: UUID
    url: str
    description: str
    event_types: list[str]
    site_ids: list[UUID]
    active: bool
    created_at: datetime
    version: int
    former_until: datetime | None


class NewWebhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is posted where: events of these types, of these sites."""

    url: Url
    description: Name = ""
    event_types: Annotated[list[str], msgspec.Meta(max_length=100)]
    site_ids: Annotated[list[UUID], msgspec.Meta(max_length=1000)]
    active: bool = True


class Provider(msgspec.Struct, frozen=True):
    """A provider as listed; its tokens are never shown again."""

    id: UUID
    name: str
    scheme: Scheme
    kinds: list[Kind]
    site_ids: list[UUID]
    active: bool
    created_at: datetime
    version: int


class NewProvider(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A chat group that hears news of these kinds, or (twilio) the way to send text messages to people.

    `settings` are the fields of the scheme; those that are left out when a provider is changed stay.
    """

    name: Name
    scheme: Scheme
    kinds: Annotated[list[Kind], msgspec.Meta(max_length=20)] = []
    site_ids: Annotated[list[UUID], msgspec.Meta(max_length=1000)]
    settings: dict[str, Annotated[str, msgspec.Meta(max_length=200)]] = {}
    active: bool = True


OVERLAP = timedelta(days=1)  # how long a secret still signs after it has been succeeded

_WEBHOOK = "id, url, description, event_types, site_ids, active, created_at, version"
_PROVIDER = "id, name, scheme, kinds, site_ids, active, created_at, version"
_WEBHOOKS = f"""
SELECT {_WEBHOOK}, CASE WHEN former_until > $3 THEN former_until END
FROM webhook WHERE company_id = $1 AND site_ids <@ $2 ORDER BY id DESC
"""  # noqa: S608
_PROVIDERS = f"""
SELECT {_PROVIDER} FROM notify_provider WHERE company_id = $1 AND site_ids <@ $2 ORDER BY id DESC
"""  # noqa: S608
_ADD_WEBHOOK = """
INSERT INTO webhook (company_id, id, url, description, event_types, site_ids, active, secret_sealed, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_SET_WEBHOOK = """
UPDATE webhook SET url = $4, description = $5, event_types = $6, site_ids = $7, active = $8, version = version + 1
WHERE company_id = $1 AND id = $2 AND version = $3
"""
_SUCCEED = """
UPDATE webhook SET former_sealed = secret_sealed, former_until = $4, secret_sealed = $3, version = version + 1
WHERE company_id = $1 AND id = $2
"""
_ADD_PROVIDER = """
INSERT INTO notify_provider (company_id, id, name, scheme, kinds, site_ids, active, settings_sealed, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_SET_PROVIDER = """
UPDATE notify_provider SET name = $4, scheme = $5, kinds = $6, site_ids = $7, active = $8,
    settings_sealed = coalesce($9, settings_sealed), version = version + 1
WHERE company_id = $1 AND id = $2 AND version = $3
"""
_SETTINGS = "SELECT settings_sealed FROM notify_provider WHERE company_id = $1 AND id = $2"
_REMOVE_WEBHOOK = "DELETE FROM webhook WHERE company_id = $1 AND id = $2 AND site_ids <@ $3 RETURNING url"
_REMOVE_PROVIDER = "DELETE FROM notify_provider WHERE company_id = $1 AND id = $2 AND site_ids <@ $3 RETURNING name"
_Endpoint = TypeVar("_Endpoint", Webhook, Provider)
_decode = msgspec.json.Decoder(dict[str, str]).decode
_HOST = re.compile(r"(https?://[^/?#]*)")


class Endpoints:
    """`event_types` are those there are, of core and of the plugins."""

    def __init__(self, sealer: Sealer, egress: Egress, event_types: Callable[[], Collection[str]]) -> None:
        self._sealer = sealer
        self._egress = egress
        self._event_types = event_types

    def event_types(self) -> list[str]:
        """What a webhook can ask for."""
        return sorted(self._event_types())

    async def webhooks(self, work: Work) -> list[Webhook]:
        """Those of no other sites than the actor may enter, the newest first."""
        return await work.uow.fetch(Webhook, _WEBHOOKS, work.ctx.company_id, list(work.ctx.site_ids), work.now)

    async def webhook(self, work: Work, webhook_id: UUID) -> Webhook:
        """Raises NotFound."""
        return _named(await self.webhooks(work), webhook_id)

    async def add_webhook(self, work: Work, new: NewWebhook) -> tuple[UUID, str]:
        """The webhook's id and its secret, to be shown this once. Raises Invalid naming every wrong field."""
        self._check_webhook(work, new)
        webhook_id, (text, secret) = new_id(), new_secret()
        sealed = self._sealer.seal(work.ctx.company_id, webhook_id, secret)
        await work.uow.execute(_ADD_WEBHOOK, work.ctx.company_id, webhook_id, *_columns_of(new), sealed, work.now)
        work.audit("webhook.added", "webhook", webhook_id, {"url": _host(new.url), "events": len(new.event_types)})
        return webhook_id, text

    async def set_webhook(self, work: Work, webhook_id: UUID, new: NewWebhook, expected: int) -> int:
        """Change it; the new version. Raises NotFound, Invalid or PreconditionFailed."""
        await self.webhook(work, webhook_id)
        self._check_webhook(work, new)
        columns = _columns_of(new)
        if not await work.uow.execute(_SET_WEBHOOK, work.ctx.company_id, webhook_id, expected, *columns):
            raise PreconditionFailed
        work.audit("webhook.changed", "webhook", webhook_id, {"url": _host(new.url), "active": new.active})
        return expected + 1

    async def succeed_secret(self, work: Work, webhook_id: UUID) -> str:
        """A new secret, to be shown this once; the one before signs as well for `OVERLAP`. Raises NotFound."""
        found = await self.webhook(work, webhook_id)
        text, secret = new_secret()
        sealed = self._sealer.seal(work.ctx.company_id, webhook_id, secret)
        await work.uow.execute(_SUCCEED, work.ctx.company_id, webhook_id, sealed, work.now + OVERLAP)
        work.audit("webhook.secret_succeeded", "webhook", webhook_id, {"url": _host(found.url)})
        return text

    async def remove_webhook(self, work: Work, webhook_id: UUID) -> None:
        """What was not delivered yet will not be. Raises NotFound."""
        url = await work.uow.value(_REMOVE_WEBHOOK, work.ctx.company_id, webhook_id, list(work.ctx.site_ids))
        if url is None:
            raise NotFound
        work.audit("webhook.removed", "webhook", webhook_id, {"url": _host(url)})

    async def providers(self, work: Work) -> list[Provider]:
        """Those of no other sites than the actor may enter, the newest first."""
        return await work.uow.fetch(Provider, _PROVIDERS, work.ctx.company_id, list(work.ctx.site_ids))

    async def provider(self, work: Work, provider_id: UUID) -> Provider:
        """Raises NotFound."""
        return _named(await self.providers(work), provider_id)

    async def add_provider(self, work: Work, new: NewProvider) -> UUID:
        """Its id. Raises Invalid naming every wrong field."""
        kept = self._check_provider(work, new, new.settings)
        provider_id = new_id()
        sealed = self._sealer.seal(work.ctx.company_id, provider_id, msgspec.json.encode(kept))
        await work.uow.execute(_ADD_PROVIDER, work.ctx.company_id, provider_id, *_columns_of(new), sealed, work.now)
        work.audit("provider.added", "notify_provider", provider_id, {"name": new.name, "scheme": new.scheme})
        return provider_id

    async def set_provider(self, work: Work, provider_id: UUID, new: NewProvider, expected: int) -> int:
        """Change it; the new version. Raises NotFound, Invalid or PreconditionFailed."""
        before = await self.provider(work, provider_id)
        same = before.scheme == new.scheme
        settings = (
            {**await self._settings(work, provider_id), **new.settings} if same and new.settings else new.settings
        )
        kept = self._check_provider(work, new, settings if settings or not same else None)
        sealed = self._sealer.seal(work.ctx.company_id, provider_id, msgspec.json.encode(kept)) if kept else None
        columns = _columns_of(new)
        if not await work.uow.execute(_SET_PROVIDER, work.ctx.company_id, provider_id, expected, *columns, sealed):
            raise PreconditionFailed
        work.audit("provider.changed", "notify_provider", provider_id, {"name": new.name, "active": new.active})
        return expected + 1

    async def _settings(self, work: Work, provider_id: UUID) -> dict[str, str]:
        sealed: bytes = await work.uow.value(_SETTINGS, work.ctx.company_id, provider_id)
        return _decode(self._sealer.unseal(work.ctx.company_id, provider_id, sealed))

    async def remove_provider(self, work: Work, provider_id: UUID) -> None:
        """Its tokens are gone with it. Raises NotFound."""
        name = await work.uow.value(_REMOVE_PROVIDER, work.ctx.company_id, provider_id, list(work.ctx.site_ids))
        if name is None:
            raise NotFound
        work.audit("provider.removed", "notify_provider", provider_id, {"name": name})

    def _check_webhook(self, work: Work, new: NewWebhook) -> None:
        wrong = list(_wrong_sites(work, new.site_ids))
        try:
            self._egress.check(new.url)
        except Refused:
            wrong.append(FieldError("url", "Give a public address that begins with https://."))
        known = set(self._event_types())
        if not new.event_types or not known.issuperset(new.event_types):
            wrong.append(FieldError("event_types", "Choose at least one of the events there are."))
        if wrong:
            raise Invalid(fields=wrong)

    def _check_provider(self, work: Work, new: NewProvider, settings: Mapping[str, str] | None) -> dict[str, str]:
        wrong = list(_wrong_sites(work, new.site_ids))
        if not new.name.strip():
            wrong.append(FieldError("name", "Give it a name that people know it by."))
        if new.scheme != "twilio" and not new.kinds:
            wrong.append(FieldError("kinds", "Choose at least one kind of news."))
        kept: dict[str, str] = {}
        try:
            kept = check(new.scheme, settings) if settings is not None else {}
        except Invalid as invalid:
            wrong += invalid.fields
        if wrong:
            raise Invalid(fields=wrong)
        return kept


def _wrong_sites(work: Work, site_ids: list[UUID]) -> list[FieldError]:
    if not site_ids:
        return [FieldError("site_ids", "Choose at least one site.")]
    if set(site_ids) - work.ctx.site_ids:
        return [FieldError("site_ids", "There is no such site.")]
    return []


def _columns_of(new: NewWebhook | NewProvider) -> tuple[object, ...]:
    """In the order in which both statements take them."""
    if isinstance(new, NewWebhook):
        return new.url, new.description.strip(), sorted(set(new.event_types)), new.site_ids, new.active
    kinds = [kind for kind in KINDS if kind in new.kinds]
    return new.name.strip(), new.scheme, kinds, new.site_ids, new.active


def _named(found: list[_Endpoint], id: UUID) -> _Endpoint:
    one = next((each for each in found if each.id == id), None)
    if one is None:
        raise NotFound
    return one


def _host(url: str) -> str:
    """A webhook's address without its path, which may hold a secret of the receiver's."""
    found = _HOST.match(url)
    return found[1] if found else ""
