"""API tokens: issued once in plain text, stored as a hash, never stronger than who issued them (AZ-4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec

from core.auth.principals import API_TOKEN
from core.auth.roles import lacking
from core.auth.tokens import make_stored
from core.db.ids import new_id
from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from core.work import Work


class ApiToken(msgspec.Struct, frozen=True):
    """A token as listed; its text is never shown again. `created_by` is the issuer's name.

    One of a service account may do what that may; any other what its issuer still may. It was last used on a day, from
    a part of the network (`192.0.2.0/24`).
    """

    id: UUID
    name: str
    permissions: list[str]
    all_sites: bool
    site_ids: list[UUID]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    service_account_id: UUID | None
    service_account: str
    last_used_on: date | None
    last_used_from: str


class NewApiToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to issue: permissions and sites must be among the issuer's own."""

    name: str
    permissions: list[str]
    site_ids: list[UUID]
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many hours the former token stays good, so that what uses it can change over."""

    overlap_hours: Annotated[int, msgspec.Meta(ge=0, le=168)] = 24


class _Rotated(msgspec.Struct):
    name: str
    permissions: list[str]
    site_ids: list[UUID]
    service_account_id: UUID | None
    created_at: datetime
    expires_at: datetime | None


NAME = 80  # characters
# Whoever may enter some sites only has no say over tokens that reach further.
_LIST = """
SELECT t.id, t.name, t.permissions, t.all_sites, t.site_ids, m.name, t.created_at, t.expires_at, t.revoked_at,
    t.service_account_id, coalesce(a.name, ''), t.last_used_on, t.last_used_from
FROM api_token t
JOIN membership m ON m.company_id = t.company_id AND m.id = t.created_by
LEFT JOIN service_account a ON a.company_id = t.company_id AND a.id = t.service_account_id
WHERE t.company_id = $1 AND t.site_ids <@ $2 AND ($3::uuid IS NULL OR t.service_account_id = $3)
ORDER BY t.id DESC LIMIT 200
"""
_REVOKE = """
UPDATE api_token SET revoked_at = $3 WHERE company_id = $1 AND id = $2 AND revoked_at IS NULL AND site_ids <@ $4
"""
_INSERT = """
INSERT INTO api_token (company_id, id, name, secret_hash, permissions, all_sites, site_ids, created_by,
                       created_at, expires_at, service_account_id)
VALUES ($1, $2, $3, $4, $5, false, $6, $7, $8, $9, $10)
"""
_LOCK = """
SELECT name, permissions, site_ids, service_account_id, created_at, expires_at FROM api_token
WHERE company_id = $1 AND id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3) AND site_ids <@ $4
FOR UPDATE
"""
_END = "UPDATE api_token SET expires_at = least(expires_at, $3) WHERE company_id = $1 AND id = $2"


async def issue(work: Work, new: NewApiToken) -> tuple[UUID, str]:
    """The new token's id and its text, to be shown this once.

    Raises Invalid naming what is more than one has, Forbidden where a token asks: only people issue them.
    """
    only_people(work)
    wrong = lacking(work, new.permissions)
    if not new.permissions:
        wrong = [FieldError("permissions", "Choose at least one permission.")]
    wrong += check_sites(work, new.site_ids)
    if wrong:
        raise Invalid(fields=wrong)
    return await store(work, new.name, new.permissions, new.site_ids, new.expires_at)


async def store(
    work: Work,
    name: str,
    permissions: Sequence[str],
    site_ids: Sequence[UUID],
    expires_at: datetime | None,
    *,
    service_account_id: UUID | None = None,
) -> tuple[UUID, str]:
    """A new token of what was found to be grantable. Raises Invalid for its name and its end."""
    if not 1 <= len(name.strip()) <= NAME:
        raise Invalid.field(
            "name", "Give the token a name of up to {maximum} characters that says who uses it.", maximum=NAME
        )
    if expires_at is not None and expires_at <= work.now:
        raise Invalid.field("expires_at", "Choose a date in the future.")
    token_id = new_id()
    text, secret_hash = make_stored(API_TOKEN, work.ctx.company_id, token_id)
    await work.uow.execute(
        _INSERT,
        work.ctx.company_id,
        token_id,
        name.strip(),
        secret_hash,
        sorted({*permissions}),
        site_ids,
        work.ctx.actor.id,
        work.now,
        expires_at,
        service_account_id,
    )
    work.audit("token.issued", "api_token", token_id, {"name": name.strip(), "permissions": sorted({*permissions})})
    return token_id, text


async def list_tokens(work: Work, service_account_id: UUID | None = None) -> list[ApiToken]:
    """The company's tokens, or those of an account, for no other sites than the actor may enter, the newest first."""
    return await work.uow.fetch(ApiToken, _LIST, work.ctx.company_id, list(work.ctx.site_ids), service_account_id)


async def revoke(work: Work, token_id: UUID) -> None:
    """From the commit on the token is worth nothing. Raises NotFound, also where it reaches further than the actor."""
    if not await work.uow.execute(_REVOKE, work.ctx.company_id, token_id, work.now, list(work.ctx.site_ids)):
        raise NotFound
    work.audit("token.revoked", "api_token", token_id)
    work.announce("access", None)


async def rotate(work: Work, token_id: UUID, rotation: Rotation) -> tuple[UUID, str]:
    """A successor that may do the same for as long, issued by the actor; the former one ends after the overlap.

    The successor's id and text, to be shown this once. Raises NotFound, Forbidden where a token asks, and Conflict
    where the token may do what the actor may not (AZ-4).
    """
    sites = list(work.ctx.site_ids)
    found = await work.uow.fetch_one(_Rotated, _LOCK, work.ctx.company_id, token_id, work.now, sites)
    if found is None:
        raise NotFound
    only_people(work)
    if lacking(work, found.permissions):
        raise Conflict("The token may do what you may not. Somebody who may has to renew it.")
    lasts = found.expires_at - found.created_at if found.expires_at else None
    successor = await store(
        work,
        found.name,
        found.permissions,
        found.site_ids,
        work.now + lasts if lasts else None,
        service_account_id=found.service_account_id,
    )
    ends_at = work.now + timedelta(hours=rotation.overlap_hours)
    await work.uow.execute(_END, work.ctx.company_id, token_id, ends_at)
    work.audit("token.rotated", "api_token", token_id, {"successor": str(successor[0]), "ends_at": ends_at})
    work.announce("access", None)
    return successor


def only_people(work: Work) -> None:
    """Raises Forbidden for tokens: they issue none, and make no accounts."""
    if work.ctx.actor.kind != "person":
        raise Forbidden("Only people issue API tokens.")


def check_sites(work: Work, site_ids: Sequence[UUID]) -> list[FieldError]:
    """What is wrong with these sites as a reach that the actor gives."""
    if not site_ids:
        return [FieldError("site_ids", "Choose at least one site.")]
    if {*site_ids} - work.ctx.site_ids:
        return [FieldError("site_ids", "There is no such site.")]
    return []
