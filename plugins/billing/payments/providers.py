"""Providers of a site as they are set up: who leads says by whom codes are made. Secrets are kept sealed and never
shown again. Callers commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import (
    Conflict,
    FieldError,
    Invalid,
    NotFound,
    PaymentDoor,
    PaymentProvider,
    Platform,
    PreconditionFailed,
    Site,
    TenantContext,
    Work,
    msgid,
    new_id,
    setting_fields,
)
from plugins.billing.access import enter
from plugins.billing.payments import repository
from plugins.billing.payments.model import ChangedProvider, NewProvider, Provider
from plugins.billing.payments.repository import Known

GONE: Final = msgid("The payment provider is not there any more, or its settings cannot be read. Set it up again.")


class Ready(msgspec.Struct, frozen=True):
    """A provider with what it takes to ask it for a site."""

    known: Known
    provider: PaymentProvider
    settings: Any
    door: PaymentDoor


def ready(platform: Platform, ctx: TenantContext, known: Known) -> Ready:
    """A provider that can be asked. Raises Conflict where its plugin is off, or its settings cannot be read."""
    provider = platform.payments.find(known.provider, ctx, known.site_id)
    if provider is None:
        raise Conflict(GONE)
    told = msgspec.json.decode(known.settings, type=dict[str, str])
    if known.secrets_sealed is not None:
        opened = platform.sealer.unseal(ctx.company_id, known.id, known.secrets_sealed)
        told |= msgspec.json.decode(opened, type=dict[str, str])
    try:
        settings = msgspec.convert(told, provider.settings)
    except msgspec.ValidationError:
        raise Conflict(GONE) from None
    return Ready(known, provider, settings, platform.payments.door(ctx.company_id))


async def listed(platform: Platform, work: Work, site: Site) -> list[Provider]:
    """Those that are set up at the site."""
    enter(work, site)
    return [_shown(platform, work, known) for known in await repository.providers(work.uow, site.id)]


async def active(platform: Platform, work: Work, site: Site) -> PaymentProvider | None:
    """Whose code the counter shows; None: it shows none."""
    known = await repository.active(work.uow, site.id)
    return None if known is None else platform.payments.find(known.provider, work.ctx, site.id)


async def add(platform: Platform, work: Work, site: Site, new: NewProvider) -> Provider:
    """Set a provider up. Raises Invalid, and Conflict where it is set up already."""
    enter(work, site)
    offered = platform.payments.find(new.provider, work.ctx, site.id)
    if offered is None:
        raise Invalid.field("provider", msgid("Choose a payment provider that is there."))
    id, by = new_id(), (work.ctx.actor.id, work.ctx.actor.name)
    plain, secret = _told(offered, new.settings, {})
    if new.active:
        await repository.others_off(work.uow, site.id, id)
    sealed = _sealed(platform, work, id, secret)
    if not await repository.add(work.uow, site.id, id, offered.id, plain, sealed, new.active, work.now, by):
        raise Conflict(msgid("This provider is set up already. Change it instead."))
    work.audit("billing.provider.set", "billing_provider", id, _changes(offered.id, new.active), site_id=site.id)
    return await _get(platform, work, site, id)


async def change(
    platform: Platform, work: Work, site: Site, provider_id: UUID, new: ChangedProvider, expected: int
) -> Provider:
    """Tell a provider something else, or switch it on or off. Raises NotFound, Invalid, PreconditionFailed, and
    Conflict where its plugin is off."""
    enter(work, site)
    known = await repository.provider(work.uow, provider_id)
    if known is None or known.site_id != site.id:
        raise NotFound
    if known.version != expected:
        raise PreconditionFailed
    offered = platform.payments.find(known.provider, work.ctx, site.id)
    if offered is None:
        raise Conflict(GONE)
    kept: dict[str, str] = {}
    if known.secrets_sealed is not None:
        opened = platform.sealer.unseal(work.ctx.company_id, known.id, known.secrets_sealed)
        kept = msgspec.json.decode(opened, type=dict[str, str])
    plain, secret = _told(offered, new.settings, kept)
    if new.active:
        await repository.others_off(work.uow, site.id, known.id)
    sealed, by = _sealed(platform, work, known.id, secret), (work.ctx.actor.id, work.ctx.actor.name)
    if not await repository.change(work.uow, site.id, known.id, expected, plain, sealed, new.active, work.now, by):
        raise PreconditionFailed
    work.audit("billing.provider.set", "billing_provider", known.id, _changes(offered.id, new.active), site_id=site.id)
    return await _get(platform, work, site, known.id)


async def _get(platform: Platform, work: Work, site: Site, id: UUID) -> Provider:
    known = await repository.provider(work.uow, id)
    assert known is not None  # it was written just now
    return _shown(platform, work, known)


def _told(offered: PaymentProvider, given: Mapping[str, str], kept: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Settings as they are stored, and secrets. Raises Invalid naming the field."""
    fields = setting_fields(offered.settings)
    wrong = [
        FieldError(f"settings.{name}", msgid("There is no such setting."))
        for name in given.keys() - {field.name for field in fields}
    ]
    told: dict[str, str] = {}
    for field in fields:
        text = given.get(field.name, "").strip() or (kept.get(field.name, "") if field.secret else "")
        if text:
            told[field.name] = text
        elif field.required:
            wrong.append(FieldError(f"settings.{field.name}", msgid("Fill this in.")))
    if not wrong:
        try:
            msgspec.convert(told, offered.settings)
        except msgspec.ValidationError as error:
            path = str(error).rpartition("$.")[2].rstrip("`")
            wrong.append(FieldError(f"settings.{path}", msgid("This does not fit: look it up with the provider.")))
    if wrong:
        raise Invalid(fields=wrong)
    secrets = {field.name for field in fields if field.secret}
    plain = {name: text for name, text in told.items() if name not in secrets}
    return msgspec.json.encode(plain).decode(), {name: text for name, text in told.items() if name in secrets}


def _sealed(platform: Platform, work: Work, id: UUID, secret: Mapping[str, str]) -> bytes | None:
    if not secret:
        return None
    return platform.sealer.seal(work.ctx.company_id, id, msgspec.json.encode(dict(secret)))


def _shown(platform: Platform, work: Work, known: Known) -> Provider:
    names: list[str] = []
    if known.secrets_sealed is not None:
        opened = platform.sealer.unseal(work.ctx.company_id, known.id, known.secrets_sealed)
        names = sorted(msgspec.json.decode(opened, type=dict[str, str]))
    return Provider(
        known.id,
        known.provider,
        msgspec.json.decode(known.settings, type=dict[str, str]),
        names,
        known.active,
        platform.payments.find(known.provider, work.ctx, known.site_id) is not None,
        known.changed_at,
        known.changed_by_name,
        known.version,
    )


def _changes(provider: str, active: bool) -> dict[str, object]:
    return {"billing.provider": provider, "active": active}
