"""The operator's realm as a tenant: an id that no company can have, and the key everything in it is signed by."""

from __future__ import annotations

import hmac
from typing import Final
from uuid import UUID

from core.tenancy.context import Actor, TenantContext

# Companies' ids are of version 5 (core/db/ids.py), so none of them can be this one.
REALM: Final = UUID("0193f000-0000-7000-8000-6f7065726174")
NAME: Final = "Lodge 运维"  # what authenticator apps call it
KIND: Final = "operator"  # of actors: also of those who have entered a company


def realm_secret(secret: bytes) -> bytes:
    """What passes, links and forms of the realm are signed with: nothing signed for a company's people opens it."""
    return hmac.digest(secret, b"lodge operator realm 1", "sha256")


def context(actor: Actor, request_id: str = "") -> TenantContext:
    """The realm as a tenant; `request_id` is '' outside of requests."""
    return TenantContext(REALM, frozenset(), actor, request_id=request_id)
