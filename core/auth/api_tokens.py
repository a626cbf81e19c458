"""API tokens: issued once in plain text, stored as a hash, never stronger than who issued them (AZ-4)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from core.auth.principals import API_TOKEN
from core.auth.tokens import make_stored
from core.db.ids import new_id
from core.errors import Forbidden, Invalid, NotFound
from core.work import Work


class ApiToken(msgspec.Struct, frozen=True):
    """A token as listed; its text is never shown again. `created_by` is the issuer's name."""

    id: UUID
    name: str
    permissions: list[str]
    all_sites: bool
    site_ids: list[UUID]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class NewApiToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to issue: permissions and sites must be among the issuer's own."""

    name: str
    permissions: list[str]
    site_ids: list[UUID]
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


NAME = 80  # characters
# Whoever may enter some sites only has no say over tokens that reach further.
_LIST = """
SELECT t.id, t.name, t.permissions, t.all_sites, t.site_ids, m.name, t.created_at, t.expires_at, t.revoked_at
FROM api_token t JOIN membership m ON m.company_id = t.company_id AND m.id = t.created_by
WHERE t.company_id = $1 AND t.site_ids <@ $2 ORDER BY t.id DESC LIMIT 200
"""
_REVOKE = """
UPDATE api_token SET revoked_at = $3 WHERE company_id = $1 AND id = $2 AND revoked_at IS NULL AND site_ids <@ $4
"""
_INSERT = """
INSERT INTO api_token (company_id, id, name, secret_hash, permissions, all_sites, site_ids, created_by,
                       created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, false, $6, $7, $8, $9)
"""


async def issue(work: Work, new: NewApiToken) -> tuple[UUID, str]:
    """The new token's id and its text, to be shown this once.

    Raises Invalid naming what is more than one has, Forbidden where a token asks: only people issue them.
    """
    if work.ctx.actor.kind != "person":
        raise Forbidden("Only people issue API tokens.")
    if not 1 <= len(new.name.strip()) <= NAME:
        raise Invalid.field(
            "name", "Give the token a name of up to {maximum} characters that says who uses it.", maximum=NAME
        )
    if not new.permissions:
        raise Invalid.field("permissions", "Choose at least one permission.")
    if extra := set(new.permissions) - work.ctx.permissions:
        raise Invalid.field("permissions", "You cannot grant what you lack: {extra}.", extra=", ".join(sorted(extra)))
    if not new.site_ids:
        raise Invalid.field("site_ids", "Choose at least one site.")
    if set(new.site_ids) - work.ctx.site_ids:
        raise Invalid.field("site_ids", "There is no such site.")
    if new.expires_at is not None and new.expires_at <= work.now:
        raise Invalid.field("expires_at", "Choose a date in the future.")
    token_id = new_id()
    text, secret_hash = make_stored(API_TOKEN, work.ctx.company_id, token_id)
    await work.uow.execute(
        _INSERT,
        work.ctx.company_id,
        token_id,
        new.name.strip(),
        secret_hash,
        sorted(new.permissions),
        new.site_ids,
        work.ctx.actor.id,
        work.now,
        new.expires_at,
    )
    work.audit("token.issued", "api_token", token_id, {"name": new.name, "permissions": sorted(new.permissions)})
    return token_id, text


async def list_tokens(work: Work) -> list[ApiToken]:
    """The company's tokens for no other sites than the actor may enter, the newest first."""
    return await work.uow.fetch(ApiToken, _LIST, work.ctx.company_id, list(work.ctx.site_ids))


async def revoke(work: Work, token_id: UUID) -> None:
    """From the commit on the token is worth nothing. Raises NotFound, also where it reaches further than the actor."""
    if not await work.uow.execute(_REVOKE, work.ctx.company_id, token_id, work.now, list(work.ctx.site_ids)):
        raise NotFound
    work.audit("token.revoked", "api_token", token_id)
    work.announce("access", None)
