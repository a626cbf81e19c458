"""Who acts, for which company, on which sites: the context every service receives explicitly."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec


class Actor(msgspec.Struct, frozen=True):
    """Who acts. `kind` is person, token (an API token) or system (a job). `id` is the membership or token id;
    `issuer_id` the member who issued the token."""

    kind: str
    id: UUID | None
    name: str
    issuer_id: UUID | None = None

    @property
    def member_id(self) -> UUID | None:
        """Whose eyes it sees with: a token shows nothing that is kept from whoever issued it. None: the system."""
        return self.id if self.kind == "person" else self.issuer_id


SYSTEM = Actor("system", None, "system")


class TenantContext(msgspec.Struct, frozen=True):
    """`site_ids` are the sites the actor may touch; `permissions` what the actor may do there. `areas` are the
    buildings that the actor is confined to, by site; at a site that is not among them, it is the whole site."""

    company_id: UUID
    site_ids: frozenset[UUID]
    actor: Actor
    permissions: frozenset[str] = frozenset()
    locale: str = "zh-CN"
    request_id: str = ""
    areas: Mapping[UUID, frozenset[str]] = {}
